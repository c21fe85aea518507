"""Each row of expressions.jsonl is a test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance import expressions
from tests.conformance.data import FOLDER, MISSING

ROWS = FOLDER / "expressions.jsonl"
FOUND = list(expressions.rows(ROWS)) if ROWS.is_file() else []


@pytest.mark.parametrize("row", FOUND, ids=lambda row: row["id"])
def test_the_expression_gives_what_kestra_gives(row) -> None:
    if reason := expressions.reason_to_skip(row):
        pytest.skip(reason)
    problem = expressions.check(row)
    assert problem is None, f"{row['expr']!r}: expected {problem[0]}, got {problem[1]}"


def test_there_are_rows() -> None:
    if not FOUND:
        pytest.skip(MISSING)
    assert len(FOUND) > 1000


def test_the_program_prints_failing_rows_then_skipped_ones_then_the_counts(tmp_path: Path) -> None:
    lines = [
        {"id": "good", "expr": "{{ a + 1 }}", "context": {"a": 1}, "expect": "2"},
        {"id": "bad", "expr": "{{ a }}", "context": {"a": 1}, "expect": "2"},
        {"id": "fails", "expr": "{{ b }}", "context": {}, "error": "Unable to find `b`"},
        {"id": "java", "expr": "{{ 1 }}", "context": {}, "expect": "", "needs": "java-methods"},
    ]
    rows = tmp_path / "rows.jsonl"
    rows.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    ended = subprocess.run(
        [sys.executable, expressions.__file__, str(rows)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (1, "")
    failing, skipped, counts = ended.stdout.splitlines()
    assert failing == "bad: '{{ a }}': expected '2', got '1'"
    assert skipped == "skipped java: values have no Java methods here"
    assert counts == "2 passed, 1 failed, 1 skipped"
