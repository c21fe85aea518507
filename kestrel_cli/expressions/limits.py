"""How much one expression may produce, and the errors that say so.

Text and nesting come from outside (HTTP answers, files, child output), so every place that
multiplies data asks here first. The limits are checked before memory is spent, not after.
"""

from __future__ import annotations

from typing import Final

from kestrel_cli.errors import RenderError

MAX_TEXT: Final = 10_000_000
MAX_ITEMS: Final = 1_000_000
MAX_DEPTH: Final = 100
MAX_BITS: Final = 4096
MAX_STEPS: Final = 5_000_000  # loop steps and macro calls of one rendering


def text_too_long(what: str = "the result") -> RenderError:
    """The error for text beyond `MAX_TEXT` characters."""
    return RenderError(f"{what} is longer than the limit of {MAX_TEXT} characters")


def too_many_items(what: str = "the result") -> RenderError:
    """The error for lists beyond `MAX_ITEMS` elements."""
    return RenderError(f"{what} has more than the limit of {MAX_ITEMS} elements")


def too_deep(what: str = "the value") -> RenderError:
    """The error for lists and maps inside each other beyond `MAX_DEPTH`."""
    return RenderError(f"{what} is nested deeper than the limit of {MAX_DEPTH} levels")


def check_length(characters: int, what: str = "the result") -> None:
    """Refuse a text of that many characters if it is beyond the limit."""
    if characters > MAX_TEXT:
        raise text_too_long(what)


def check_items(count: int, what: str = "the result") -> None:
    """Refuse a list of that many elements if it is beyond the limit."""
    if count > MAX_ITEMS:
        raise too_many_items(what)


def check_integer(value: int) -> int:
    """`value` itself, refused when it needs more than `MAX_BITS` bits."""
    if value.bit_length() > MAX_BITS:
        raise RenderError(f"an integer has more than the limit of {MAX_BITS} bits")
    return value
