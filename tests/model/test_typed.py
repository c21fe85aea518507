import struct
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.typed import FORMS, TYPES, as_text, choices, typed

GOOD = [
    ("STRING", "text", "text"),
    ("STRING", "", ""),
    ("STRING", True, "true"),
    ("STRING", 42, "42"),
    ("STRING", ["a", 1, None], "[a, 1, null]"),
    ("STRING", {"a": {"b": False}}, "{a={b=false}}"),
    ("STRING", date(2019, 10, 6), "2019-10-06"),
    ("SELECT", 1, "1"),
    ("ENUM", "A", "A"),
    ("EMAIL", "a@b", "a@b"),
    ("SECRET", "s3cret", "s3cret"),
    ("FILE", "a/b.csv", "a/b.csv"),
    ("INT", "42", 42),
    ("INT", 42, 42),
    ("INT", "+42", 42),
    ("INT", "-2147483648", -2147483648),
    ("INT", "00000000000000042", 42),
    ("FLOAT", "42.42", 42.42),
    ("FLOAT", 42, 42.0),
    ("FLOAT", " 4 ", 4.0),
    ("FLOAT", "1e3", 1000.0),
    ("FLOAT", "1.5f", 1.5),
    ("FLOAT", ".5", 0.5),
    ("FLOAT", "0.1234567890123", 0.12345679),
    ("FLOAT", "123456789", 123456790.0),
    ("BOOL", "true", True),
    ("BOOL", "TRUE", True),
    ("BOOL", "yes", False),
    ("BOOL", 1, False),
    ("BOOLEAN", True, True),
    ("BOOLEAN", "", False),
    ("DATE", "2019-10-06", "2019-10-06"),
    ("DATE", date(2019, 10, 6), "2019-10-06"),
    ("DATETIME", "2019-10-06T18:27:49Z", "2019-10-06T18:27:49Z"),
    ("DATETIME", datetime(2019, 10, 6, 18, 27, 49, tzinfo=UTC), "2019-10-06T18:27:49Z"),
    ("DATETIME", datetime(2019, 10, 6, 18, 27, 49), "2019-10-06T18:27:49Z"),  # noqa: DTZ001
    ("TIME", "18:27", "18:27"),
    ("TIME", "18:27:49", "18:27:49"),
    ("DURATION", "PT5M6S", "PT5M6S"),
    ("DURATION", "P1D", "PT24H"),
    ("DURATION", 306, "PT5M6S"),
    ("DURATION", Duration.parse("PT5M6S"), "PT5M6S"),
    ("JSON", '{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
    ("JSON", "{}", {}),
    ("JSON", {"a": 1}, {"a": 1}),
    ("JSON", 7, 7),
    ("JSON", "null", None),
    ("YAML", ["a"], ["a"]),
    ("URI", "https://www.google.com", "https://www.google.com"),
    ("URI", "mailto:x", "mailto:x"),
    ("ARRAY", '["a", 1]', ["a", 1]),
    ("ARRAY", ("a",), ["a"]),
    ("MULTISELECT", ["A"], ["A"]),
]
BAD = [
    ("INT", "abc", 'For input string: "abc"'),
    ("INT", "", 'For input string: ""'),
    ("INT", "42.0", 'For input string: "42.0"'),
    ("INT", 42.0, 'For input string: "42.0"'),
    ("INT", True, 'For input string: "true"'),
    ("INT", " 4", 'For input string: " 4"'),
    ("INT", "1_0", 'For input string: "1_0"'),
    ("INT", "2147483648", 'For input string: "2147483648"'),
    ("INT", 2147483648, 'For input string: "2147483648"'),
    ("FLOAT", "abc", 'For input string: "abc"'),
    ("FLOAT", "", "empty String"),
    ("FLOAT", "1e", 'For input string: "1e"'),
    ("FLOAT", "NaN", 'For input string: "NaN"'),
    ("FLOAT", "1e39", "`1e39` is too large for a 32-bit float"),
    ("DATE", "06.10.2019", "Text '06.10.2019' could not be parsed at index 0"),
    ("DATETIME", "2019-10-06", "Text '2019-10-06' could not be parsed at index 10"),
    ("TIME", "6pm", "Text '6pm' could not be parsed at index 0"),
    ("DURATION", "5 minutes", "Text cannot be parsed to a Duration"),
    ("JSON", '{"a": }', "not valid JSON: Expecting value at line 1, column 7"),
    ("JSON", "[NaN]", "not valid JSON: NaN is not a JSON value"),
    ("JSON", "[" * 100_000, "not valid JSON: nested too deeply"),
    ("URI", "justastring", "Invalid URI format."),
    ("URI", "http:", "Invalid URI format."),
    ("URI", "http://a b", "Invalid URI format."),
    ("ARRAY", "{}", "`{}` is not a list"),
    ("ARRAY", "a,b", "not valid JSON: Expecting value at line 1, column 1"),
    ("STRING", None, "the value is null"),
    ("ION", "x", "`ION` is not a type of input or output"),
]


@pytest.mark.parametrize(("type_name", "raw", "value"), GOOD)
def test_a_raw_value_becomes_what_its_type_says(type_name, raw, value):
    result = typed(type_name, raw)

    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(("type_name", "raw", "cause"), BAD)
def test_a_value_of_another_type_is_refused_in_kestras_words(type_name, raw, cause):
    with pytest.raises(ValueError) as failure:  # noqa: PT011  the whole sentence is compared
        typed(type_name, raw)

    assert str(failure.value) == cause


def test_the_elements_of_an_array_have_its_item_type():
    assert typed("ARRAY", '["1", 2]', item_type="INT") == [1, 2]


def test_an_element_of_another_type_is_named():
    with pytest.raises(ValueError, match="Unable to parse array element as `INT` on `s1`"):
        typed("ARRAY", '["s1", "s2"]', item_type="INT")


def test_null_is_no_element_of_a_typed_array():
    with pytest.raises(ValueError, match="Unable to parse array element as `INT` on `null`"):
        typed("ARRAY", "[null]", item_type="INT")


def test_yaml_text_is_read_by_the_reader_that_was_passed():
    assert typed("YAML", "a: 1", read_yaml=lambda text: {"read": text}) == {"read": "a: 1"}


def test_yaml_text_stays_text_without_a_reader():
    assert typed("YAML", "a: 1") == "a: 1"


@given(st.integers(-(2**31), 2**31 - 1))
def test_every_32_bit_integer_is_read_back(number):
    assert typed("INT", str(number)) == number


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_keeps_its_32_bits(number):
    assert struct.pack("f", typed("FLOAT", repr(number))) == struct.pack("f", number)


@pytest.mark.parametrize("type_name", sorted(TYPES))
@given(raw=st.text() | st.integers() | st.floats() | st.lists(st.text()) | st.none())
def test_nothing_but_a_value_error_comes_out(type_name, raw):
    with suppress(ValueError):
        typed(type_name, raw)


def test_every_form_belongs_to_a_type():
    assert FORMS.keys() <= TYPES


@pytest.mark.parametrize(
    ("values", "offered"),
    [(None, []), ([1, True, "b"], ["1", "true", "b"]), ([{"value": "x", "label": "X"}], ["x"])],
)
def test_choices_are_texts(values, offered):
    assert choices(values) == offered


def test_null_and_durations_have_a_text():
    assert as_text([None, Duration.parse("PT5S")]) == "[null, PT5S]"
