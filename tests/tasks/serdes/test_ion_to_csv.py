from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.java.times import Instant
from tests.support.reach import ReachingContext
from tests.support.stored import content
from tests.support.tables import converted, counted, ion

TYPE = "csv.IonToCsv"
MOMENT = datetime(2031, 11, 2, 3, 4, 5, 600_000, UTC)


def written(ctx, *rows, **properties):
    return content(ctx, converted(ctx, TYPE, ion(*rows), **properties)["uri"])


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path)


def test_the_first_row_names_the_columns(ctx):
    rows = [{"a": "x", "b": None}, {"b": "y,z", "a": 'q"q'}, {"a": "1\n2"}]
    assert written(ctx, *rows) == 'a,b\nx,\n"q""q","y,z"\n"1\n2",\n'
    assert counted(ctx, "records") == 3


def test_values_are_written_as_java_writes_them(ctx):
    row = {
        "b": True, "f": 166.89, "big": 1e10, "d": Decimal("1.50"), "l": [1, None], "m": {"k": "v"},
        "blob": b"hi",
    }  # fmt: skip
    assert written(ctx, row, header=False) == 'true,166.89,1.0E10,1.50,"[1, null]",{k=v},aGk=\n'


def test_dates_are_written_in_their_patterns(ctx):
    paris = MOMENT.astimezone(ZoneInfo("Europe/Paris"))
    row = [Instant.of(MOMENT), paris, date(2031, 11, 2)]
    assert written(ctx, row, header=False) == (
        "2031-11-02T03:04:05.600Z,2031-11-02T03:04:05.600Z,2031-11-02\n"
    )
    patterns = {"dateFormat": "dd.MM.yy[XXX]", "dateTimeFormat": "HH:mm XXX"}
    assert written(ctx, row, header=False, timeZoneId="Europe/Paris", **patterns) == (
        "03:04 Z,04:04 +01:00,02.11.31\n"
    )


@pytest.mark.parametrize(
    ("properties", "line"),
    [
        ({}, "a,-1.5,,1a"),
        ({"quoteMode": "REQUIRED"}, "a,-1.5,,1a"),
        ({"alwaysDelimitText": True}, '"a","-1.5","","1a"'),
        ({"quoteMode": "ALWAYS", "alwaysDelimitText": False}, '"a","-1.5","","1a"'),
        ({"quoteMode": "NON_NUMERIC"}, '"a",-1.5,"","1a"'),
        ({"fieldSeparator": ";", "lineDelimiter": "\r\n"}, "a;-1.5;;1a\r"),
    ],
)
def test_quotes_and_separators(ctx, properties, line):
    assert written(ctx, ["a", -1.5, None, "1a"], header=False, **properties) == line + "\n"


def test_characters_that_the_charset_has_not_become_question_marks(ctx):
    assert written(ctx, ["aé€"], header=False, charset="US-ASCII") == "a??\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([[1]], "row 1 is a list, which has no header"),
        (["x"], "row 1 is neither a map nor a list"),
        ([{"a": 1}, {"b": 1}], "row 2 has the field `b`, which the first row has not"),
    ],
)
def test_rows_that_make_no_table(ctx, rows, said):
    with pytest.raises(TaskFailed, match=said):
        written(ctx, *rows)


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"dateFormat": "bb"}, "dateFormat: Unknown pattern letter: b"),
        ({"timeZoneId": "Mars"}, "timeZoneId: Unknown time-zone ID: Mars"),
        ({"textDelimiter": ""}, "`textDelimiter` must be one character"),
    ],
)
def test_what_the_user_got_wrong(ctx, properties, said):
    with pytest.raises(TaskFailed, match=said):
        written(ctx, {"a": 1}, **properties)
