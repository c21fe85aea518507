import io
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.errors import TaskFailed
from kestrel_cli.java.times import Instant
from kestrel_cli.tasks.serdes import json_files
from tests.support.reach import ReachingContext
from tests.support.stored import content
from tests.support.tables import converted, counted, ion, rows_at

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path)


def rows(ctx, text, **properties):
    return rows_at(ctx, converted(ctx, "json.JsonToIon", text, **properties)["uri"])


def written(ctx, *values, **properties):
    outputs = converted(ctx, "json.IonToJson", ion(*values), **properties)
    return content(ctx, outputs["uri"])


def test_each_line_is_a_row(ctx):
    assert rows(ctx, '{"a":1},\n\n[1.5,null]\r\n"x"') == [{"a": 1}, [1.5, None], "x"]
    assert counted(ctx, "records") == 3


def test_an_array_gives_a_row_for_each_element_and_another_value_one(ctx):
    assert rows(ctx, ' [ {"a": 1} , 2,"x" ]\n', newLine=False) == [{"a": 1}, 2, "x"]
    assert rows(ctx, '{"a": [1]}', newLine=False) == [{"a": [1]}]
    assert rows(ctx, "[]", newLine=False) == []


@given(st.lists(JSON), st.integers(1, 5))
def test_an_array_is_read_in_pieces_of_any_size(values, size):
    import json

    text = json.dumps(values, indent=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_files, "_CHUNK", size)
        assert list(json_files.elements(io.StringIO(text))) == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a":1}\n{"a":', "the line 2 is no JSON value"),
        ("[\n1]", "newLine: false"),
        ("{} {}", "line 1 is no JSON value: more than one value"),
        ("NaN", "NaN is not a JSON value"),
    ],
)
def test_a_line_that_is_no_json_is_an_error(ctx, text, said):
    with pytest.raises(TaskFailed, match=said):
        rows(ctx, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1 2]", "no `,` after element 1"),
        ("[1,", "element 2 is no JSON"),
        ("[1", "no `,` after element 1"),
        ("[1] 2", "more in it than one value"),
        ("", "the file is no JSON"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_an_array_that_is_none_is_an_error(ctx, text, said):
    with pytest.raises(TaskFailed, match=said):
        rows(ctx, text, newLine=False)


def test_rows_become_lines_with_their_nulls(ctx):
    assert written(ctx, {"a": None, "b": "é"}, [1, 1.5]) == '{"a":null,"b":"é"}\n[1,1.5]\n'
    assert counted(ctx, "records") == 2


def test_rows_become_one_array(ctx):
    assert written(ctx, {"a": 1}, 2, newLine=False) == '[{"a":1},2]'
    assert written(ctx, newLine=False) == "[]"


def test_dates_decimals_and_bytes(ctx):
    moment = datetime(2031, 11, 2, 3, 4, 5, tzinfo=UTC)
    row = [
        Instant.of(moment), moment.astimezone(ZoneInfo("Asia/Tokyo")), date(2031, 11, 2),
        Decimal("1.50"), b"hi", 1e10,
    ]  # fmt: skip
    assert written(ctx, row, timeZoneId="Europe/Paris") == (
        '["2031-11-02T03:04:05Z","2031-11-02T04:04:05+01:00","2031-11-02",1.50,"aGk=",1.0E10]\n'
    )


def test_annotations_are_kept_when_asked_for(ctx):
    outputs = converted(ctx, "json.IonToJson", "{a:x::1}", shouldKeepAnnotations=True)
    assert content(ctx, outputs["uri"]) == '{"a":{"ion_annotations":["x"],"value":1}}\n'


def test_files_are_named_for_what_is_in_them(ctx):
    assert converted(ctx, "json.IonToJson", "{}")["uri"].endswith(".jsonl")
    assert converted(ctx, "json.IonToJson", "{}", newLine=False)["uri"].endswith(".json")
