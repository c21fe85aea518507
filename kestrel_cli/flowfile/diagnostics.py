"""Diagnostics as text for people and as plain data for programs."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from kestrel_cli.diagnostic import Diagnostic, Position

_WIDTH: Final = 100  # columns of a source line that are shown
_BEFORE: Final = 40  # of these, at most so many before the caret
_LEAST: Final = 12  # columns of a source line, however narrow the terminal
_TAB: Final = 4
_ELLIPSIS: Final = "..."
# How a reporter paints a severity.
_ROLES: Final = {"error": "failed", "warning": "warning", "info": "waiting"}

Line = list[tuple[str, str]]  # (role, text), left to right


def render(diagnostic: Diagnostic) -> str:
    """Message, place, the line with a caret, hint; no escape sequence of the file survives."""
    return "\n".join("".join(text for _, text in line) for line in lines(diagnostic))


def lines(diagnostic: Diagnostic, width: int = _WIDTH) -> Iterator[Line]:
    """The lines of `render` in roles; `width` is what the line of the file may take."""
    role = _ROLES[diagnostic.severity]
    yield [(role, f"{diagnostic.severity}: "), ("name", visible(diagnostic.message))]
    yield [("plain", "  "), ("path", visible(str(diagnostic.where)))]
    if diagnostic.source is not None and diagnostic.where.line:
        shown, caret = excerpt(diagnostic.where, diagnostic.source, diagnostic.length, width)
        gutter = shown.index("|") + 2
        yield [("dim", shown[:gutter]), ("plain", shown[gutter:])]
        yield [("dim", caret[:gutter]), (role, caret[gutter:])]
    if diagnostic.hint:
        yield [("value", "hint: "), ("plain", visible(diagnostic.hint))]


def as_data(diagnostic: Diagnostic) -> dict[str, object]:
    """The diagnostic as JSON shows it; a line or column of 0 is left out."""
    file, line, column = diagnostic.where
    data: dict[str, object] = {
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "file": file,
    }
    if line:
        data |= {"line": line, "column": column}
    if diagnostic.hint:
        data["hint"] = diagnostic.hint
    return data


def visible(text: str) -> str:
    """The text with every character that could steer a terminal or reorder a line as an escape."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if character in "\t\n\r":
        return {"\t": "\\t", "\n": "\\n", "\r": "\\r"}[character]
    return f"\\x{code:02x}" if code < 256 else f"\\u{{{code:x}}}"


def excerpt(where: Position, source: str, length: int, width: int = 1000) -> list[str]:
    """The line `source` at its place, and the line with the caret below it; neither is longer than
    `width`.
    """
    column = min(where.column, len(source) + 1)
    gutter = f"   {where.line}"
    room = max(min(_WIDTH, width - len(gutter) - len(" | ") - len(_ELLIPSIS)), _LEAST)
    shown, before, under = _cut(source, column - 1, length, room)
    caret = " " * before + "^" * under
    return [f"{gutter} | {shown}", f"{' ' * len(gutter)} | {caret}"]


def _cut(source: str, start: int, length: int, width: int) -> tuple[str, int, int]:
    """The part of the line around the caret, the columns before it, and how many it underlines."""
    most = width * _BEFORE // _WIDTH
    before = _widened(source[max(start - 4 * most, 0) : start])
    marked = _widened(source[start : start + length][: 2 * width])
    after = _widened(source[start + length :][: 2 * width])
    head = ""
    if start > 4 * most or _columns(before) + _columns(marked) + _columns(after) > width:
        while _columns(before) > most:
            before, head = before[1:], _ELLIPSIS
    room = max(width - len(head) - _columns(before), 1)
    rest, tail = _fitting(marked + after, room)
    under = max(min(_columns(marked), _columns(rest)), 1)
    return head + before + rest + tail, len(head) + _columns(before), under


def _fitting(text: str, room: int) -> tuple[str, str]:
    used = 0
    for place, character in enumerate(text):
        used += _columns(character)
        if used > room:
            return text[:place], _ELLIPSIS
    return text, ""


def _widened(text: str) -> str:
    return visible(text.replace("\t", " " * _TAB))


def _columns(text: str) -> int:
    """How many terminal columns the text takes."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
