"""Cutting what a child writes into lines, in bounded memory whatever it writes."""

from typing import Final

from kestrel_cli.tasks.base import record
from kestrel_cli.tasks.processes.protocol import MESSAGE, is_message

LONGEST: Final = 1 << 16  # bytes of a line that are kept
LONGEST_MESSAGE: Final = 10_000_000  # the same for one that may be a message (protocol.py)
_SHOWN: Final = 1000  # bytes of one that has not ended


@record
class Line:
    """One line without its end; `dropped` bytes of it are missing."""

    data: bytes
    dropped: int = 0

    def text(self) -> str:
        """Bytes that are no UTF-8 show as U+FFFD; what is missing is told."""
        text = self.data.decode("utf-8", "replace")
        return f"{text}... [{self.dropped} more bytes]" if self.dropped else text


class LineCutter:
    """Lines of one stream. They end with LF, CR LF or CR, as Java reads them."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []  # of the line that has not ended yet
        self._kept = 0
        self._dropped = 0
        self._after_cr = False

    def cut(self, data: bytes) -> list[Line]:
        """The lines that end in this piece."""
        return self._cut(self._ends_as_lf(data))

    def skim(self, data: bytes, last: int) -> tuple[int, list[Line]]:
        """How many lines end in this piece, and the `last` of them: quick where nobody wants them
        all. Messages among them are missed (`may_hold_message` says whether there can be any).
        """
        data = self._ends_as_lf(data)
        count = data.count(b"\n")
        if count <= last:
            return count, self._cut(data)
        *lines, rest = data.rsplit(b"\n", last + 1)
        self._parts, self._kept, self._dropped = [], 0, 0
        self._grow(rest)
        return count, list(map(Line, lines[1:]))

    def may_hold_message(self, data: bytes) -> bool:
        """Whether a line that ends in this piece may be a message."""
        return MESSAGE in data or (self._kept > 0 and self._may_be_message())

    def rest(self) -> list[Line]:
        """The last line, if nothing ended it."""
        return [self._line()] if self._kept else []

    def begun(self) -> str:
        """The end of the line that nothing has ended yet; empty for what may be a message."""
        if not self._kept or self._may_be_message():
            return ""
        return b"".join(self._parts)[-_SHOWN:].decode("utf-8", "replace").lstrip("\ufffd")

    def _cut(self, data: bytes) -> list[Line]:
        first, *others = data.split(b"\n")
        self._grow(first)
        if not others:
            return []
        lines = [self._line(), *map(Line, others[:-1])]
        self._grow(others[-1])
        return lines

    def _ends_as_lf(self, data: bytes) -> bytes:
        if self._after_cr and data.startswith(b"\n"):
            data = data[1:]
        self._after_cr = data.endswith(b"\r")
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data

    def _may_be_message(self, more: bytes = b"") -> bool:
        begun = b"".join([*self._parts[:3], more[:3]])[:3]
        return MESSAGE.startswith(begun)

    def _grow(self, part: bytes) -> None:
        if not part:
            return
        limit = LONGEST
        if self._kept + len(part) > limit and self._may_be_message(part):
            limit = LONGEST_MESSAGE
        room = max(limit - self._kept, 0)
        if len(part) > room:
            self._dropped += len(part) - room
            part = part[:room]
        if part:
            self._parts.append(part)
            self._kept += len(part)

    def _line(self) -> Line:
        data = b"".join(self._parts)
        size = len(data) + self._dropped
        if self._dropped or (size > LONGEST and not is_message(data)):
            data = _whole_letters(data[:LONGEST])
        line = Line(data, size - len(data))
        self._parts, self._kept, self._dropped = [], 0, 0
        return line


def _whole_letters(data: bytes) -> bytes:
    """Without a beginning of a letter at the end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0xC0:  # the first byte of a letter: all of them there?
            wanted = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return data if back >= wanted else data[:-back]
        if byte & 0xC0 != 0x80:
            break
    return data
