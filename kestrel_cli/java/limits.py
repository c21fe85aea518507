"""How much one call may produce. Asked before memory is spent, not after."""

from __future__ import annotations

from typing import Final

from kestrel_cli.java.errors import JavaError

MAX_TEXT: Final = 10_000_000
MAX_ITEMS: Final = 1_000_000
MAX_BITS: Final = 4096


def text_too_long(what: str) -> JavaError:
    """The error for text beyond `MAX_TEXT` characters."""
    return JavaError(f"{what} is longer than the limit of {MAX_TEXT} characters")


def check_length(characters: int, what: str) -> None:
    """Refuse a text of that many characters if it is beyond the limit."""
    if characters > MAX_TEXT:
        raise text_too_long(what)


def check_items(count: int, what: str) -> None:
    """Refuse a list of that many elements if it is beyond the limit."""
    if count > MAX_ITEMS:
        raise JavaError(f"{what} has more than the limit of {MAX_ITEMS} elements")


def check_integer(value: int) -> int:
    """`value` itself, refused when it needs more than `MAX_BITS` bits."""
    if value.bit_length() > MAX_BITS:
        raise JavaError(f"an integer has more than the limit of {MAX_BITS} bits")
    return value
