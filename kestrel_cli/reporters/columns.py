"""Names in a column with words beside them, and text folded at the width of a terminal."""

from collections.abc import Iterator, Sequence
from typing import Final

from kestrel_cli.reporters.cells import cells, folded
from kestrel_cli.reporters.console import Style

INDENT: Final = "  "
_LEAST_ROOM: Final = 24  # columns for words, however narrow the terminal
_LONGEST_NAME: Final = 30


def rows(pairs: Sequence[tuple[str, str]], style: Style) -> Iterator[str]:
    """Names in a column, what is said about them beside it; below a name that is too long."""
    widths = [cells(name) for name, _ in pairs]
    width = max((one for one in widths if one <= _LONGEST_NAME), default=_LONGEST_NAME)
    margin = " " * (len(INDENT) + width + 2)
    for (name, words), own in zip(pairs, widths, strict=True):
        if own > width:
            yield f"{INDENT}{name}"
            yield from paragraph(words, margin, margin, style)
        else:
            yield from paragraph(words, f"{INDENT}{name}{' ' * (width - own)}  ", margin, style)


def paragraph(text: str, first: str, margin: str, style: Style) -> Iterator[str]:
    """Text in rows, folded at a terminal only: whoever filters it wants whole lines."""
    room = max(style.width - len(margin), _LEAST_ROOM) if style.wraps else 1_000_000
    for number, row in enumerate(folded(text, room)):
        yield (margin if number else first) + row.rstrip()
