"""Whether a value that was read is what it ought to be. Each check returns the value, or what was
meant by it, and raises ValueError for anything else.

What they say names kinds of values only, never a value: that may be a secret.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from kestrel_cli.model.state import State

T = TypeVar("T")
Check = Callable[[Any], T]

_LAST: Final = 253_402_300_800_000_000 - 1  # microseconds until the end of the year 9999
_FLOATS: Final = 1 << 1023
_STATES: Final[dict[str, State]] = {state.value: state for state in State}
_KINDS: Final[dict[type, str]] = {
    type(None): "null",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a map",
}


def wrong(wanted: str, value: object) -> ValueError:
    """What to raise for a value that is something else."""
    return ValueError(f"{_KINDS.get(type(value), 'something else')} where {wanted} has to be")


def count(value: Any) -> int:
    """A whole number, not negative."""
    if type(value) is int and value >= 0:
        return value
    raise wrong("a number of something", value)


def moment(value: Any) -> int:
    """Microseconds since 1970 that a calendar has."""
    if type(value) is int and 0 <= value <= _LAST:
        return value
    raise wrong("a moment", value)


def number(value: Any) -> float:
    """A number that a float can hold."""
    if type(value) is float or (type(value) is int and abs(value) < _FLOATS):
        return value
    raise wrong("a number", value)


def text(value: Any) -> str:
    if type(value) is str:
        return value
    raise wrong("a text", value)


def flag(value: Any) -> bool:
    if type(value) is bool:
        return value
    raise wrong("true or false", value)


def table(value: Any) -> dict[str, Any]:
    """A map; JSON has none whose keys are no texts."""
    if type(value) is dict:
        return value
    raise wrong("a map", value)


def state(value: Any) -> State:
    if type(value) is str and (found := _STATES.get(value)) is not None:
        return found
    raise wrong("the name of a state", value)


def row(value: Any, length: int) -> list[Any]:
    """A list of so many values."""
    if type(value) is list and len(value) == length:
        return value
    raise wrong(f"a list of {length}", value)


def one_of(words: Sequence[T]) -> Check[T]:
    """One of some words."""
    known: dict[object, T] = {word: word for word in words}

    def check(value: Any) -> T:
        if type(value) is str and value in known:
            return known[value]
        raise wrong("one of " + ", ".join(map(str, words)), value)

    return check


def maybe(check: Check[T]) -> Check[T | None]:
    """Null is allowed, too."""
    return lambda value: None if value is None else check(value)


def each(check: Check[T]) -> Check[list[T]]:
    """A list of such values."""

    def every(value: Any) -> list[T]:
        if type(value) is list:
            return [check(item) for item in value]
        raise wrong("a list", value)

    return every


def texts(value: Any) -> dict[str, str]:
    """A map of texts."""
    for item in table(value).values():
        text(item)
    return value  # type: ignore[no-any-return]  # just looked at


def _pair(value: Any) -> tuple[str, str]:
    name, content = row(value, 2)
    return text(name), text(content)


pairs: Final = each(_pair)
