import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.text import Entry, java_double, java_text, json_text, printed
from kestrel_cli.java.times import Instant

AT = datetime(2024, 3, 5, 14, 7, 0, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"), (-0.0, "-0.0"), (1.5, "1.5"), (100.0, "100.0"), (0.001, "0.001"),
        (0.00099, "9.9E-4"), (9999999.0, "9999999.0"), (1e7, "1.0E7"), (-2.5e-10, "-2.5E-10"),
        (123456789.125, "1.23456789125E8"), (math.inf, "Infinity"),
        (-math.inf, "-Infinity"), (math.nan, "NaN"),
    ],
)  # fmt: skip
def test_doubles_are_written_as_java_writes_them(number, text):
    assert java_double(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_double_reads_back_as_the_same_number(number):
    assert float(java_double(number)) == number


@pytest.mark.parametrize(
    ("value", "out", "java", "json"),
    [
        (None, "", "null", "null"),
        ("a", "a", "a", '"a"'),
        (True, "true", "true", "true"),
        (12, "12", "12", "12"),
        (1e10, "1.0E10", "1.0E10", "1.0E10"),
        ([1, None, "x"], '[1,null,"x"]', "[1, null, x]", '[1,null,"x"]'),
        ((), "[]", "[]", "[]"),
        ({}, "{}", "{}", "{}"),
        ({"a": 1, "n": None}, '{"a":1}', "{a=1, n=null}", '{"a":1}'),
        ({1: [2.0]}, '{"1":[2.0]}', "{1=[2.0]}", '{"1":[2.0]}'),
        (Decimal("1.10"), "1.10", "1.10", "1.10"),
        (Decimal("2E+3"), "2000", "2E+3", "2000"),
        (AT, "2024-03-05T14:07+02:00", "2024-03-05T14:07+02:00", '"2024-03-05T14:07:00+02:00"'),
        (date(2024, 3, 5), "2024-03-05", "2024-03-05", '"2024-03-05"'),
    ],
)
def test_each_value_has_three_text_forms(value, out, java, json):
    assert (printed(value), java_text(value), json_text(value)) == (out, java, json)


def test_instants_print_their_fraction_in_groups_of_three():
    base = Instant.of(datetime(2024, 3, 5, 14, 7, 9, tzinfo=UTC))
    assert printed(base) == "2024-03-05T14:07:09Z"
    assert printed(base.replace(microsecond=500_000)) == "2024-03-05T14:07:09.500Z"
    assert printed([base.replace(microsecond=1)]) == '["2024-03-05T14:07:09.000001Z"]'


def test_a_region_is_printed_but_kept_out_of_json():
    there = AT.astimezone(ZoneInfo("Europe/Paris"))
    assert printed(there) == "2024-03-05T13:07+01:00[Europe/Paris]"
    assert json_text(there) == '"2024-03-05T13:07:00+01:00"'


def test_json_keeps_unicode_and_escapes_control_characters_in_upper_case():
    assert json_text("é/<\x1f\n") == '"é/<\\u001F\\n"'
    assert json_text({"k\x0e": 1.5}) == '{"k\\u000E":1.5}'


def test_infinities_are_quoted_in_json():
    assert json_text([math.inf, math.nan]) == '["Infinity","NaN"]'


def test_what_is_no_plain_data_prints_as_a_fixed_text():
    assert printed(object()) == java_text(object()) == "[object]"
    assert json_text([object()]) == '["[object]"]'


@pytest.mark.parametrize("form", [printed, java_text, json_text])
def test_nesting_without_end_is_an_error_and_no_crash(form):
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(RenderError, match="100 levels"):
        form(loop)
    with pytest.raises(RenderError, match="100 levels"):
        form({"a": {"b": loop}})


@pytest.mark.parametrize("form", [printed, java_text, json_text])
def test_text_beyond_the_limit_is_refused_before_it_is_built(form):
    wide: list[object] = ["x" * 1000] * 100
    for _ in range(3):
        wide = [wide] * 20
    with pytest.raises(RenderError, match="10000000"):
        form(wide)
    with pytest.raises(RenderError, match="10000000"):
        form([1.5, wide])


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


def without_null_entries(value):
    if isinstance(value, dict):
        return {key: without_null_entries(item) for key, item in value.items() if item is not None}
    return [without_null_entries(item) for item in value] if isinstance(value, list) else value


@given(PLAIN)
def test_json_reads_back_as_the_value_without_null_entries(value):
    import json

    assert json.loads(json_text(value)) == without_null_entries(value)


@given(PLAIN)
def test_both_ways_of_writing_json_agree(value):
    # A float sends the writer the slow way.
    assert json_text([value, 0.5]) == "[" + json_text(value) + ",0.5]"


def test_an_entry_of_a_map_is_its_key_and_value():
    assert printed(Entry("a", 1)) == "a=1"
    assert printed(Entry("a", {"b": [None]})) == "a={b=[null]}"
