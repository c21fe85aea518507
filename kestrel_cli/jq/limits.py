"""How much a jq program may make. Asked before memory is spent, not after."""

from __future__ import annotations

from typing import Final

from kestrel_cli.jq.errors import ProgramError

MAX_TEXT: Final = 10_000_000
MAX_ITEMS: Final = 1_000_000
MAX_DEPTH: Final = 100
MAX_BITS: Final = 4096


def text_too_long(what: str) -> ProgramError:
    """The error for text beyond `MAX_TEXT` characters."""
    return ProgramError(f"{what} is longer than the limit of {MAX_TEXT} characters")


def too_many_items(what: str) -> ProgramError:
    """The error for lists beyond `MAX_ITEMS` elements."""
    return ProgramError(f"{what} has more than the limit of {MAX_ITEMS} elements")


def too_deep(what: str) -> ProgramError:
    """The error for lists and maps inside each other beyond `MAX_DEPTH`."""
    return ProgramError(f"{what} is nested deeper than the limit of {MAX_DEPTH} levels")


def check_length(characters: int, what: str) -> None:
    """Refuse a text of that many characters if it is beyond the limit."""
    if characters > MAX_TEXT:
        raise text_too_long(what)


def check_items(count: int, what: str) -> None:
    """Refuse a list of that many elements if it is beyond the limit."""
    if count > MAX_ITEMS:
        raise too_many_items(what)


def check_integer(value: int) -> None:
    """Refuse an integer that needs more than `MAX_BITS` bits."""
    if value.bit_length() > MAX_BITS:
        raise ProgramError(f"an integer has more than the limit of {MAX_BITS} bits")


def check_depth(value: object, what: str) -> None:
    """Refuse lists and maps nested deeper than the limit."""
    level: list[object] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [item for outer in level for item in _inside(outer)]
        if not level:
            return
    raise too_deep(what)


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
