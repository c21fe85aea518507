import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.reach import ReachingContext
from tests.support.tables import converted, counted, rows_at

TYPE = "csv.CsvToIon"


def rows(ctx, content, **properties):
    return rows_at(ctx, converted(ctx, TYPE, content, **properties)["uri"])


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path)


def test_a_header_makes_maps(ctx):
    text = 'id,name,"a ""b"""\r\n1,Ann,"x,\ny"\r\n2,,\\N\r\n'
    assert rows(ctx, text) == [
        {"id": "1", "name": "Ann", 'a "b"': "x,\ny"},
        {"id": "2", "name": "", 'a "b"': None},
    ]
    assert counted(ctx, "records") == 2


def test_without_a_header_rows_are_lists(ctx):
    assert rows(ctx, "a,b\n1\n", header=False) == [["a", "b"], ["1"]]


def test_separators_charset_and_mark(ctx):
    text = "é;'b;c'\n".encode("utf-16")
    options = {"fieldSeparator": ";", "textDelimiter": "'", "charset": "UTF-16"}
    assert rows(ctx, text, header=False, **options) == [["é", "b;c"]]
    assert rows(ctx, "\ufeffid\n1\n") == [{"id": "1"}]


def test_rows_before_the_header_are_skipped(ctx):
    assert rows(ctx, 'title\n"two\nlines"\nid\n7\n', skipRows=2) == [{"id": "7"}]


def test_empty_rows_are_skipped_or_bad(ctx):
    assert rows(ctx, "a,b\n\n1,2\n\n", skipEmptyRows=True) == [{"a": "1", "b": "2"}]
    assert rows(ctx, "a\n\n", header=False) == [["a"], [""]]
    with pytest.raises(TaskFailed, match="Expected 2, got 1 fields, at line 2"):
        rows(ctx, "a,b\n\n1,2\n")


@pytest.mark.parametrize("bad", ["1\n", "1,2,3\n", '"x"y,2\n'])
def test_bad_lines_are_an_error_a_warning_or_nothing(ctx, bad):
    text = f"a,b\n0,0\n{bad}3,4\n"
    with pytest.raises(TaskFailed, match=r"Bad line encountered.*at line 3"):
        rows(ctx, text)
    kept = [{"a": "0", "b": "0"}, {"a": "3", "b": "4"}]
    assert rows(ctx, text, onBadLines="SKIP") == kept
    assert ctx.logs == []
    assert rows(ctx, text, onBadLines="WARN") == kept
    assert [level for level, _ in ctx.logs] == ["WARN"]


def test_the_older_property_lets_lines_have_any_number_of_fields(ctx):
    text = "a,b\n1\n1,2,3\n"
    assert rows(ctx, text, errorOnDifferentFieldCount=False) == [
        {"a": "1", "b": None},
        {"a": "1", "b": "2"},
    ]
    with pytest.raises(TaskFailed):
        rows(ctx, text, errorOnDifferentFieldCount=True)


def test_unnamed_columns_are_dropped_at_the_end_or_named(ctx):
    text = "a,,b,\n1,2,3,4\n"
    assert rows(ctx, text) == [{"a": "1", "": "2", "b": "3"}]
    assert rows(ctx, text, onEmptyHeader="RENAME") == [
        {"a": "1", "col_1": "2", "b": "3", "col_3": "4"}
    ]


def test_text_after_a_closing_quote_can_be_allowed(ctx):
    assert rows(ctx, '"x"y\n', header=False, allowExtraCharsAfterClosingQuote=True) == [["xy"]]


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"fieldSeparator": ";;"}, "`fieldSeparator` must be one character"),
        ({"charset": "klingon"}, "`klingon` is no known charset"),
        ({"maxFieldSize": 3}, "longer than maxFieldSize, at line 2"),
        ({"maxBufferSize": 3}, "line 2 is longer than maxBufferSize"),
        ({"onBadLines": "<x>"}, "must be one of ERROR, WARN, SKIP"),
    ],
)
def test_what_the_user_got_wrong(tmp_path, properties, said):
    with pytest.raises(TaskFailed, match=said):
        rows(ReachingContext(tmp_path, {"x": "MAYBE"}), "a\nlonger\n", **properties)


def test_an_empty_file_has_no_rows(ctx):
    assert rows(ctx, "") == []
    assert counted(ctx, "records") == 0
