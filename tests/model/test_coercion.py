from typing import Any, Literal

import pytest

from kestrel_cli.model.coercion import READERS, as_boolean, as_float, as_integer, as_text, wanted
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.retry import Constant


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (1.5, "1.5"),
        (0.0, "0.0"),
        (1e7, "1.0E7"),
        (123456789.0, "1.23456789E8"),
        (0.00012, "1.2E-4"),
        (-1e21, "-1.0E21"),
    ],
)
def test_scalars_become_the_text_that_java_prints(value, text):
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("value", "truth"),
    [(True, True), (0, False), (7, True), ("True", True), (" FALSE ", False), ("false", False)],
)
def test_these_are_booleans(value, truth):
    assert as_boolean(value) is truth


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), (5.0, 5), ("5", 5), (" -5 ", -5), ("+5", 5), ("9" * 18, 10**18 - 1)],
)
def test_these_are_whole_numbers(value, number):
    assert as_integer(value) == number


@pytest.mark.parametrize(
    ("value", "number"),
    [(1.5, 1.5), (2, 2.0), ("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("-1e3", -1000.0), (" 2 ", 2.0)],
)
def test_these_are_numbers(value, number):
    found = as_float(value)
    assert found == number
    assert type(found) is float


REFUSED = [
    (as_text, None),
    (as_text, ["a"]),
    (as_boolean, "yes"),
    (as_boolean, 1.0),
    (as_boolean, None),
    (as_integer, True),
    (as_integer, 1.5),
    (as_integer, "1.0"),
    (as_integer, "9" * 19),
    (as_integer, "٣"),
    (as_integer, None),
    (as_float, True),
    (as_float, "1,5"),
    (as_float, "nan"),
    (as_float, "inf"),
    (as_float, 2**53 + 1),
    (as_float, None),
]


@pytest.mark.parametrize(("read", "value"), REFUSED)
def test_everything_else_is_refused(read, value):
    with pytest.raises(ValueError):  # noqa: PT011  the caller words it
        read(value)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (str, "text"),
        (bool, "true or false"),
        (int, "a whole number"),
        (float, "a number"),
        (Duration, "a duration such as `PT10S`"),
        (Literal["A", "B"], "one of `A`, `B`"),
        (str | None, "text"),
        (str | list[Any] | dict[str, Any], "text or a list or a map"),
        (list[int] | list[str], "a list"),
        (tuple[int, ...], "a list"),
        (dict[str, int], "a map"),
        (Constant, "a map"),
        (Any, "a value"),
    ],
)
def test_what_a_property_wants_in_words(shape, words):
    assert wanted(shape) == words


def test_every_scalar_has_a_reader():
    assert set(READERS) == {str, bool, int, float, Duration}
