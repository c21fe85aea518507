import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.filters import FILTERS, IGNORES_ARGUMENTS, default, is_blank


def run(name, *arguments, **named):
    return FILTERS[name](*arguments, **named)


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("upper", ["straße"], "STRASSE"),
        ("lower", [True], "true"),
        ("capitalize", ["  two words"], "  Two words"),
        ("title", ["one-two\tthree"], "One-two\tThree"),
        ("trim", [" \t\x01x\u00a0 "], "x\u00a0"),
        ("abbreviate", ["a long story", 8], "a lon..."),
        ("abbreviate", ["abcd", 2], "ab"),
        ("abbreviate", ["abc", 1], "abc"),
        ("indent", ["a\r\nb", 1], "a\r\n b"),
        ("nindent", ["a", 2, "-"], "\n--a"),
        ("nl2br", ["a\r\nb\nc"], "a<br />b<br />c"),
        ("slugify", ["  Crème  brûlée_nº 1!"], "-creme-brulee-n-1"),
        ("startsWith", [12, "1"], True),
        ("endsWith", ["file.txt", ".csv"], False),
        ("substringBefore", ["a/b/c", "/"], "a"),
        ("substringBeforeLast", ["a/b/c", "/"], "a/b"),
        ("substringBeforeLast", ["abc", "/"], "abc"),
        ("substringAfter", ["abc", "/"], ""),
        ("substringAfterLast", ["a/b/c", "/"], "c"),
        ("replace", ["a.b", {".": "-"}], "a-b"),
        ("replace", [{"k": ["a1", 1]}, {"1": 2}], {"k": ["a2", "2"]}),
        ("replace", ["2031-11", {"(\\d+)-(\\d+)": "$2/$1"}, True], "11/2031"),
        ("split", ["a1b22c", "\\d+"], ["a", "b", "c"]),
        ("split", ["a,b,,", ",", -1], ["a", "b", "", ""]),
        ("split", ["a,b,c", ",", 2], ["a", "b,c"]),
        ("split", ["abc", ""], ["a", "b", "c"]),
        ("split", ["", ","], [""]),
        ("regexMatch", ["order 7", "\\d$"], True),
        ("regexMatch", [None, "."], False),
        ("regexReplace", ["k=v", "(?<key>\\w)=(\\w)", "${key}:$2"], "k:v"),
        ("regexExtract", ["v1.2.3", "(\\d+)\\.(\\d+)", 2], "2"),
        ("regexExtract", ["none", "\\d"], None),
        ("escapeChar", [["it's"], "SHELL"], ["it'\\''s"]),
        ("format", ["%s=%04d", "n", 7], "n=0007"),
        ("format", ["%s", [1, None]], "[1, null]"),
        ("string", [[1, None]], "[1,null]"),
    ],
)
def test_text_filters(name, arguments, result):
    assert run(name, *arguments) == result


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("indent", ["a"], "expects an integer as argument 'amount'"),
        ("indent", ["a", -1], "positive integer"),
        ("indent", ["a\nb" * 1000, 10**6], "limit"),
        ("split", ["a"], "missing delimiter"),
        ("split", ["a", "("], "regular expression"),
        ("escapeChar", ["a", "html"], "'single', 'double', or 'shell'"),
        ("replace", ["a", "b"], "replace_pairs"),
        ("replace", ["a" * 10**6, {"a": "b" * 100}], "limit"),
        ("regexReplace", ["a", "a", "$1"], "group"),
        ("regexExtract", ["a", "a", 3], "group"),
        ("startsWith", [None, "a"], "null"),
        ("substringBefore", ["a", ""], "separator"),
        ("abbreviate", ["abcdef", "4"], "integer"),
    ],
)
def test_text_filters_refuse(name, arguments, message):
    with pytest.raises(RenderError, match=message):
        run(name, *arguments)


NULL_STAYS_NULL = sorted(
    {
        "upper", "lower", "capitalize", "title", "trim", "nl2br", "slugify", "string", "first",
        "last", "keys", "values", "flatten", "reverse", "sort", "rsort", "base64encode", "md5",
        "base64decode", "sha1", "sha256", "sha512", "urlencode", "urldecode", "number", "className",
    }
)  # fmt: skip


@pytest.mark.parametrize("name", NULL_STAYS_NULL)
def test_null_in_null_out(name):
    assert run(name, None) is None


def test_filters_that_ignore_arguments_take_only_the_value():
    for name in IGNORES_ARGUMENTS:
        assert FILTERS[name].__code__.co_argcount == 1, name


@pytest.mark.parametrize("value", [None, "", " \n", [], {}])
def test_default_replaces_blank_values(value):
    assert is_blank(value)
    assert default(value, "d") == "d"


@pytest.mark.parametrize("value", [0, False, "x", [None], {"a": None}])
def test_default_keeps_everything_else(value):
    assert not is_blank(value)
    assert default(value, "d") is value


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("split", [","]),
        ("trim", []),
        ("abbreviate", [5]),
        ("title", []),
        ("capitalize", []),
        ("urlencode", []),
    ],
)
@pytest.mark.parametrize(
    ("value", "java"), [(7, "java.lang.Integer"), ([1], "java.util.ArrayList"), (True, "Boolean")]
)
def test_filters_that_cast_take_text_only(name, arguments, value, java):
    with pytest.raises(RenderError, match=f"{java} cannot be cast to class java.lang.String"):
        FILTERS[name](value, *arguments)


@pytest.mark.parametrize(
    ("value", "result"),
    [(12.5, "12,5"), ([1.5, True, None, {"a": 2.5}], ["1,5", "true", None, {"a": "2,5"}])],
)
def test_replace_makes_text_of_everything(value, result):
    assert FILTERS["replace"](value, {".": ","}) == result
