"""What the operators do with values. Missing operands arrive as errors.

Functions that take thunks decide themselves when, and whether, an operand is evaluated.
"""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits, lookup
from kestrel_cli.expressions.text import java_text
from kestrel_cli.java.classes import java_class

Thunk = Callable[[], Any]


def coalesce(left: Thunk, right: Thunk) -> object:
    """`??`: the right side when the left is null or missing."""
    try:
        value = left()
    except RenderError as error:
        if not error.missing:
            raise
        value = None
    return right() if value is None else value


def coalesce_part(holder: Thunk, key: str, path: tuple[str, ...], at: int, right: Thunk) -> object:
    """`a.b ?? c`, which is what most uses of `??` are."""
    try:
        held = holder()
        value = held.get(key) if type(held) is dict else lookup.get(held, key, path, at)
    except RenderError as error:
        if not error.missing:
            raise
        value = None
    return right() if value is None else value


def when_missing(left: Thunk, right: Thunk) -> object:
    """`???`: the right side only when the left is missing."""
    try:
        return left()
    except RenderError as error:
        if not error.missing:
            raise
        return right()


def is_defined(value: Thunk) -> bool:
    """Neither missing nor null."""
    try:
        return value() is not None
    except RenderError as error:
        if not error.missing:
            raise
        return False


def default(value: Thunk, default: Thunk) -> object:
    """The filter `default`, whose argument is evaluated first: what is missing, null, a blank text,
    an empty list or an empty map gives way to it.
    """
    instead = default()
    try:
        found = value()
    except RenderError as error:
        if not error.missing:
            raise
        return instead
    if isinstance(found, str):
        return found if found.strip() else instead
    return (
        instead
        if found is None or (isinstance(found, (list, tuple, dict)) and not found)
        else found
    )


def _operands(left: Thunk, right: Thunk, what: str) -> tuple[Any, Any]:
    """Both values; what fails there is wrapped, so that `??` further out does not catch it."""
    try:
        return left(), right()
    except RenderError as error:
        raise RenderError(
            f"Could not perform {what} ({error})", hint=error.hint, at=error.at
        ) from error


def _number(value: object) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, str):
        return _numeric_text(value)
    return None


def _numeric_text(text: str) -> int | float | None:
    if len(text) > 400 or text != text.strip() or "_" in text:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _arithmetic(left: Thunk, right: Thunk, what: str, work: Callable[[Any, Any], Any]) -> Any:
    one, other = _operands(left, right, what)
    a, b = _number(one), _number(other)
    if a is None or b is None:
        raise RenderError(f"Could not perform {what}: {_shown(one)} and {_shown(other)}")
    try:
        result = work(a, b)
    except (ArithmeticError, ValueError) as error:
        raise RenderError(f"Could not perform {what}: {_shown(one)} and {_shown(other)}") from error
    return limits.check_integer(result) if isinstance(result, int) else result


def _shown(value: object) -> str:
    text = java_text(value)
    return f"{java_class(value) if value is not None else 'null'} `{text[:60]}`"


def add(left: Thunk, right: Thunk) -> object:
    """`+`: text joins, lists grow, numbers add."""
    one, other = _operands(left, right, "addition")
    if isinstance(one, str) or isinstance(other, str):
        text = java_text(one) + java_text(other)
        limits.check_length(len(text))
        return text
    if isinstance(one, (list, tuple)):
        more = list(other) if isinstance(other, (list, tuple)) else [other]
        limits.check_items(len(one) + len(more))
        return [*one, *more]
    return _arithmetic(lambda: one, lambda: other, "addition", lambda a, b: a + b)


def subtract(left: Thunk, right: Thunk) -> object:
    """`-`: numbers, or a list without some elements."""
    one, other = _operands(left, right, "subtraction")
    if isinstance(one, (list, tuple)):
        gone = list(other) if isinstance(other, (list, tuple)) else [other]
        return [item for item in one if not any(same(item, out) for out in gone)]
    return _arithmetic(lambda: one, lambda: other, "subtraction", lambda a, b: a - b)


def multiply(left: Thunk, right: Thunk) -> object:
    """`*` on numbers and numeric text."""
    return _arithmetic(left, right, "multiplication", lambda a, b: a * b)


def divide(left: Thunk, right: Thunk) -> object:
    """`/`: whole numbers truncate towards zero; a decimal divided by zero is infinite."""
    return _arithmetic(left, right, "division", _quotient)


def modulo(left: Thunk, right: Thunk) -> object:
    """`%` with the sign of the left side."""
    return _arithmetic(left, right, "modulus", _remainder)


def _quotient(a: float, b: float) -> float:
    if isinstance(a, int) and isinstance(b, int):
        quotient = abs(a) // abs(b)
        return quotient if (a < 0) == (b < 0) else -quotient
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1, b)
    return a / b


def _remainder(a: float, b: float) -> float:
    if isinstance(a, int) and isinstance(b, int):
        rest = abs(a) % abs(b)
        return -rest if a < 0 else rest
    return math.nan if b == 0 else math.fmod(a, b)


def negate(value: object) -> object:
    """Unary minus."""
    number = None if isinstance(value, str) else _number(value)
    if number is None:
        raise RenderError(f"Could not perform negation: {_shown(value)}")
    return -number


def identity(value: object) -> object:
    """Unary plus."""
    if isinstance(value, str) or _number(value) is None:
        raise RenderError(f"Could not perform unary plus: {_shown(value)}")
    return value


def concatenate(*values: object) -> str:
    """`~`: texts one after the other; null counts as nothing."""
    texts = [
        "" if value is None else value if type(value) is str else java_text(value)
        for value in values
    ]
    limits.check_length(sum(map(len, texts)))
    return "".join(texts)


