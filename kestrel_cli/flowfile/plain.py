"""The YAML that most flows are written in, read line by line: five times as fast, without ruamel.

Block lists and maps with simple keys, values on one line, literal blocks, flow lists on one line.
At anything else `feed` answers False, and the whole file is read by ruamel (`events.py`). So this
module words no errors, and a test compares the two on everything that both read.
"""

import json
import re
from typing import Final

from kestrel_cli.flowfile.composer import Composer

_QUOTED: Final = r'"(?:[^"\\]|\\["\\/bfnrt])*"|\'(?:[^\']|\'\')*\''
# Longer keys could be ones that ruamel refuses; a flow has none of that length.
_KEY: Final = re.compile(
    r"([A-Za-z0-9_][\w./-]{0,127}|\"[^\"\\]{0,126}\"|'[^']{0,126}'):(?: +|$)", re.ASCII
)
_ENTRY: Final = re.compile(r"-(?: +|$)")
_LITERAL: Final = re.compile(r"\|(-?) *$")
_WHOLE: Final = re.compile(rf"({_QUOTED}) *(?: #.*)?$")
_PLAIN_START: Final = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]|-[^\s]")
_ITEM: Final = re.compile(
    rf"(?:({_QUOTED}) *|((?:[^\s\-?:,\[\]{{}}#&*!|>'\"%@`]|-[0-9])[^,:?#\[\]{{}}]*))([,\]]) *"
)
_MAX_ITEMS: Final = (
    1000  # more on one line is no flow; ruamel's lower limit on nodes is to judge it
)
_COMMENT: Final = " #"
_UNUSUAL: Final = re.compile("[\t\x85\u2028\u2029\ufeff]|\r(?!\n)")


class _Unusual(Exception):
    """Something that this module leaves to ruamel."""


class _Level:
    """An open list or map: its column, and the place of a value that it still waits for."""

    __slots__ = ("column", "is_map", "waiting")

    def __init__(self, column: int, *, is_map: bool) -> None:
        self.column = column
        self.is_map = is_map
        self.waiting: tuple[int, int] | None = None


def feed(composer: Composer, text: str) -> bool:
    """Give every part of the text to the composer; False, half-way, when anything is unusual."""
    if _UNUSUAL.search(text):
        return False
    try:
        _Lines(composer, text).feed()
    except _Unusual:
        return False
    return True


