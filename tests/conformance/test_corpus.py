"""Real flows validate, and run to their end in a made-up world."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance import corpus
from tests.conformance.data import CORPUS, MISSING
from tests.conformance.reads import grown, reads

PROGRAM = Path(__file__).with_name("corpus.py")
MOST = 300  # flows, taken by the hash of their path, so that it is always the same ones
RETURN = "io.kestra.plugin.core.debug.Return"
FLOW = "id: {id}\nnamespace: company.team\ntasks:\n  - id: only\n    type: {type}\n"


def sample() -> list[str]:
    found = list(corpus.flow_files([str(CORPUS)]))
    by_hash = {
        hashlib.sha1(os.path.relpath(path, CORPUS).encode()).digest(): path for path in found
    }
    return [by_hash[key] for key in sorted(by_hash)[:MOST]]


def test_real_flows_validate_and_run() -> None:
    paths = sample() if CORPUS.is_dir() else []
    if not paths:
        pytest.skip(MISSING)
    found = corpus.tried(paths, [str(CORPUS)], 2)
    told = "\n".join(corpus.lines(paths, found))
    valid = sum(one.valid for one in found)
    assert valid >= 0.95 * len(found), told
    assert sum(one.runs for one in found) >= 0.85 * valid, told
    assert "a bug: " not in told
    assert "crashes" not in told
    assert "hangs" not in told


def test_the_program_tells_what_does_not_and_the_shares(tmp_path: Path) -> None:
    flows = {
        "runs": FLOW.format(id="runs", type=RETURN),
        "mocked": FLOW.format(id="mocked", type="io.kestra.plugin.aws.s3.Upload"),
        "says_so": FLOW.format(id="says-so", type="io.kestra.plugin.core.execution.Fail"),
        "fails": FLOW.format(id="fails", type=RETURN) + '    format: "{{ nothing }}"\n',
        "wrong": FLOW.format(id="wrong", type=RETURN) + "    formta: x\n",
        "no_flow": "id: no-flow\n",
        "no_yaml": "id: [\n",
    }
    for name, text in flows.items():
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    (tmp_path / "invalids").mkdir()
    (tmp_path / "invalids" / "refused.yaml").write_text(flows["wrong"], "utf-8")
    ended = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path), "--jobs", "1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.replace(f"{tmp_path}{os.sep}", "").splitlines() == [
        "fails.yaml: does not run: only (Return): Unable to find `nothing` used in the expression "
        "`{{ nothing }}` at line 1",
        "wrong.yaml: does not validate: 6: unknown property `formta`",
        "4 of 5 validate (80.0 %)",
        "3 of 4 run (75.0 %)",
    ]


@pytest.mark.parametrize(
    ("text", "outputs"),
    [
        ("{{ outputs.a.b.c }}", {"a": {"b": {"c": "made-up"}}}),
        ("{{ outputs['a-b'].size > 3 }}", {"a-b": {"size": 1}}),
        ("{{ outputs.a.rows[0].name }}", {"a": {"rows": [{"name": "made-up"}]}}),
        ("{{ outputs.a.day | date('yyyy') }}", {"a": {"day": "2024-01-01T10:00:00Z"}}),
        ("{% for one in outputs.a.all %}", {"a": {"all": []}}),
        ("{{ fromJson(outputs.a.body).b }}", {"a": {"body": '{"b": "made-up"}'}}),
        ("values: '{{ outputs.a.b }}'", {"a": {"b": '["one", "two"]'}}),
        ("{{ read(outputs.a.b) }}", {"a": {"b": "nsfile:///made-up.csv"}}),
        ("{{ a.outputs.b }} and my_outputs.c", "made-up"),
    ],
)
def test_outputs_are_made_up_by_what_is_read(text: str, outputs: object) -> None:
    assert grown([(one.path, one.value) for one in reads(text)]) == outputs
