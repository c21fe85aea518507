"""How many columns text takes on a terminal, and where to fold it."""

import re
from typing import Final

_SGR: Final = re.compile(r"\x1b\[[0-9;:]*m")
_WORD: Final = re.compile(r"\s*\S+|\s+$")
_TAB: Final = 8


def cells(text: str) -> int:
    """The columns of `text`: two for wide characters, none for combining ones and colour codes."""
    if text.isascii() and text.isprintable():
        return len(text)
    from unicodedata import category, east_asian_width  # 3 ms to import, and seldom needed

    total = 0
    for character in _SGR.sub("", text):
        if character == "\t":
            total += _TAB
        elif category(character) not in ("Mn", "Me", "Cf"):
            total += 2 if east_asian_width(character) in "WF" else 1
    return total


def folded(text: str, room: int) -> list[str]:
    """`text` in rows of at most `room` columns; a longer word stays whole, so it can be copied."""
    if cells(text) <= room:
        return [text]
    rows, row, used = [], "", 0
    for word in _WORD.findall(text):
        size = cells(word)
        if row and used + size > room:
            rows.append(row)
            row = word.lstrip()
            used = cells(row)
        else:
            row, used = row + word, used + size
    return [*rows, row]


def cut(text: str, room: int, rows: int, gap: str) -> list[str]:
    """`text` in up to `rows` rows of `room` columns, broken behind a comma, a colon or a blank if
    one is near, else anywhere; `gap` stands for the rest.
    """
    lines: list[str] = []
    while cells(text) > room:
        at = _prefix(text, room)
        if len(lines) == rows - 1:
            at = _prefix(text, room - len(gap))
            return [*lines, text[:at] + gap]
        at = _good_break(text, at)
        lines.append(text[:at])
        text = text[at:]
    return [*lines, text]


def ending(text: str, room: int, gap: str) -> str:
    """`text` in one row of `room` columns: its end, behind a `gap` for what is left out."""
    if cells(text) <= room:
        return text
    while text and cells(text) > room - len(gap):
        text = text[max(cells(text) - room + len(gap), 2) // 2 :]
    return f"{gap}{text}"


def _good_break(text: str, at: int) -> int:
    """Where to break at `at` or a little before."""
    found = max(text.rfind(mark, at * 2 // 3, at) for mark in ",: ") + 1
    return found or at


def _prefix(text: str, room: int) -> int:
    """How many characters fit into `room` columns; at least one."""
    if text.isascii():
        return max(room, 1)
    used = 0
    for at, character in enumerate(text):
        used += cells(character)
        if used > room:
            return max(at, 1)
    return len(text)
