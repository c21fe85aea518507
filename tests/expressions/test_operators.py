"""The operators by their tables."""

from datetime import UTC, date, datetime

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import render

CONTEXT = {
    "null_": None,
    "l": [1, "a"],
    "m": {"k": "v"},
    "floats": [1.0],
    "t": "text",
    "day": None,
}


def value(expression):
    return render(f"{{{{ {expression} }}}}", CONTEXT, typed=True)


VALUES = [
    # + joins, extends, adds
    ("'a' + 'b'", "ab"),
    ("'a' + null", "anull"),
    ("null + 'a'", "nulla"),
    ("'1' + 2", "12"),
    ("'a' + ['x']", "a[x]"),
    ("1 + 2", 3),
    ("1 + 2.5", 3.5),
    ("l + 2", [1, "a", 2]),
    ("l + [2, 3]", [1, "a", 2, 3]),
    ("l + null", [1, "a", None]),
    # - takes away
    ("3 - 5", -2),
    ("'3' - 1", 2),
    ("l - 1", ["a"]),
    ("l - ['a', 1]", []),
    ("l - '1'", [1, "a"]),
    # * / %
    ("'3' * '2'", 6),
    ("'1.5' * 2", 3.0),
    ("3 / 2", 1),
    ("-3 / 2", -1),
    ("3 / -2", -1),
    ("-3 / -2", 1),
    ("3.0 / 2", 1.5),
    ("1.0 / 0", float("inf")),
    ("-1.0 / 0", float("-inf")),
    ("1.0 / -0.0", float("-inf")),
    ("-3 % 2", -1),
    ("3 % -2", 1),
    ("7.5 % 2", 1.5),
    ("9223372036854775807 / 1", 9223372036854775807),
    # signs
    ("-5", -5),
    ("+5", 5),
    ("-2.5", -2.5),
    ("--5", 5),
    # == and its like
    ("1 == 1.0", True),
    ("1 == '1'", False),
    ("true == 'true'", False),
    ("true == 1", False),
    ("null == null", True),
    ("null == 0", False),
    ("'a' equals 'a'", True),
    ("'a' != 'b'", True),
    ("[1] == [1]", True),
    ("[1] == floats", False),
    ("[1, 2] == [1]", False),
    ("{'a': 1} == {'a': 1}", True),
    ("{'a': 1} == {'b': 1}", False),
    ("{'a': 1} == [1]", False),
    # < and its like
    ("1 < 2", True),
    ("2 <= 2.0", True),
    ("'a' < 'b'", True),
    ("'b' >= 'a'", True),
    ("'z' > 'é'", False),
    ("'\U0001f426' < '\uffff'", True),
    ("null < 1", False),
    ("1 > null", False),
    # words
    ("true and 'x'", True),
    ("0 or ''", False),
    ("false and nope", False),
    ("true or nope", True),
    ("not 0", True),
    ("not 'false'", False),
    ("l contains 1", True),
    ("l contains [1, 'a']", True),
    ("l contains [1, 'b']", False),
    ("l contains '1'", False),
    ("m contains 'k'", True),
    ("m contains ['k', 'x']", False),
    ("m contains [[]]", False),
    ("'a1b' contains 1", True),
    ("null contains 1", False),
    ("'1' isIn [1]", True),
    ("1 isIn '1'", False),
    ("'v' isIn m", True),
    ("'k' isIn m", True),
    ("null isIn [null]", False),
    ("1 isIn null", False),
    # text
    ("'a' ~ null ~ 1 ~ [1, null]", "a1[1, null]"),
    ("1..3", [1, 2, 3]),
    ("3..1", []),
    ("'a'..'c'", ["a", "b", "c"]),
    # what is missing
    ("nope ?? 'x'", "x"),
    ("null ?? 'x'", "x"),
    ("null_ ?? 'x'", "x"),
    ("m.nope.deep ?? 'x'", "x"),
    ("l[9] ?? 'x'", "x"),
    ("0 ?? 'x'", 0),
    ("nope ?? nope ?? 'x'", "x"),
    ("(nope > 1) ?? 'x'", "x"),
    ("(nope ~ 'a') ?? 'x'", "x"),
    ("[nope] ?? 'x'", "x"),
    ("(not nope) ?? 'x'", "x"),
    ("nope ??? 'x'", "x"),
    ("null ??? 'x'", None),
    ("nope | default('x')", "x"),
    ("null | default('x')", "x"),
    ("'  ' | default('x')", "x"),
    ("[] | default('x')", "x"),
    ("{} | default('x')", "x"),
    ("0 | default('x')", 0),
    ("t | default('x')", "text"),
    ("nope is defined", False),
    ("null_ is defined", False),
    ("t is defined", True),
    ("t is not defined", False),
    # ternary
    ("null ? 1 : 2", 2),
    ("'' ? 1 : 2", 2),
    ("'x' ? 1 : 2", 1),
    ("0.0 ? 1 : 2", 2),
    ("true ? null ? 1 : 2 : 3", 2),
    # maps and lists
    ("{'a': 1, 'a': 2}", {"a": 2}),
    ("{1: 'x', null: 'y'}", {"1": "x", "null": "y"}),
    ("{t: 1}", {"text": 1}),
    ("[]", []),
    ("{}", {}),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES)
def test_an_operator_gives(expression, expected):
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("expression", ["0.0 / 0", "5.0 % 0", "0.0 / 0 + 1"])
def test_some_divisions_are_no_number(expression):
    assert value(expression) != value(expression)


