"""Real flows validate, and walk in a rehearsal."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance import corpus
from tests.conformance.data import CORPUS, MISSING

PROGRAM = Path(__file__).with_name("corpus.py")
MOST = 200  # flows, taken by the hash of their path, so that it is always the same ones
RETURN = "io.kestra.plugin.core.debug.Return"
FLOW = "id: {id}\nnamespace: company.team\ntasks:\n  - id: only\n    type: {type}\n"


def sample() -> list[str]:
    found = list(corpus.flow_files([str(CORPUS)]))
    by_hash = {
        hashlib.sha1(os.path.relpath(path, CORPUS).encode()).digest(): path for path in found
    }
    return [by_hash[key] for key in sorted(by_hash)[:MOST]]


def test_real_flows_validate_and_walk() -> None:
    paths = sample() if CORPUS.is_dir() else []
    if not paths:
        pytest.skip(MISSING)
    found = corpus.rehearsed(paths)
    told = "\n".join(corpus.lines(found))
    walked = found["rehearsals"]
    assert len(walked) >= 0.95 * len(paths), told
    assert sum(one["walks"] for one in walked) >= 0.9 * len(walked), (
        told
    )  # most of the others are made to fail


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
        [sys.executable, str(PROGRAM), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.replace(f"{tmp_path}{os.sep}", "").splitlines() == [
        "wrong.yaml: does not validate: unknown property `formta`",
        "fails.yaml: does not walk: 6: Unable to find `nothing` used in the expression "
        "`{{ nothing }}` at line 1",
        "4 of 5 validate (80.0 %)",
        "3 of 4 walk (75.0 %)",
    ]
