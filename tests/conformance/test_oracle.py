"""Each flow that a real Kestra ran is run here, and has to end in the same execution."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.data import CORPUS, FOLDER, MISSING
from tests.conformance.oracle import Row, made_equal, rows
from tests.conformance.oracle_table import DIFFER
from tests.support.quick_time import skip_waits

ROWS = FOLDER / "oracle.jsonl"
FOUND = rows(ROWS, CORPUS) if ROWS.is_file() and CORPUS.is_dir() else []


@pytest.fixture
def in_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The rows' engine had this time zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def params() -> Iterator[object]:
    for row in FOUND:
        excuse = DIFFER.get(row.name)
        marks = []
        if excuse is not None and not excuse.facts:
            marks = [pytest.mark.skip(reason=excuse.reason)]
        yield pytest.param(row, id=row.name, marks=marks)


@pytest.mark.parametrize("row", list(params()))
def test_the_execution_is_the_one_that_kestra_made(
    row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_greenwich: None
) -> None:
    skip_waits(monkeypatch)
    may_differ = DIFFER[row.name].facts if row.name in DIFFER else ()
    found = [one for one in row.differences(tmp_path) if one[0] not in may_differ]
    assert not found


def test_there_are_rows() -> None:
    if not FOUND:
        pytest.skip(MISSING)
    assert len(FOUND) > 300


def test_every_name_of_the_table_is_a_row() -> None:
    if not FOUND:
        pytest.skip(MISSING)
    assert not {*DIFFER} - {row.name for row in FOUND}


def test_what_no_two_runs_have_in_common_is_made_equal() -> None:
    told = {
        "id": "4LsQ0PrkF2rnwXUVKqMqPn at 2026-11-28T10:00:00.123Z took PT1.5S",
        "uri": "kestra:///company/team/one.txt",
        "n": [2.0, 2.5],
    }
    assert made_equal(told) == {
        "id": "<id> at <date> took <dur>",
        "uri": "kestra:///<uri>",
        "n": [2, 2.5],
    }
