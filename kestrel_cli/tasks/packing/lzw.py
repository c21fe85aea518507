"""Files of the old program `compress` (`.Z`): LZW with codes of 9 to 16 bits."""

from collections.abc import Iterator
from typing import BinaryIO, Final

_MAGIC: Final = b"\x1f\x9d"
_BITS: Final = 0x1F  # of the third byte: the longest codes
_BLOCK: Final = 0x80  # of the third byte: a code clears the table
_CLEAR: Final = 256
_FIRST: Final = 9
_MOST: Final = 16
_TAIL: Final = 256
_PIECE: Final = 1 << 16


def unpacked(source: BinaryIO) -> Iterator[bytes]:
    """What was packed, in pieces. Raises ValueError."""
    head = source.read(3)
    if head[:2] != _MAGIC or len(head) != 3 or not _FIRST <= head[2] & _BITS <= _MOST:
        raise ValueError("it is no file of `compress`")
    table = _Table(head[2] & _BITS, clears=bool(head[2] & _BLOCK))
    piece = bytearray()
    # Codes come in groups of eight; when their length changes, the rest of a group is void.
    while group := source.read(table.bits):
        bits, mask = table.bits, (1 << table.bits) - 1
        codes = int.from_bytes(group, "little")
        for _ in range(len(group) * 8 // bits):
            piece += table.text(codes & mask)
            codes >>= bits
            if table.changed():
                break
        if len(piece) >= _PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


class _Table:
    """The texts that codes stand for: that of the code in `links`, then the one in `tails`."""

    def __init__(self, most: int, *, clears: bool) -> None:
        self._most = most
        self._clears = clears
        self._reset()

    def _reset(self) -> None:
        self.bits = _FIRST
        self._links = [-1] * (_CLEAR + self._clears)
        self._tails = [bytes([code]) for code in range(_CLEAR)] + [b""] * self._clears
        self._firsts = [*self._tails]
        self._last = -1
        self._cleared = False

    def text(self, code: int) -> bytes:
        """The text of the next code, which may be a new one. Raises ValueError."""
        if self._clears and code == _CLEAR:
            self._reset()
            self._cleared = True
            return b""
        last, known = self._last, len(self._tails)
        if code > known or (code == known and (last < 0 or known >= 1 << self._most)):
            raise ValueError("it holds a code that means nothing")
        if last >= 0 and known < 1 << self._most:
            self._add(last, self._firsts[last if code == known else code])
        self._last = code
        parts = []
        while code >= 0:
            parts.append(self._tails[code])
            code = self._links[code]
        return b"".join(reversed(parts))

    def _add(self, last: int, letter: bytes) -> None:
        if len(self._tails[last]) < _TAIL:
            self._links.append(self._links[last])
            self._tails.append(self._tails[last] + letter)
        else:
            self._links.append(last)
            self._tails.append(letter)
        self._firsts.append(self._firsts[last])

    def changed(self) -> bool:
        """Whether the codes that follow are of another length, or the table has been cleared."""
        if self._cleared:
            self._cleared = False
            return True
        if len(self._tails) > (1 << self.bits) - 1 and self.bits < self._most:
            self.bits += 1
            return True
        return False
