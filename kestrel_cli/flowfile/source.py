"""The text of a flow file: read without ever blocking, decoded strictly, cut into lines."""

import os
import re
import stat
import sys
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Final

from kestrel_cli.diagnostic import Diagnostic, Position
from kestrel_cli.errors import FlowFileError

MAX_CHARACTERS: Final = 3 * 1024 * 1024  # SnakeYAML's own limit
_MAX_BYTES: Final = 4 * MAX_CHARACTERS + 4

_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_ODD: Final = re.compile(r"[^\t\n\r -~]")
_REFUSED: Final = "[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


class Source:
    """The decoded text of one file and its name for messages."""

    __slots__ = ("_lines", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """All lines, without their ends."""
        if self._lines is None:
            self._lines = _LINE_END.split(self.text)
        return self._lines

    def line(self, number: int) -> str:
        """A line by its 1-based number, without its end; empty when there is no such line."""
        lines = self.lines
        return lines[number - 1] if 0 < number <= len(lines) else ""


def read_bytes(path: str) -> bytes:
    """The bytes of a regular file, or of standard input for `-`. Raises FlowFileError."""
    if path == "-":
        return sys.stdin.buffer.read(_MAX_BYTES + 1)
    try:
        return _read_file(path)
    except FileNotFoundError:
        raise refusal(path, "file-missing", "there is no such file") from None
    except IsADirectoryError:
        raise refusal(path, "not-a-file", "this is a directory, not a flow file") from None
    except PermissionError:
        raise refusal(path, "file-unreadable", "no permission to read this file") from None
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise refusal(path, "file-unreadable", f"cannot read this file: {reason}") from None


def _read_file(path: str) -> bytes:
    # The kind is looked at before opening: opening a FIFO without a writer would wait for ever.
    mode = Path(path).stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError
    if not stat.S_ISREG(mode):
        raise refusal(
            path,
            "not-a-file",
            "this is a pipe or a device, not a regular file",
            "use `-` to read from standard input",
        )
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(_MAX_BYTES + 1)


def decode(data: bytes, name: str) -> Source:
    """The text of the file. Raises FlowFileError at the first character that cannot be there."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return _checked(name, _decoded(data, name, "utf-16"))
    return _checked(name, _decoded(data.removeprefix(BOM_UTF8), name, "utf-8"))


def _decoded(data: bytes, name: str, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as problem:
        before = data[: problem.start]
        line = len(_LINE_END.findall(before.decode(encoding, "replace"))) + 1
        column = problem.start - max(before.rfind(b"\n"), before.rfind(b"\r"))
        byte = data[problem.start]
        raise refusal(
            name,
            "encoding",
            f"byte 0x{byte:02x} is not valid {encoding.upper()}",
            "save the file as UTF-8",
            line=line,
            column=column,
        ) from None


def _checked(name: str, text: str) -> Source:
    if len(text) > MAX_CHARACTERS:
        raise refusal(name, "too-large", f"the file is larger than {MAX_CHARACTERS:,} characters")
    source = Source(name, text)
    found = _ODD.search(text)
    if found is not None:  # mostly text beyond ASCII; the exact pattern takes 5 ms to compile
        found = re.compile(_REFUSED).search(text)
    if found is None:
        return source
    line, column = place(text, found.start())
    code = ord(found.group())
    if code == 0:
        what, hint = "the file contains a NUL character", "is it a binary file, or UTF-16 text?"
    else:
        what, hint = (
            f"the character U+{code:04X} cannot be in YAML",
            'write it as "\\u...." in quotes',
        )
    raise refusal(name, "character", what, hint, line=line, column=column, text=source.line(line))


def place(text: str, offset: int) -> tuple[int, int]:
    """1-based line and column of an offset into the text."""
    line, start = 1, 0
    for end in _LINE_END.finditer(text, 0, offset):
        line, start = line + 1, end.end()
    return line, offset - start + 1


def refusal(
    name: str,
    code: str,
    message: str,
    hint: str | None = None,
    *,
    line: int = 0,
    column: int = 0,
    text: str | None = None,
) -> FlowFileError:
    """An error about the file as a whole, or about the one place where reading stopped."""
    where = Position(name, line, column)
    return FlowFileError([Diagnostic("error", code, message, where, hint, text)])
