import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.filters import FILTERS

from .fakes import FakeScope


def run(name, *arguments, **named):
    return FILTERS[name](*arguments, **named)


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("base64encode", ["é"], "w6k="),
        ("base64decode", ["w6k"], "é"),
        ("urlencode", ["a b~*é"], "a+b%7E*%C3%A9"),
        ("urldecode", ["a+b%C3%A9"], "a bé"),
        ("toJson", [None], "null"),
        ("toJson", ["é"], '"é"'),
        ("json", [{"a": None, "b": [None]}], '{"b":[null]}'),
        ("toIon", [{"a": 1.5}], "{a:1.5e0}"),
        ("yaml", [{"a": [1]}], "a:\n - 1\n"),
        ("abs", [-3], 3),
        ("number", ["42"], 42),
        ("number", ["-0x1f"], -31),
        ("number", ["017"], 15),
        ("number", ["1.25"], 1.25),
        ("number", ["7", "DOUBLE"], 7.0),
        ("number", ["123456789012345678901234567890"], 123456789012345678901234567890),
        ("numberFormat", [1234.5, "#,##0.00"], "1,234.50"),
        ("numberFormat", [1234], "1,234"),
        ("className", ["x"], "java.lang.String"),
        ("className", [5], "java.lang.Integer"),
        ("className", [2**40], "java.lang.Long"),
        ("className", [[]], "java.util.ArrayList"),
    ],
)
def test_data_filters(name, arguments, result):
    assert run(name, *arguments) == result


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("base64decode", ["a!"], "correctly Base64 encoded"),
        ("base64decode", [5], "applies to String"),
        ("sha256", [5], "Need a string to hash"),
        ("urldecode", ["%4"], "hex"),
        ("abs", [None], "null"),
        ("abs", [True], "number"),
        ("number", [5], "string"),
        ("number", ["five"], "not a valid number"),
        ("number", ["3000000000", "INT"], "not a valid number"),
        ("number", ["1", "COMPLEX"], "COMPLEX"),
        ("number", ["9" * 5000], "digits"),
        ("numberFormat", ["5", "0"], "has to be a number"),
    ],
)
def test_data_filters_refuse(name, arguments, message):
    with pytest.raises(RenderError, match=message):
        run(name, *arguments)


def test_jq_reads_text_as_json_and_always_gives_a_list():
    assert run("jq", FakeScope(), '{"a":[1,2]}', ".a[]") == [1, 2]
    assert run("jq", FakeScope(), {"a": None}, "keys") == [[]]
    assert run("jq", FakeScope(), {"a": 1.0}, ".a") == [1.0]
    assert run("jq", FakeScope(), None, "now") == [FakeScope().services.now().timestamp()]


@pytest.mark.parametrize("program", [".[", ".a.b", "error", "env", "nonsense"])
def test_jq_errors_name_value_and_program(program):
    with pytest.raises(RenderError, match="Unable to parse jq value"):
        run("jq", FakeScope(), '"text"', program)


@given(st.text(st.characters(codec="utf-8")))
def test_encodings_decode_back(text):
    assert run("base64decode", run("base64encode", text)) == text
    assert run("urldecode", run("urlencode", text)) == text