ERRORS = [
    ("null + 1", "Could not perform addition: null `null` and java.lang.Integer `1`"),
    ("m + m", "Could not perform addition: "),
    ("true + 1", "Could not perform addition: "),
    ("1 / 0", "Could not perform division: "),
    ("1 % 0", "Could not perform modulus: "),
    ("'a' * 2", "Could not perform multiplication: "),
    ("'1_0' * 2", "Could not perform multiplication: "),
    ("' 1' * 2", "Could not perform multiplication: "),
    ("'inf' * 2", "Could not perform multiplication: "),
    ("'nan' * 2", "Could not perform multiplication: "),
    ("t - 1", "Could not perform subtraction: "),
    ("(nope + 1) ?? 'x'", "Could not perform addition (Unable to find `nope`)"),
    ("(nope == 1) ?? 'x'", "Could not perform equals comparison (Unable to find `nope`)"),
    ("1 + 1..3", "Could not perform addition: "),
    ("-'5'", "Could not perform negation: "),
    ("+'5'", "Could not perform unary plus: "),
    ("-null", "Could not perform negation: "),
    ("+true", "Could not perform unary plus: "),
    ("1 < 'a'", "Could not perform less than comparison: "),
    ("true >= false", "Could not perform greater than or equals comparison: "),
    ("[1] <= [2]", "Could not perform less than or equals comparison: "),
    ("m > 1", "Could not perform greater than comparison: "),
    ("null and true", "null value used in and operator and strict variables is set to true"),
    ("false or null", "null value used in or operator and strict variables is set to true"),
    ("not null", "null value used in not operator and strict variables is set to true"),
    ("not []", "Unsupported value type "),
    ("[] ? 1 : 2", "Unsupported value type "),
    ("5 contains 1", "Contains operator can only be used on Collections, Maps and arrays. "),
    ("(1 / 0) ?? 'x'", "Could not perform division: "),
    ("(t | nope) ?? 'x'", "Filter [nope] does not exist."),
    ("nope() ?? 'x'", "Function or Macro [nope] does not exist."),
    ("(t | nope) ??? 'x'", "Filter [nope] does not exist."),
    ("(t | nope) is defined", "Filter [nope] does not exist."),
    ("(t | nope) | default(1)", "Filter [nope] does not exist."),
    ("[nope]", "Unable to find `nope` used in the expression `{{ [nope] }}` at line 1"),
]


@pytest.mark.parametrize(("expression", "message"), ERRORS)
def test_an_operator_refuses(expression, message):
    with pytest.raises(RenderError) as failure:
        value(expression)
    assert str(failure.value).startswith(message)


@pytest.mark.parametrize(
    ("condition", "branch"),
    [
        ("true", "y"),
        ("1", "y"),
        ("' '", "y"),
        ("'false'", "y"),
        ("0", "n"),
        ("''", "n"),
        ("0.0", "n"),
        ("0.0 / 0", "n"),
    ],
)
def test_a_condition_holds_by_the_table(condition, branch):
    assert render(f"{{% if {condition} %}}y{{% else %}}n{{% endif %}}", CONTEXT) == branch


@pytest.mark.parametrize(
    ("condition", "cause"),
    [
        ("null", "the condition is null"),
        ("nope", "Unable to find `nope`"),
        ("[]", "Unsupported value type"),
        ("m.a", "Unable to find `a`"),
    ],
)
def test_a_condition_that_is_none_keeps_its_cause(condition, cause):
    with pytest.raises(RenderError) as failure:
        render(f"{{% if {condition} %}}y{{% endif %}}", CONTEXT)
    assert str(failure.value).startswith(
        f"Wrong operand(s) type in conditional expression ({cause}"
    )


@pytest.mark.parametrize("expression", ["'ab' * 2", "x + x", "x ~ x", "l + l"])
def test_results_are_limited(expression):
    context = {"x": "y" * 9_000_000, "l": [0] * 900_000}
    with pytest.raises(RenderError):
        render(f"{{{{ {expression} }}}}", context)


def test_integers_are_limited_too():
    with pytest.raises(RenderError, match="an integer has more than the limit of 4096 bits"):
        render("{{ x * x }}", {"x": 1 << 4000})


def test_values_too_deep_to_compare_are_an_error():
    def deep():
        value = []
        for _ in range(100_000):
            value = [value]
        return value

    with pytest.raises(RenderError, match="the values are too large"):
        render("{{ a == b }}", {"a": deep(), "b": deep()})


def test_numbers_too_large_to_compare_are_an_error():
    with pytest.raises(RenderError, match="the values are too large"):
        render("{{ a == 1.5 }}", {"a": 10**400})


def test_dates_are_compared_as_moments():
    assert render("{{ now() < (now() | dateAdd(1, 'DAYS')) }}", {}) == "true"


def test_decimals_are_numbers():
    from decimal import Decimal

    context = {"d": Decimal("1.5"), "e": Decimal("1.50")}
    assert render(
        "{{ d == e }} {{ d * 2 }} {{ d < 2 }} {{ [d] == [e] }} {{ d ? 1 : 2 }}", context
    ) == ("true 3.0 true true 1")


def test_moments_with_and_without_a_zone_cannot_be_compared():
    aware = datetime(2024, 1, 1, tzinfo=UTC)
    context = {"a": aware, "b": aware.replace(tzinfo=None), "c": date(2024, 1, 2)}
    assert render("{{ c > c }}", context) == "false"
    with pytest.raises(RenderError, match=r"^Could not perform less than comparison: "):
        render("{{ a < b }}", context)