class _Lines:
    """The lines of one file and the lists and maps that are open."""

    def __init__(self, composer: Composer, text: str) -> None:
        self._composer = composer
        self._lines = text.replace("\r\n", "\n").split("\n")
        self._next = 0
        self._levels: list[_Level] = []
        self._begun = False

    def feed(self) -> None:
        lines = self._lines
        count = len(lines)
        while self._next < count:
            line = lines[self._next]
            self._next += 1
            content = line.lstrip(" ")
            if not content or content[0] == "#":
                continue
            column = len(line) - len(content)
            if column == 0 and content[0] in "-.%" and self._marker(content):
                continue
            self._line(line, column)
        while self._levels:
            self._close()

    def _marker(self, content: str) -> bool:
        """Whether the line is the `---` before the document."""
        if content[:3] not in ("---", "...") and content[0] != "%":
            return False
        if content.rstrip() != "---" or self._begun:
            raise _Unusual
        self._begun = True
        return True

    def _line(self, line: str, column: int) -> None:
        self._begun = True
        entry = _ENTRY.match(line, column)
        self._leave(column, is_entry=entry is not None)
        while entry:
            self._enter(column, is_map=False)
            level = self._levels[-1]
            level.waiting = (self._next, column + 2)
            column = entry.end()
            entry = _ENTRY.match(line, column)
        if column == len(line) or line[column] == "#":
            return
        key = _KEY.match(line, column)
        if key is None:
            self._item(line, column)
            return
        self._enter(column, is_map=True)
        text = key[1]
        self._scalar(text[1:-1] if text[0] in "\"'" else text, column, len(text), plain=False)
        level = self._levels[-1]
        level.waiting = (self._next, column + len(text) + 2)
        if key.end() < len(line):
            self._value(line, key.end(), level)

    def _leave(self, column: int, *, is_entry: bool) -> None:
        """Close what a line at this column is no longer part of."""
        levels = self._levels
        while levels:
            top = levels[-1]
            if top.column < column or (top.column == column and (is_entry or top.is_map)):
                break
            self._close()

    def _enter(self, column: int, *, is_map: bool) -> None:
        """Make the innermost level the list or map at this column."""
        top = self._levels[-1] if self._levels else None
        if top is not None and top.column == column and top.is_map is is_map:
            if top.waiting is not None:
                self._nothing(top)
            return
        if top is not None:
            indentless = top.is_map and not is_map and top.column == column
            if top.waiting is None or not (top.column < column or indentless):
                raise _Unusual
            top.waiting = None
        elif self._composer.root is not None:
            raise _Unusual
        self._composer.begin(self._next, column + 1, is_map=is_map)
        self._levels.append(_Level(column, is_map=is_map))

    def _close(self) -> None:
        level = self._levels.pop()
        if level.waiting is not None:
            self._nothing(level)
        self._composer.end()

    def _nothing(self, level: _Level) -> None:
        assert level.waiting is not None
        line, column = level.waiting
        level.waiting = None
        self._composer.scalar("", line, column, 1, plain=True)

    def _item(self, line: str, column: int) -> None:
        level = self._levels[-1] if self._levels else None
        if level is None or level.is_map or level.waiting is None or level.waiting[0] != self._next:
            raise _Unusual
        self._value(line, column, level)

    def _value(self, line: str, column: int, level: _Level) -> None:
        """The value that starts at this column and ends with the line."""
        first = line[column]
        if first == "#":
            return
        level.waiting = None
        if first in "\"'":
            self._quoted(line, column)
        elif first == "|":
            self._literal(line, column, level)
            return
        elif first == "[":
            self._flow_list(line, column)
        elif line[column:] == "{}":
            self._composer.begin(self._next, column + 1, is_map=True)
            self._composer.end()
        else:
            self._plain(line, column)
        self._expect_end(level.column)

    def _plain(self, line: str, column: int) -> None:
        if not _PLAIN_START.match(line, column):
            raise _Unusual
        end = line.find(_COMMENT, column)
        text = (line[column:] if end < 0 else line[column:end]).rstrip(" ")
        if ": " in text or text[-1] == ":":
            raise _Unusual
        self._scalar(text, column, len(text), plain=True)

    def _quoted(self, line: str, column: int) -> None:
        found = _WHOLE.match(line, column)
        if found is None:
            raise _Unusual
        text = found[1]
        self._scalar(_unquoted(text), column, len(text), plain=False)

    def _flow_list(self, line: str, column: int) -> None:
        self._composer.begin(self._next, column + 1, is_map=False)
        place = column + 1
        while line[place : place + 1] == " ":
            place += 1
        if line[place : place + 1] == "]":
            place += 1
        else:
            place = self._flow_items(line, place)
        self._composer.end()
        rest = line[place:].lstrip(" ")
        if rest and not (rest[0] == "#" and line[place - 1] == " "):
            raise _Unusual

    def _flow_items(self, line: str, place: int) -> int:
        """The items of a flow list; the place behind its bracket."""
        for _ in range(_MAX_ITEMS):
            found = _ITEM.match(line, place)
            if found is None:
                break
            quoted, plain, stop = found.groups()
            if quoted is not None:
                self._scalar(_unquoted(quoted), place, len(quoted), plain=False)
            else:
                text = plain.rstrip(" ")
                self._scalar(text, place, len(text), plain=True)
            place = found.end()
            if stop == "]":
                return place
        raise _Unusual

    def _scalar(self, text: str, column: int, length: int, *, plain: bool) -> None:
        self._composer.scalar(text, self._next, column + 1, length, plain=plain)

    def _literal(self, line: str, column: int, level: _Level) -> None:
        header = _LITERAL.match(line, column)
        if header is None:
            raise _Unusual
        start = self._next
        text = "\n".join(self._block(level.column)).rstrip("\n")
        if not text:
            raise _Unusual
        # At the end of a file without a final line end, the text has none either.
        ended = self._next < len(self._lines) or self._lines[-1] == ""
        if not ended and not self._lines[-1].strip(" "):
            raise _Unusual
        if ended and not header[1]:
            text += "\n"
        self._composer.scalar(text, start, column + 1, 1, plain=False)

    def _block(self, outside: int) -> list[str]:
        """The lines of a literal block, without their indentation."""
        texts: list[str] = []
        indent = 0
        lines = self._lines
        while self._next < len(lines):
            line = lines[self._next]
            content = line.lstrip(" ")
            column = len(line) - len(content)
            if content and not indent:
                if column <= outside or any(len(blank) > column for blank in texts):
                    break
                indent = column
                texts = [""] * len(texts)
            if content and column < indent:
                break
            texts.append(line[indent:] if indent else line)
            self._next += 1
        if not indent:
            raise _Unusual
        return texts

    def _expect_end(self, outside: int) -> None:
        """A deeper line after a value would go on with it."""
        for number in range(self._next, len(self._lines)):
            line = self._lines[number]
            content = line.lstrip(" ")
            if content and content[0] != "#":
                if len(line) - len(content) > outside:
                    raise _Unusual
                return


def _unquoted(text: str) -> str:
    if text[0] == "'":
        return text[1:-1].replace("''", "'")
    inner = text[1:-1]
    return str(json.loads(text, strict=False)) if "\\" in inner else inner
