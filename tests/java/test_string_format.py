import pytest

from kestrel_cli.java.errors import JavaError
from kestrel_cli.java.string_format import string_format


@pytest.mark.parametrize(
    ("template", "arguments", "result"),
    [
        ("plain", [], "plain"),
        ("%s %S %s", ["a", "b", None], "a B null"),
        ("%2$s %1$s %<s", ["a", "b"], "b a a"),
        ("%5s|%-5s|%.2s", ["ab", "ab", "abc"], "   ab|ab   |ab"),
        ("%d %5d %-5d| %05d %+d % d %(d %,d", [1, 2, 3, 4, 5, 6, -7, 1234567],
         "1     2 3    | 00004 +5  6 (7) 1,234,567"),
        ("%x %X %o %#x %x", [255, 255, 8, 255, -1], "ff FF 10 0xff ffffffff"),
        ("%f %.2f %8.3f %,.1f", [1.5, 2.345, 3.14159, 12345.67], "1.500000 2.35    3.142 12,345.7"),
        ("%e %.1E %g", [12345.678, 0.00012, 0.5], "1.234568e+04 1.2E-04 0.500000"),
        ("%b %b %b", [None, False, "x"], "false false true"),
        ("%c%c %h", ["x", 65, "hello"], "xA 5e918d2"),
        ("50%% %n", [], "50% \n"),
        ("%f", [float("-inf")], "-Infinity"),
    ],
)  # fmt: skip
def test_specifiers(template, arguments, result):
    assert string_format(template, arguments) == result


@pytest.mark.parametrize(
    ("template", "arguments"),
    [
        ("%s", []), ("%2$s", ["a"]), ("%<s", ["a"]), ("%d", ["a"]), ("%d", [1.5]), ("%f", [1]),
        ("%z", [1]), ("%", []), ("%5", [1]), ("%-d", [1]), ("%05", [1]), ("%c", ["ab"]),
        ("%D", [1]), ("%.2d", [1]), ("%99999999d", [1]), ("%.5000f", [1.0]), ("%x", [True]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_an_error(template, arguments):
    with pytest.raises(JavaError):
        string_format(template, arguments)


def test_the_caller_says_what_the_text_of_a_value_is():
    assert string_format("%s|%6.3S|%s", [[1], 2.5, None], repr) == "[1]|   2.5|null"
    assert string_format("%s %d", ["a", 1], lambda value: f"<{value}>") == "<a> 1"


def test_many_wide_fields_stop_at_the_limit():
    with pytest.raises(JavaError, match="10000000"):
        string_format("%9000000s" * 100, ["x"] * 100)
