"""Which operator binds first, and what is no expression."""

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import render

CONTEXT = {
    "a": 1,
    "b": 2,
    "l": ["x", "y"],
    "m": {"k": {"d": 5}, "in": 6, "true": 7, "n": None},
    "n": None,
}


def value(expression, compat=1):
    return render(f"{{{{ {expression} }}}}", CONTEXT, typed=True, compat=compat)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("8 - 4 - 2", 2),
        ("8 / 4 / 2", 1),
        ("2 * 3 % 4", 2),
        ("1 + 2 == 3", True),
        ("1 < 2 == true", True),
        ("not true == false", True),
        ("not false and false", False),
        ("true or false and false", True),
        ("'a' ~ 'b' | upper", "AB"),
        ("0 - 5 | abs", -5),
        ("-5 | abs", 5),
        ("1 + 2 ~ 3", "123"),
        ("'x' ~ 1..2", "x[1, 2]"),
        ("a == 1 ? 'one' : 'other'", "one"),
        ("false ? 1 : true ? 2 : 3", 2),
        ("(true ? 1 : 2) + 1", 2),
        ("l contains 'x' and true", True),
        ("a is defined and b is defined", True),
        ("not nope is defined", False),
        ("m.k.d", 5),
        ("m['k'].d", 5),
        ("m.k['d']", 5),
        ("(m)['k']", {"d": 5}),
        ("(['x', 'y'])[1]", "y"),
        ("m.in", 6),
        ("m.true", 7),
        ("l[a]", "y"),
        ("l['1']", "y"),
        ("'abc'.length", 3),
        ("'abc'.length()", 3),
        ("'a' | upper | lower", "a"),
        ('"a#{1 + 1}b"', "a2b"),
        ('"#{n}"', ""),
        ('"#{"#{a}"}"', "1"),
        ("true and TRUE", True),
        ("null == none", True),
        ("NULL == NONE", True),
        ("1.0", 1.0),
        ("12L", 12),
        ("[1, [2]]", [1, [2]]),
        ("{'a': {'b': 1}}", {"a": {"b": 1}}),
    ],
)
def test_an_expression_is_read_by_its_precedences(expression, expected):
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "one", "two"),
    [
        ("n ?? 1 + 1", 2, 2),
        ("1 + n ?? 5", 6, None),
        ("1 + 1 isIn [2]", None, True),
        ("-5 ?? 1", -5, -5),
    ],
)
def test_fallbacks_bind_tighter_in_the_older_generation(expression, one, two):
    for compat, expected in ((1, one), (2, two)):
        if expected is None:
            with pytest.raises(RenderError):
                value(expression, compat)
        else:
            assert value(expression, compat) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "Unexpected end of expression: expected an expression"),
        ("1 +", "Unexpected end of expression: expected a value"),
        ("+", "Unexpected end of expression: expected a value"),
        ("1 2", "Unexpected token `2`: nothing may follow here"),
        ("a b", "Unexpected token `b`: nothing may follow here"),
        ("* 2", "Unexpected token `*`: expected a value"),
        ("a.", "Unexpected end of expression: expected a name"),
        ("a.1", "Unexpected token `1`: expected a name"),
        ("a.is", "Unexpected token `is`: expected a name"),
        ("l.contains('x')", "Unexpected token `contains`: expected a name"),
        ("l[]", "Unexpected token `]`: expected a value"),
        ("l[0:1]", "Unexpected token `:`: expected `]`"),
        ("['a'][0]", "Unexpected token `[`: nothing may follow here"),
        ("[][0]", "Unexpected token `[`: nothing may follow here"),
        ("{'a': 1}.a", "Unexpected token `.`: nothing may follow here"),
        ("{}.a", "Unexpected token `.`: nothing may follow here"),
        ("[1, ]", "Unexpected token `]`: expected a value"),
        ("[1 2]", "Unexpected token `2`: expected `,`"),
        ("{'a': 1, }", "Unexpected token `}`: expected a value"),
        ("{'a'}", "Unexpected token `}`: expected `:`"),
        ("{'a': 1 'b'}", "Unexpected token `b`: expected `,`"),
        ("a ? 1", "Unexpected end of expression: expected `:`"),
        ("a ?: 1", "Unexpected token `:`: expected a value"),
        ("a |", "Unexpected end of expression: expected a name"),
        ("a | 1", "Unexpected token `1`: expected a name"),
        ("a is", "Unexpected end of expression: expected a name"),
        ("range(1, )", "Unexpected token `)`: expected an argument"),
        ("range(1 2)", "Unexpected token `2`: expected `,`"),
        ("range(start=1, 2)", "Positional arguments must be declared before any named arguments."),
        ('"#{}"', "Unexpected end of expression: expected an expression"),
        ("a matches b", "Unexpected token `matches`: nothing may follow here"),
        ("a in l", "Unexpected token `in`: nothing may follow here"),
        ("a = 1", "Unexpected token `=`: nothing may follow here"),
    ],
)
def test_what_is_no_expression_says_what_was_expected(expression, message):
    template = f"{{{{ {expression} }}}}"
    with pytest.raises(RenderError) as failure:
        render(template, CONTEXT)
    assert str(failure.value) == f"{message} ({template}:1)"


@pytest.mark.parametrize("operator", ["not ", "-", "+"])
def test_signs_may_not_pile_up_forever(operator):
    assert "nested too deeply" in _error("{{ " + operator * 61 + "1 }}")
    render("{{ " + operator * 40 + "1 }}", {})


@pytest.mark.parametrize(
    "template",
    [
        "{{ 1" + " + 1" * 5_000 + " }}",
        "{{ a" + " | upper" * 5_000 + " }}",
        "{{ a" + ".b" * 1_000 + " | upper }}",
        "{% if a %}" * 500 + "{% endif %}" * 500,
        "{% for i in l %}" * 100 + "{% endfor %}" * 100,
    ],
)
def test_a_chain_without_measure_is_an_error(template):
    assert _error(template)


def test_a_long_chain_of_texts_is_none():
    assert render("{{ a" + " ~ a" * 2_000 + " }}", CONTEXT) == "1" * 2_001


def test_the_line_of_an_error_is_that_of_its_token():
    assert _error("\n\n{{ 1 +\n2 3 }}").endswith("3 }}:4)")


def _error(template):
    with pytest.raises(RenderError) as failure:
        render(template, CONTEXT)
    return str(failure.value)
