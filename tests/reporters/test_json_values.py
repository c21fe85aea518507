import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.model.duration import Duration
from kestrel_cli.reporters.json_values import (
    Layout,
    Values,
    clipped_json,
    compact_json,
    quote_for,
    quoted,
)

TEXT = st.text(st.one_of(st.characters(), st.integers(0xD800, 0xDFFF).map(chr)))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
DATA = st.recursive(SCALARS, lambda d: st.lists(d) | st.dictionaries(TEXT, d), max_leaves=20)
FINITE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="ascii")),
    lambda d: st.lists(d) | st.dictionaries(st.text(st.characters(codec="ascii")), d),
    max_leaves=20,
)  # fmt: skip


class Colour(StrEnum):
    RED = "red"


class Size(IntEnum):
    BIG = 3


@given(FINITE, st.sampled_from([0, 1, 2, 4]))
def test_the_text_is_that_of_the_standard_library(value, indent):
    text = Values(Layout(indent)).text(value)
    assert text.replace("\\u007f", "\x7f") == json.dumps(value, indent=indent, ensure_ascii=False)


@given(DATA)
def test_any_data_comes_back_from_valid_json_in_any_encoding(value):
    for quote in (quoted, quote_for(_ascii_stream())):
        text = Values(Layout(2), quote).text(value)
        text.encode("utf-8")
        if "Infinity" not in text:
            assert _paired(json.loads(text, parse_constant=_refuse)) == _paired(value)
    text.encode("ascii")


def _paired(value):
    """Two surrogates in a row are one character to every JSON reader."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        case dict():
            return {_paired(key): _paired(item) for key, item in value.items()}
        case list():
            return [_paired(item) for item in value]
    return value


def _refuse(constant):
    raise AssertionError(constant)


def _ascii_stream():
    class Ascii(StringIO):
        encoding = "ascii"

    return Ascii()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ([], "[]"),
        ((1, "a"), '[1,"a"]'),
        ({"a": {}, "b": []}, '{"a":{},"b":[]}'),
        ({1: True, None: 2, False: 3.0}, '{"1":true,"null":2,"false":3.0}'),
        (math.nan, '"NaN"'),
        ([math.inf, -math.inf], '["Infinity","-Infinity"]'),
        (1e22, "1e+22"),
        (-0.0, "-0.0"),
        (Duration.parse("PT1M"), '"PT1M"'),
        (Colour.RED, '"red"'),
        (Size.BIG, "3"),
        ({"c": Colour.RED}, '{"c":"red"}'),
        (date(2024, 3, 5), '"2024-03-05"'),
        (datetime(2024, 3, 5, 1, 2, 3, tzinfo=UTC), '"2024-03-05T01:02:03Z"'),
        (Decimal("1.10"), "1.10"),
        (b"\x00\x01", '"AAE="'),
        ({1, 2}, '"[object]"'),
        (object(), '"[object]"'),
    ],
)
def test_every_kind_of_value_has_a_text(value, text):
    assert compact_json(value) == text
    json.loads(text)


def test_a_number_too_long_for_decimal_digits_is_hexadecimal_text():
    assert compact_json([1 << 20_000]) == f'["0x1{"0" * 5000}"]'


def test_what_acts_on_terminals_is_escaped():
    assert quoted("\x1b[2J \x9b \u202e \udc80 \x7fé") == r'"\u001b[2J \u009b \u202e \udc80 \u007fé"'


def test_deep_values_need_no_stack():
    value: object = "x"
    for _ in range(9000):
        value = [{"a": value}]
    text = Values(Layout(2)).text(value)
    assert text.count("[") == 9000
    assert '"x"' in text
    assert max(map(len, text.split("\n"))) < 120  # the indentation stops growing


def test_a_cycle_ends():
    value: list[object] = []
    value.append(value)
    assert '"[nested too deep]"' in compact_json(value)


def test_clipping_stops_early():
    assert clipped_json({"a": 1}, 100) == ('{"a":1}', True)
    endless = [0] * 10_000_000
    text, whole = clipped_json({"a": endless}, 10)
    assert (text, whole) == ('{"a":[0,0,', False)
