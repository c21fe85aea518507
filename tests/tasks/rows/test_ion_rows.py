import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.errors import TaskFailed
from kestrel_cli.expressions.ion import read_all, write
from kestrel_cli.java.times import Instant
from kestrel_cli.tasks.rows.ion_rows import new_rows, read_rows, row_bytes
from tests.support.reach import ReachingContext
from tests.support.tables import rows_at

TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT | st.binary()
    | st.dates() | st.decimals(-(10**9), 10**9, places=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def read(text):
    return list(read_rows(io.BytesIO(text if isinstance(text, bytes) else text.encode())))


@given(st.lists(VALUES, max_size=4))
def test_what_is_written_reads_back(values):
    assert read(b"".join(map(row_bytes, values))) == values


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_a_map_on_a_line_is_read_as_the_reader_of_expressions_reads_it(row):
    text = row_bytes(row).decode()
    assert read(text) == read_all(text)


def test_fields_of_every_kind_on_one_line():
    text = (
        """{a:"x", 'b c':1,"d":1.50, e:1.5e0,f:null,g:true,h:2031-11-02,i:2031-11-02T01:02:03Z}"""
    )
    assert read(text) == [
        {
            "a": "x", "b c": 1, "d": Decimal("1.50"), "e": 1.5, "f": None, "g": True,
            "h": date(2031, 11, 2), "i": datetime(2031, 11, 2, 1, 2, 3, tzinfo=UTC),
        }
    ]  # fmt: skip
    assert type(read(text)[0]["i"]) is Instant


def test_json_lines_are_rows():
    assert read('{"a":1,"b":[1,{"c":"\\"x"}]}\r\n\n{"a":2}') == [
        {"a": 1, "b": [1, {"c": '"x'}]},
        {"a": 2},
    ]


def test_values_may_go_over_lines_and_share_one():
    text = """
    $ion_1_0 // { a comment
    /* {
    */ {a: 1,
      b: '''x
    }''', c: {{ aGk=
    }}, d: [1,
      2]} {x: "}"} 5
    (a {b: 2}) 'it''s' [
    ]
    """
    first, *others = read(text)
    assert first == {"a": 1, "b": "x\n    }", "c": b"hi", "d": [1, 2]}
    assert others[:3] == [{"x": "}"}, 5, ["a", {"b": 2}]]
    assert others[-1] == []


def test_annotations_are_dropped_or_kept():
    text = b'{a:x::y::1,b:base64::"aGk="}\n'
    assert read(text) == [{"a": 1, "b": "aGk="}]
    kept = list(read_rows(io.BytesIO(text), annotations=True))
    assert kept == [
        {
            "a": {"ion_annotations": ["x", "y"], "value": 1},
            "b": {"ion_annotations": ["base64"], "value": "aGk="},
        }
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{a:1}\n{a:}\n", "Invalid Ion text at line 2"),
        ("{a:1}\n{a:[\n1,\n;]}\n", "Invalid Ion text at line 4"),
        ("{a:1\n", "Invalid Ion text at line 2: expected"),
        ("{a:1}}\n", "Invalid Ion text at line 1: unexpected '}'"),
        ('"abc\n', "a string is not closed"),
        (b"{a:1}\n\xff\n", "no UTF-8 text"),
        (b"\xe0\x01\x00\xea\x8a", "binary form"),
        ("[" * 200 + "]" * 200, "nested deeper"),
    ],
)
def test_what_is_no_ion_text_is_an_error_that_names_the_line(text, said):
    with pytest.raises(TaskFailed, match=said.replace("[", r"\[")):
        read(text)


def test_rows_are_read_one_by_one():
    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            buffer[:] = (b"{a:1}\n" * len(buffer))[: len(buffer)]
            return len(buffer)

    rows = read_rows(io.BufferedReader(Endless()))
    assert [next(rows) for _ in range(3)] == [{"a": 1}] * 3


def test_a_row_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("kestrel_cli.tasks.rows.ion_rows.MAX_TEXT", 100)
    with pytest.raises(TaskFailed, match="row at line 2 is longer"):
        read("{a:1}\n{a:[" + "1,\n" * 100 + "]}")


def test_a_new_file_counts_its_rows(tmp_path):
    ctx = ReachingContext(tmp_path)
    with new_rows(ctx) as rows:
        rows.add({"a": 1})
        rows.add(["x"])
    assert rows.count == 2
    assert rows.uri.endswith(".ion")
    assert rows_at(ctx, rows.uri) == [{"a": 1}, ["x"]]


def test_a_row_that_nests_too_deep_is_an_error():
    deep = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(TaskFailed, match="a row can't be written"):
        row_bytes(deep)


@given(VALUES)
def test_a_row_is_written_as_the_writer_of_expressions_writes_it(value):
    assert row_bytes(value).decode() == write(value) + "\n"
