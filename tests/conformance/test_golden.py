"""Each fact of golden.jsonl is a test."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.data import CORPUS, FOLDER, MISSING
from tests.support.quick_time import skip_waits

PROGRAM = Path(__file__).with_name("golden.py")
ROWS = FOLDER / "golden.jsonl"


def program():
    """The program as a module; it is a script, so it stands on its own."""
    spec = importlib.util.spec_from_file_location("golden_program", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GOLDEN = program()
FOUND = list(GOLDEN.rows(ROWS, CORPUS)) if ROWS.is_file() and CORPUS.is_dir() else []


@pytest.mark.parametrize("row", FOUND, ids=lambda row: row.id)
def test_the_flow_does_what_kestra_does(row, monkeypatch: pytest.MonkeyPatch) -> None:
    skip_waits(monkeypatch)
    outcome, details = GOLDEN.verdict(row)
    if outcome == "skipped":
        pytest.skip(details[0])
    assert not details, row.path


def test_there_are_rows() -> None:
    if not FOUND:
        pytest.skip(MISSING)
    assert len(FOUND) > 200


FLOW = """
id: tiny
namespace: company.team
tasks:
  - id: only
    type: io.kestra.plugin.core.debug.Return
    format: "{{ 1 + 1 }}"
"""


def test_the_program_prints_failing_rows_then_skipped_ones_then_the_counts(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(FLOW, "utf-8")
    (tmp_path / "broken.yaml").write_text("id: x\n", "utf-8")
    wanted = {
        "good": {"state": "SUCCESS", "taskRuns": [{"taskId": "only", "outputs": {"value": "2"}}]},
        "bad": {"state": "FAILED", "taskRunCount": 3},
        "refused": {"invalid": {"contains": ["tasks"]}},
        "later": {"state": "SUCCESS"},
    }
    lines = [
        {
            "id": name,
            "flow": "broken.yaml" if name == "refused" else "tiny.yaml",
            "kind": "validate" if name == "refused" else "run",
            "inputs": {},
            "assert": facts,
            "testOnlyTypes": ["io.kestra.core.tasks.test.Read"] if name == "later" else [],
        }
        for name, facts in wanted.items()
    ]
    rows = tmp_path / "rows.jsonl"
    rows.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    ended = subprocess.run(
        [sys.executable, str(PROGRAM), str(rows), "--corpus", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (1, "")
    failing, skipped, counts = ended.stdout.splitlines()
    assert failing.startswith("bad tiny.yaml: expected state FAILED, got SUCCESS []; ")
    assert "expected 3 task runs, got 1" in failing
    assert skipped.startswith("skipped later: ")
    assert counts == "2 passed, 1 failed, 1 skipped"


def test_the_program_says_how_it_is_used() -> None:
    ended = subprocess.run(
        [sys.executable, str(PROGRAM)], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 1
    assert ended.stderr == "usage: golden.py ROWS.jsonl --corpus DIR\n"
