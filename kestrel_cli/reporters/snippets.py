"""Lines of a flow file with a caret below, in messages: cut around the caret, never wrapped."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from kestrel_cli.reporters.cells import cells, folded

_PLACE: Final = re.compile(r"  \S.*:(\d+):\d+$")
_SOURCE: Final = re.compile(r"( {3}\d+ \| )(.*)$")
_CARET: Final = re.compile(r"( {4,}\| )( *)(\^+)$")
_GAP: Final = "..."
_LEAST: Final = 12
_LINES: Final = 3  # place, line, caret


def fitted(lines: list[str], room: int) -> list[str]:
    """The lines of a message in rows of at most `room` columns: words are folded, a line of a file
    above a caret is cut on both sides of it.
    """
    return _cut(lines, room, lambda line: folded(line, room))


def narrowed(text: str, room: int) -> str:
    """The text with only such lines cut; the terminal folds the rest."""
    return "\n".join(_cut(text.split("\n"), room, lambda line: [line]))


def _cut(lines: list[str], room: int, words: Callable[[str], list[str]]) -> list[str]:
    rows: list[str] = []
    at = 0
    while at < len(lines):
        rows += words(lines[at])
        if _is_snippet(lines, at):
            rows += windowed(lines[at + 1], lines[at + 2], room)
            at += _LINES
        else:
            at += 1
    return rows


def widest(lines: list[str]) -> int:
    """The columns that the lines need, those left out that can be cut."""
    return max((cells(line) for line in _words(lines)), default=0)


def windowed(source: str, caret: str, room: int) -> list[str]:
    """Both lines in at most `room` columns, with as much around the caret as there is room for."""
    line, mark = _SOURCE.match(source), _CARET.match(caret)
    if line is None or mark is None or cells(source) <= room:
        return [source, caret]
    gutter, text = line[1], line[2]
    wide = max(room - len(gutter), _LEAST)
    start = _place(text, len(mark[2]))
    end = min(_place(text, len(mark[2]) + len(mark[3])), len(text))
    before = max(wide * 2 // 5 - len(_GAP), 0)
    head, left = "", 0
    if cells(text[:end]) > wide - len(_GAP):
        left = start
        while left > 0 and cells(text[left - 1 : start]) <= before:
            left -= 1
        head = _GAP if left else ""
    right = left
    whole = cells(head + text[left:]) <= wide
    limit = wide - len(head) - (0 if whole else len(_GAP))
    while right < len(text) and cells(text[left : right + 1]) <= limit:
        right += 1
    tail = "" if right == len(text) else _GAP
    under = max(cells(text[start : min(end, right)]), 1)
    shown = f"{gutter}{head}{text[left:right]}{tail}"
    return [shown, f"{mark[1]}{' ' * cells(head + text[left:start])}{'^' * under}"]


def _place(text: str, columns: int) -> int:
    """The character that stands after so many columns."""
    if text.isascii():
        return columns
    at = 0
    while at < len(text) and columns > 0:
        columns -= cells(text[at])
        at += 1
    return at


def _is_snippet(lines: list[str], at: int) -> bool:
    """Whether a place stands there with its line and a caret; our own, for they name one line."""
    if len(lines) < at + _LINES or not lines[at + 2].endswith("^"):
        return False
    place = _PLACE.match(lines[at])
    source = _SOURCE.match(lines[at + 1])
    if place is None or source is None or _CARET.match(lines[at + 2]) is None:
        return False
    return source[1].strip(" |") == place[1]


def _words(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        yield lines[at]
        at += _LINES if _is_snippet(lines, at) else 1
