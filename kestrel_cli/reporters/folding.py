"""Sentences that a terminal is too narrow for, broken between words as a reader would."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from kestrel_cli.reporters.cells import cells, folded
from kestrel_cli.reporters.console import Style

if TYPE_CHECKING:
    from kestrel_cli.reporters.tree import Line

_MARGIN: Final = "  "  # before rows that go on
_KEPT: Final = "\ufffc"  # stands for a blank within a command, and after `in` before a number
_NUMBER: Final = re.compile(r"(?<= in) (?=[<\d])")


def folded_lines(lines: "Iterable[Line]", style: Style) -> "Iterator[Line]":
    """The lines in rows of the terminal's width, where a person reads along. What stands between
    backticks is not broken, so that a command can be copied.
    """
    for line in lines:
        if not style.wraps or cells(text := "".join(part for _, part in line)) <= style.width:
            yield line
            continue
        parts = iter([(role, character) for role, part in line for character in part])
        rows = folded(_kept_together(text), style.width - len(_MARGIN))
        for at, row in enumerate(rows):
            yield [*([("plain", _MARGIN)] if at else []), *_coloured(row, parts)]


def _kept_together(text: str) -> str:
    text = _NUMBER.sub(_KEPT, text)
    pieces = text.split("`")
    pieces[1::2] = [one.replace(" ", _KEPT) for one in pieces[1::2]]
    return "`".join(pieces)


def _coloured(row: str, parts: Iterator[tuple[str, str]]) -> "Iterator[tuple[str, str]]":
    """The row in the roles that its characters had; blanks at which it was broken are passed by."""
    role, run = "", ""
    for wanted in row.replace(_KEPT, " "):
        own, character = next(parts)
        while character != wanted:
            own, character = next(parts)
        if own != role and run:
            yield role, run
            run = ""
        role, run = own, run + character
    if run:
        yield role, run
