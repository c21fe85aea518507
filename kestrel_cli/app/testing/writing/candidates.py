"""Values to try in place of those that a decision reads: around the numbers it compares with, the
texts that it names, empty ones and others.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from kestrel_cli.app.testing.writing.knobs import Knob, Reads
from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.typed import choices

OTHER: Final = "another value"
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_DATES: Final = ("2000-01-01", "2099-12-31", *(f"2024-01-0{n}" for n in range(1, 8)))
_LONGEST: Final = 50  # lists and texts that are made to have a length


def candidates(
    current: Any, reads: Reads, keys: Sequence[str], flow: Flow, knob: Knob
) -> list[Any]:
    """Values to try in place of one, those that a person would try first before others."""
    if isinstance(current, bool):
        return [not current]
    found: list[Any] = []
    declared = next((one for one in flow.inputs if knob.path == (one.id,)), None)
    if knob.of == "inputs" and declared is not None:
        allowed = _allowed(declared)
        if allowed is not None:
            return [one for one in allowed if one != current]
        found += _dates(str(declared.type))
    if isinstance(current, (int, float)):
        found += _numbers(current, reads, keys)
    elif isinstance(current, list):
        found += _lists(current, reads, keys)
    elif isinstance(current, dict):
        found += [{}]
    else:
        found += _texts(current, reads, keys)
    unique: list[Any] = []
    for one in found:
        if one != current and not any(one == x and type(one) is type(x) for x in unique):
            unique.append(one)
    return unique


def _allowed(declared: Input) -> list[Any] | None:
    """All that an input of choices can be; None: it has none."""
    allowed = choices(getattr(declared, "values", None) or getattr(declared, "options", None))
    if str(declared.type) == "MULTISELECT":
        return [[], [*(allowed or ())], *([one] for one in allowed or ())]
    return list(allowed) if allowed else None


def _dates(kind: str) -> list[str]:
    """Days long ago, far away, and of each day of the week."""
    if kind not in ("DATE", "DATETIME"):
        return []
    return [f"{one}T10:00:00Z" if kind == "DATETIME" else one for one in _DATES]


def _whole(number: float) -> int | float:
    return int(number) if number == int(number) else number


def _numbers(current: float, reads: Reads, keys: Sequence[str]) -> Iterator[int | float]:
    for key in keys:
        if _NUMBER.fullmatch(key):
            yield _whole(float(key))
    for number in reads.numbers:
        yield from (_whole(number), _whole(number + 1), _whole(number - 1))
    yield from (0, _whole(current + 1), -1, 1000, _whole(current * 2))


def _lists(current: list[Any], reads: Reads, keys: Sequence[str]) -> Iterator[list[Any]]:
    first = current[:1] or ["one"]
    yield []
    yield first if len(current) != 1 else [*first, *first]
    for number in reads.numbers:
        for length in (number, number + 1, number - 1):
            if 0 < length <= _LONGEST and length == int(length):
                yield (first * int(length))[: int(length)]
    if all(isinstance(one, (str, int)) for one in current):
        yield from ([one] for one in (*keys, *reads.texts))


def _texts(current: Any, reads: Reads, keys: Sequence[str]) -> Iterator[Any]:
    yield from keys
    yield from reads.texts
    yield OTHER
    yield ""
    if current is None:
        yield from (True, False)
    for number in reads.numbers:
        yield str(_whole(number))
        for length in (number, number + 1, number - 1):
            if 0 < length <= _LONGEST and length == int(length):
                yield "x" * int(length)
    yield from ("true", "false")
    for text in (*keys, *reads.texts):
        yield from (one for one in (text.upper(), text.lower()) if one != text)
