"""`range`, `max` and `min`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.arguments import number

if TYPE_CHECKING:
    from collections.abc import Sequence


def range_(start: object, end: object, increment: object = 1) -> list[object]:
    """The list from `start` to `end`, both included; one-character texts give letters."""
    step = _step(increment)
    if isinstance(start, str) and isinstance(end, str):
        return [chr(code) for code in _numbers(_letter(start), _letter(end), step)]
    if _is_integer(start) and _is_integer(end):
        return list(_numbers(int(start), int(end), step))  # type: ignore[call-overload]
    raise RenderError("Arguments of range function must be of type Number or String")


def _step(increment: object) -> int:
    if isinstance(increment, bool) or not isinstance(increment, int):
        raise RenderError("The increment of the range function must be a number")
    if increment == 0:
        raise RenderError("The increment of the range function must be different than 0")
    return increment


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _letter(text: str) -> int:
    if len(text) != 1:
        raise RenderError("Arguments of range function must be of type Number or one character")
    return ord(text)


def _numbers(start: int, end: int, step: int) -> range:
    numbers = range(start, end + (1 if step > 0 else -1), step)
    # Counted by hand: len() cannot count beyond the machine's word.
    count = max(0, (end - start) // step + 1)
    if count > limits.MAX_ITEMS:
        raise RenderError(
            f"The range function cannot produce more than {limits.MAX_ITEMS} elements,"
            f" but this call would produce {count}."
        )
    return numbers


def maximum(*numbers: object) -> object:
    """The greatest of the numbers; nulls do not count, null when there is none."""
    return _most(numbers, 1)


def minimum(*numbers: object) -> object:
    """The least of the numbers; nulls do not count, null when there is none."""
    return _most(numbers, -1)


def _most(numbers: Sequence[object], sign: int) -> object:
    best: object = None
    best_size = 0.0
    for value in numbers:
        if value is None:
            continue
        try:
            size = sign * float(number(value, "the arguments of max and min have to be numbers"))
        except OverflowError:
            raise RenderError("a number is too large to be compared") from None
        if best is None or size > best_size:
            best, best_size = value, size
    return best
