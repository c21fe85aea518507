"""Rows in internal storage: Ion text, one value after the other, in memory that does not grow.

Kestra writes one map on each line, and such lines are read by one regular expression. Everything
else Ion allows (values over several lines, several on one, comments) is read as well, more slowly.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, BinaryIO, Final

from kestrel_cli.tasks.base import MAX_TEXT, RenderError, RunContext, TaskFailed, ion

_BINARY: Final = b"\xe0\x01\x00\xea"
_LONG: Final = 2**63
_BLANKS: Final = " \t\r\n"
_LINE: Final = re.compile(r"at line (\d+)")

# One field of a map that holds no maps, lists or escapes: the key, the value, what follows.
_FIELD: Final = re.compile(
    r"""\ *(?:([A-Za-z_$][\w$]*)|"([^"\\\n]*)"|'([^'\\\n]*)'):\ *"""
    r"""(?:"([^"\\\n]*)"|(-?(?:0|[1-9]\d{0,17}))|(-?(?:0|[1-9]\d*)(?:\.\d+)?[eE][+-]?\d+)"""
    r"""|(true|false|null)|([\w.:+-]+))\ *([,}])""",
    re.ASCII | re.VERBOSE,
)
_WORDS: Final = {"true": True, "false": False, "null": None}


def read_rows(source: BinaryIO, *, annotations: bool = False) -> Iterator[Any]:
    """The values one after the other: maps, lists, text, numbers, decimals, dates, instants, bytes.
    With `annotations` an annotated value is a map of its `ion_annotations` and its `value`.

    Raises TaskFailed, which names the line, for what is no Ion text.
    """
    if source.seekable():
        if source.read(len(_BINARY)) == _BINARY:
            raise TaskFailed("this is Ion in its binary form, and only its text form is read")
        source.seek(0)
    for number, text in _values(source):
        try:
            row = None if annotations else _flat_map(text)
            found = ion.read_all(text, annotations=annotations) if row is None else [row]
        except RenderError as error:
            raise TaskFailed(_at_line(str(error), number)) from None
        yield from found


def row_bytes(value: object) -> bytes:
    """A value as one line of Ion text. Raises TaskFailed."""
    try:
        if type(value) is dict:
            text = (
                f"{{{','.join([_label(key) + _written(item) for key, item in value.items()])}}}\n"
            )
        else:
            text = f"{ion.write(value)}\n"
    except RenderError as error:
        raise TaskFailed(f"a row can't be written: {error}") from None
    return text.encode("utf-8", "replace")


@lru_cache(maxsize=4096, typed=True)
def _label(key: object) -> str:
    """A field's name with its colon; the rows of a file have the same ones."""
    return ion.write({key: None})[1:-5]


def _written(value: Any) -> str:
    """What the writer of expressions gives, sooner for what most fields hold."""
    kind = type(value)
    if kind is str:
        if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
            return f'"{value}"'
    elif kind is int and -_LONG <= value < _LONG:
        return str(value)
    elif value is None:
        return "null"
    return ion.write(value)


class NewRows:
    """A file of rows on its way into storage: its `count`, and its `uri` once it is closed."""

    def __init__(self, stream: BinaryIO, uri: str) -> None:
        self.uri = uri
        self.count = 0
        self._stream = stream

    def add(self, value: object) -> None:
        """One row more. Raises TaskFailed."""
        self._stream.write(row_bytes(value))
        self.count += 1


@contextmanager
def new_rows(ctx: RunContext) -> Iterator[NewRows]:
    """A new file of rows; leaving the block by an exception leaves no file."""
    with ctx.files.create(".ion") as file:
        yield NewRows(file.stream, file.uri)


def _flat_map(line: str) -> dict[str, Any] | None:
    """The map on a line, if it is one of those that need no reader."""
    if not line.startswith("{"):
        return None
    row: dict[str, Any] = {}
    at = 1
    while field := _FIELD.match(line, at):
        name, quoted, symbol, text, whole, real, word, other, follows = field.groups()
        if name is None:
            name = symbol if quoted is None else quoted
        if text is not None:
            row[name] = text
        elif whole is not None:
            row[name] = int(whole)
        elif real is not None:
            row[name] = float(real)
        elif word is not None:
            row[name] = _WORDS[word]
        else:
            found = ion.read_all(other)  # a date, an instant, a decimal
            if len(found) != 1:
                return None
            row[name] = found[0]
        at = field.end()
        if follows == "}":
            return row if not line[at:].strip(_BLANKS) else None
    return None


def _values(source: BinaryIO) -> Iterator[tuple[int, str]]:
    """Texts that hold whole values, and the line on which each begins."""
    with io.TextIOWrapper(source, "utf-8", newline="\n") as lines:
        number = 0
        while text := _line(lines, number + 1, 0):
            number += 1
            first, open_ = number, _Open()
            while not _is_flat(text) and open_.after(text):
                more = _line(lines, first, len(text))
                if not more:
                    break
                number += 1
                text += more
            if text.strip(_BLANKS):
                yield first, text


def _at_line(message: str, first: int) -> str:
    """Count the line in a message from the start of the file."""
    return _LINE.sub(lambda found: f"at line {first + int(found[1]) - 1}", message)


def _is_flat(text: str) -> bool:
    return text.endswith("}\n") and text.startswith("{") and text.count("{") == 1


def _line(lines: io.TextIOWrapper, first: int, held: int) -> str:
    """The next line of the row that begins at line `first`, of which so much is held."""
    try:
        line = lines.readline(MAX_TEXT + 1 - held)
    except UnicodeDecodeError:
        raise TaskFailed(f"the rows can't be read: no UTF-8 text, near line {first}") from None
    if len(line) + held > MAX_TEXT:
        raise TaskFailed(f"the row at line {first} is longer than {MAX_TEXT} characters")
    return line


class _Open:
    """Follows what is open at the end of a text: maps and lists, long texts, comments, blobs."""

    _PARTS: Final = re.compile(
        r'"(?:[^"\\\n]|\\.)*"|\'\'\'|\'(?:[^\'\\\n]|\\.)*\'|//[^\n]*|/\*|\{\{|[{}\[\]()]', re.DOTALL
    )
    _ENDS: Final = {
        "'''": re.compile(r"(?:[^'\\]|\\.|'(?!''))*'''", re.DOTALL),
        "/*": re.compile(r".*?\*/", re.DOTALL),
        "{{": re.compile(r".*?\}\}", re.DOTALL),
    }

    def __init__(self) -> None:
        self._at = 0
        self._depth = 0
        self._inside = ""

    def after(self, text: str) -> bool:
        """Whether something is still open; `text` is what was given before and more."""
        while self._at < len(text):
            if self._inside:
                end = self._ENDS[self._inside].match(text, self._at)
                if end is None:
                    return True
                self._at, self._inside = end.end(), ""
                continue
            part = self._PARTS.search(text, self._at)
            if part is None:
                break
            self._at = part.end()
            sign = part[0]
            if sign in self._ENDS:
                self._inside = sign
            elif sign in "{[(":
                self._depth += 1
            elif sign in "}])":
                self._depth -= 1
        self._at = len(text)
        return bool(self._inside) or self._depth > 0
