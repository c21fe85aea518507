"""`range`, `max` and `min`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.arguments import number

if TYPE_CHECKING:
    from collections.abc import Sequence


_LONG: Final = (-(2**63), 2**63 - 1)


def range_(start: object, end: object, increment: object = 1) -> list[object]:
    """The list from `start` to `end`, both included; one-character texts give letters.

    Fractions are cut off.
    """
    step = _step(increment)
    if isinstance(start, str) and isinstance(end, str):
        return [chr(code) for code in _numbers(_letter(start), _letter(end), step)]
    first, last = _whole(start), _whole(end)
    if first is not None and last is not None:
        return list(_numbers(first, last, step))
    raise RenderError("Arguments of range function must be of type Number or String")


def _step(increment: object) -> int:
    step = _whole(increment)
    if step is None:
        raise RenderError("The increment of the range function must be a number")
    if step == 0:
        raise RenderError("The increment of the range function must be different than 0")
    return step


def _whole(value: object) -> int | None:
    """The whole part of a number, within Java's `long`; None for anything else."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return None
    if isinstance(value, int):
        return value
    from decimal import Decimal

    if not isinstance(value, (float, Decimal)):
        return None
    number = float(value)
    return 0 if number != number else int(max(_LONG[0], min(_LONG[1], number)))


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
