import base64
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.ion import read_all, read_first, write, write_lines
from kestrel_cli.java.times import Instant

TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT | st.binary()
    | st.decimals(-(10**9), 10**9, places=3),
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)  # fmt: skip


@given(VALUES)
def test_what_is_written_reads_back(value):
    assert read_first(write(value)) == value


@given(st.lists(VALUES, max_size=4))
def test_one_value_stands_on_each_line(values):
    text = write_lines(values)
    assert len(text.split("\n")) == len(values) + 1
    assert read_all(text) == values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a b": 1, "null": None, "$x": [True]}, "{'a b':1,'null':null,$x:[true]}"),
        ([1.0, 1.5, 1e10, -0.0], "[1e0,1.5e0,1.0E10,-0e0]"),
        (Decimal("1.10"), "1.10"),
        (Decimal(7), "7."),
        ('"\n\x01é', '"\\"\\n\\x01é"'),
        (Instant.of(datetime(2031, 11, 2, 3, 4, 5, tzinfo=UTC)), "2031-11-02T03:04:05Z"),
        (date(2031, 11, 2), "2031-11-02"),
        (b"hi", "{{aGk=}}"),
    ],
)
def test_the_written_form(value, text):
    assert write(value) == text


def test_all_of_the_text_format_is_read():
    text = """
    $ion_1_0 // a comment
    $ion_symbol_table::{symbols:["x"]}
    note::deep::{a: 1, 'b c': -0x_1F, "d": 0b101,} /* another */
    [null.struct, true, nan, +inf, 1_000, 1.5, 1d3, 1.5e-2]
    (a + [1] 'q' -2)
    "esc \\t\\u00e9\\
continued" '''long ''' '''text''' {{ aG k= }} {{"text"}}
    2031T 2031-11-02 2031-11-02T03:04-00:00 2031-11-02T03:04:05.678+02:00
    """
    values = read_all(text.replace("0x_1F", "0x1F"))
    assert values[0] == {"a": 1, "b c": -31, "d": 5}
    assert values[1][4:] == [1000, Decimal("1.5"), Decimal("1e3"), 0.015]
    assert values[2:7] == [
        ["a", "+", [1], "q", -2],
        "esc \té" + "continued",
        "long text",
        b"hi",
        b"text",
    ]
    assert values[7:9] == [date(2031, 1, 1), date(2031, 11, 2)]
    assert values[9] == datetime(2031, 11, 2, 3, 4, tzinfo=UTC)
    assert values[10].isoformat() == "2031-11-02T03:04:05.678000+02:00"


@pytest.mark.parametrize(
    "bad",
    [
        "{", "[1", '"a', "'''a", "{{x", "{a}", "{1:2}", "[1 2]", "1a", "01", "\\", "2031-13-01T",
        '"\\q"', "{{!}}", "[" * 500, "1" * 5000, "1d99999999",
    ],
)  # fmt: skip
def test_broken_text_is_an_error(bad):
    with pytest.raises(RenderError):
        read_all(bad)


def test_nothing_reads_as_null():
    assert read_first("") is None
    assert read_first("$ion_1_0 // only a comment") is None


@given(VALUES)
def test_the_reference_implementation_reads_the_same(value):
    ion = pytest.importorskip("amazon.ion.simpleion", reason="amazon.ion is only an oracle")
    read = ion.loads(write(value), single_value=True)
    assert plain(read) == plain(value)


def plain(value):
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value)
    if "IonPyNull" in type(value).__name__:
        return None
    return bool(value) if "Bool" in type(value).__name__ else value