def same(one: object, other: object) -> bool:
    """Java's equals, with one type for all whole numbers;
    `1 == 1.0` only outside lists and maps.
    """
    kind = type(one)
    if kind is type(other) and kind in (str, int, bool, type(None)):
        return one == other
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float, Decimal)) and isinstance(other, (int, float, Decimal)):
        return type(one) is type(other) and one == other
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return len(one) == len(other) and all(
            k in other and same(v, other[k]) for k, v in one.items()
        )
    return type(one) is type(other) and one == other


def equals(left: Thunk, right: Thunk) -> bool:
    """`==`: numbers of any kind by value, everything else by `same`."""
    one, other = _operands(left, right, "equals comparison")
    try:
        if _is_number(one) and _is_number(other):
            return (
                float(one) == float(other) if type(one) is not type(other) else bool(one == other)
            )
        return same(one, other)
    except (RecursionError, OverflowError):
        raise RenderError("Could not perform equals comparison: the values are too large") from None


def differs(left: Thunk, right: Thunk) -> bool:
    """`!=`"""
    return not equals(left, right)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _comparison(one: Any, other: Any, what: str, holds: Callable[[Any, Any], bool]) -> bool:
    if one is None or other is None:
        return False
    if (_is_number(one) and _is_number(other)) or (isinstance(one, str) and isinstance(other, str)):
        if isinstance(one, str):
            one, other = _units(one, other)
        return holds(one, other)
    from datetime import date

    if isinstance(one, date) and isinstance(other, date):
        try:
            return holds(one, other)
        except TypeError:
            pass
    raise RenderError(f"Could not perform {what} comparison: {_shown(one)} and {_shown(other)}")


def _units(one: str, other: str) -> tuple[str, str] | tuple[bytes, bytes]:
    """Texts in the order of their UTF-16 units, as Java compares."""
    if one.isascii() and other.isascii():
        return one, other
    return one.encode("utf-16-be", "surrogatepass"), other.encode("utf-16-be", "surrogatepass")


def less(one: object, other: object) -> bool:
    """`<`"""
    return _comparison(one, other, "less than", lambda a, b: a < b)


def less_or_equal(one: object, other: object) -> bool:
    """`<=`"""
    return _comparison(one, other, "less than or equals", lambda a, b: a <= b)


def greater(one: object, other: object) -> bool:
    """`>`"""
    return _comparison(one, other, "greater than", lambda a, b: a > b)


def greater_or_equal(one: object, other: object) -> bool:
    """`>=`"""
    return _comparison(one, other, "greater than or equals", lambda a, b: a >= b)


def contains(whole: object, part: object) -> bool:
    """`contains`: an element or all elements of a list, a key of a map, a piece of text."""
    match whole:
        case None:
            return False
        case str():
            return java_text(part) in whole
        case dict():
            return all(
                _has_key(whole, key)
                for key in (part if isinstance(part, (list, tuple)) else (part,))
            )
        case list() | tuple():
            wanted = part if isinstance(part, (list, tuple)) else (part,)
            return all(any(same(item, one) for item in whole) for one in wanted)
        case _:
            raise RenderError(
                "Contains operator can only be used on Collections, Maps and arrays. "
                f"Actual type was: {java_class(whole)}"
            )


def _has_key(whole: dict[Any, Any], key: object) -> bool:
    return isinstance(key, (str, int)) and key in whole


def is_in(one: object, many: object) -> bool:
    """`isIn`: compares text forms; in a map, with keys and values."""
    if one is None or many is None:
        return False
    text = java_text(one)
    if isinstance(many, dict):
        return any(text == java_text(item) for pair in many.items() for item in pair)
    return isinstance(many, (list, tuple)) and any(text == java_text(item) for item in many)


def as_boolean(value: object, operator: str) -> bool:
    """An operand of `and`, `or` and `not`."""
    if value is True or value is False:
        return value
    if value is None:
        raise RenderError(
            f"null value used in {operator} operator and strict variables is set to true"
        )
    return _truth(value)


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        return value == value and value != 0
    if isinstance(value, str):
        return value != ""
    if value is None:
        raise RenderError("the condition is null")
    raise RenderError(
        f"Unsupported value type {java_class(value)}. "
        'Expected Boolean, String, Number in "if" statement'
    )


def negated(value: object) -> bool:
    """`not`"""
    return not as_boolean(value, "not")


def chosen(value: object) -> bool:
    """The condition of `? :`; null is false."""
    if value is True or value is False:
        return value
    return value is not None and _truth(value)


def holds(condition: Thunk) -> bool:
    """The condition of `if`; what fails in it is an error of the whole condition, as in Kestra."""
    try:
        return _truth(condition())
    except RenderError as error:
        raise RenderError(
            f"Wrong operand(s) type in conditional expression ({error})",
            hint=error.hint,
            at=error.at,
        ) from error


def span(start: object, end: object) -> list[Any]:
    """`a..b`: the function `range` as an operator."""
    from kestrel_cli.expressions.functions import FUNCTIONS

    found = FUNCTIONS["range"](start, end)
    assert isinstance(found, list)  # what range gives
    return found


def mapping(*pairs: object) -> dict[str, object]:
    """`{k: v}`: keys as text, in written order; the last of equal keys wins."""
    return {_key(pairs[n]): pairs[n + 1] for n in range(0, len(pairs), 2)}


def _key(value: object) -> str:
    return value if isinstance(value, str) else java_text(value)


def failure(message: str, at: int = -1) -> object:
    """An error that waits until it is reached: unknown filters, functions, arguments."""
    raise RenderError(message, at=at)


def missing_name(name: str) -> object:
    """A variable that cannot exist where it is used."""
    raise lookup.missing(name, ())
