"""jq's operators on two values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from kestrel_cli.jq import limits
from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.values import described, equal, is_number, less, normal, order_key

if TYPE_CHECKING:
    from collections.abc import Callable


def add(left: object, right: object) -> object:
    """Sum, concatenation or merge; null adds nothing."""
    if left is None:
        return right
    if right is None:
        return left
    if isinstance(left, str) and isinstance(right, str):
        limits.check_length(len(left) + len(right), "a text in the jq program")
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        limits.check_items(len(left) + len(right), "a list in the jq program")
        return left + right
    if isinstance(left, dict) and isinstance(right, dict):
        return {**left, **right}
    return _number(_numbers(left, right, "added"), lambda a, b: a + b)


def subtract(left: object, right: object) -> object:
    """Difference of numbers; a list without the elements of another."""
    if isinstance(left, list) and isinstance(right, list):
        unwanted = {order_key(item) for item in right}
        return [item for item in left if order_key(item) not in unwanted]
    return _number(_numbers(left, right, "subtracted"), lambda a, b: a - b)


def multiply(left: object, right: object) -> object:
    """Product; a text times a number is repeated; two maps are merged deeply."""
    for text, count in ((left, right), (right, left)):
        if isinstance(text, str) and is_number(count):
            return _repeated(text, count)
    if isinstance(left, dict) and isinstance(right, dict):
        return _merged(left, right, 0)
    return _number(_numbers(left, right, "multiplied"), lambda a, b: a * b)


def _repeated(text: str, count: object) -> object:
    assert isinstance(count, (int, float))
    if count <= 0 or count != count:  # NaN
        return None
    if not math.isfinite(count) or count * max(1, len(text)) > limits.MAX_TEXT:
        raise limits.text_too_long("a text in the jq program")
    return text * max(1, math.ceil(count) if count < 1 else math.floor(count))


def _merged(left: dict[str, object], right: dict[str, object], depth: int) -> dict[str, object]:
    if depth > limits.MAX_DEPTH:
        raise limits.too_deep("a map in the jq program")
    merged = dict(left)
    for key, item in right.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(item, dict)
        merged[key] = _merged(old, item, depth + 1) if both else item  # type: ignore[arg-type]
    return merged


def divide(left: object, right: object) -> object:
    """Quotient; a text divided by a text is split."""
    if isinstance(left, str) and isinstance(right, str):
        return split_text(left, right)
    dividend, divisor = _numbers(left, right, "divided")
    if divisor == 0:
        raise JqError(
            f"{described(left)} and {described(right)} cannot be divided"
            " because the divisor is zero"
        )
    if isinstance(dividend, int) and isinstance(divisor, int) and dividend % divisor == 0:
        return dividend // divisor
    return _number((dividend, divisor), lambda a, b: a / b)


def split_text(text: str, separator: str) -> list[object]:
    """The parts between the separators; nothing for an empty text."""
    if not text:
        return []
    return list(text) if not separator else list(text.split(separator))


def modulo(left: object, right: object) -> object:
    """The remainder of whole numbers, with the sign of the left side."""
    dividend, divisor = _numbers(left, right, "divided")
    if dividend != dividend or divisor != divisor:  # NaN
        return math.nan
    low, high = _clipped(dividend), _clipped(divisor)
    if high == 0:
        raise JqError(
            f"{described(left)} and {described(right)} cannot be divided (remainder)"
            " because the divisor is zero"
        )
    rest = abs(low) % abs(high)
    return -rest if low < 0 else rest


def _clipped(number: int | float) -> int:
    """A whole number within 64 bits, as C converts."""
    if isinstance(number, float) and math.isinf(number):
        return 2**63 - 1 if number > 0 else -(2**63)
    return math.trunc(number)


def _numbers(left: object, right: object, verb: str) -> tuple[int | float, int | float]:
    if (
        isinstance(left, bool)
        or isinstance(right, bool)
        or not isinstance(left, (int, float))
        or not isinstance(right, (int, float))
    ):
        raise JqError(f"{described(left)} and {described(right)} cannot be {verb}")
    return left, right


def _number(
    pair: tuple[int | float, int | float],
    operation: Callable[[int | float, int | float], int | float],
) -> int | float:
    try:
        result = operation(*pair)
    except OverflowError:
        # An integer beyond the range of doubles next to a double.
        return operation(*(math.inf if n > 0 else -math.inf for n in pair))
    return result if isinstance(result, int) else normal(result)


OPERATORS: Final[dict[str, Callable[[object, object], object]]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": modulo,
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": less,
    "<=": lambda left, right: not less(right, left),
    ">": lambda left, right: less(right, left),
    ">=": lambda left, right: not less(left, right),
}
