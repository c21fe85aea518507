"""The tests after `is` and `is not`. `defined` is the compiler's: it has to see what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable


def is_null(value: object) -> bool:
    """Null itself; a missing variable has failed before."""
    return value is None


def is_empty(value: object) -> bool:
    """Null, blank text, an empty list or map. Zero and false are not empty."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, (list, tuple, dict)) and not value)


def is_even(value: object) -> bool:
    """An integer divisible by two; anything but an integer is an error."""
    return _integer(value, "even") % 2 == 0


def is_odd(value: object) -> bool:
    """An integer not divisible by two; anything but an integer is an error."""
    return _integer(value, "odd") % 2 != 0


def is_map(value: object) -> bool:
    """A map."""
    return isinstance(value, dict)


def is_iterable(value: object) -> bool:
    """A list; neither a map nor text."""
    return isinstance(value, (list, tuple))


def is_json(value: object) -> bool:
    """Text that can be read as JSON from its start; blank text counts, other types are an error."""
    if not isinstance(value, str):
        raise RenderError("the test 'json' needs text")
    import json

    text = value.strip()
    if not text:
        return True
    try:
        json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def _integer(value: object, test: str) -> int:
    if value is None:
        raise RenderError(f'Can not pass null value to "{test}" test.')
    if isinstance(value, bool) or not isinstance(value, int):
        raise RenderError(f"the test '{test}' needs an integer")
    return value


TESTS: Final[dict[str, Callable[[object], bool]]] = {
    "empty": is_empty,
    "even": is_even,
    "iterable": is_iterable,
    "json": is_json,
    "map": is_map,
    "null": is_null,
    "odd": is_odd,
}
