"""The rows of a text file, one after the other, in bounded memory."""

import io
import os
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from kestrel_cli.tasks.base import TaskFailed

LONGEST: Final = 64 << 20  # characters of one row
_BLOCK: Final = 1 << 20  # bytes
_END: Final = re.compile("\r\n|\n|\r")


def rows_of(source: BinaryIO) -> Iterator[str]:
    """The rows without their ends; `\\n`, `\\r\\n` and `\\r` end one. `row_bytes` gives the bytes
    back, whether they were text or not. Raises TaskFailed for a row that is too long.
    """
    with io.TextIOWrapper(source, "utf-8", "surrogateescape", newline=None) as text:
        while row := text.readline(LONGEST + 1):
            row = row.removesuffix("\n")
            _check(row)
            yield row


def row_bytes(text: str) -> bytes:
    """The bytes of a row, or of a separator."""
    return text.encode("utf-8", "surrogateescape")


def rows_backwards(source: BinaryIO, charset: str) -> Iterator[bytes]:
    """The rows from the last to the first, as bytes without their ends. Raises TaskFailed for a row
    that is too long, and for a charset whose line ends can't be told from other bytes.
    """
    codec = _codec(charset)
    end = source.seek(0, os.SEEK_END)
    rest, at_last = "", True
    for block in _blocks_backwards(source, end):
        rest = _text(block, codec, charset) + rest
        if rest.startswith("\n") and source.tell() > len(block):
            continue  # the block before may end with its `\r`
        rest, *rows = _END.split(rest)
        _check(rest)
        if rows and at_last:
            at_last = False
            if not rows[-1]:
                rows.pop()  # what comes after the last line end is no row
        for row in reversed(rows):
            yield row.encode(codec, "surrogatepass")
    if end:
        yield rest.encode(codec, "surrogatepass")


def _blocks_backwards(source: BinaryIO, at: int) -> Iterator[bytes]:
    while at > 0:
        size = min(_BLOCK, at)
        at -= size
        source.seek(at)
        yield source.read(size)


def _codec(charset: str) -> str:
    """UTF-16 is read as it is. In the other charsets bytes are enough to see the line ends: they
    are kept as Latin-1.
    """
    try:
        end = "\n".encode(charset)
    except (LookupError, UnicodeError, ValueError):
        raise TaskFailed(f"`{charset[:100]}` is no known charset") from None
    if end == b"\n":
        return "latin-1"
    if end in (b"\n\0", b"\0\n"):
        return "utf-16-le" if end[0] else "utf-16-be"
    raise TaskFailed(f"files in {charset} can't be read from the end: use UTF-16LE or UTF-16BE")


def _text(block: bytes, codec: str, charset: str) -> str:
    try:
        return block.decode(codec, "surrogatepass")
    except UnicodeError:
        raise TaskFailed(f"the file is no text in {charset}") from None


def _check(row: str) -> None:
    if len(row) > LONGEST:
        raise TaskFailed(f"a row is longer than {LONGEST >> 20} million characters")
