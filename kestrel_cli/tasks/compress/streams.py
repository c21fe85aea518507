"""Streams that compress what is written, and decompress what is read."""

import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final, Protocol

_CHUNK: Final = 1 << 16


class Compressor(Protocol):
    """What bz2, lzma and others call a compressor."""

    def compress(self, data: bytes, /) -> bytes:
        """Take more; returns what is ready."""

    def flush(self) -> bytes:
        """Return the rest."""


class Decompressor(Protocol):
    """What they call a decompressor."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether it can't go on without more."""

    @property
    def unused_data(self) -> bytes | None:
        """What follows the stream."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Take more; returns at most `max_length` bytes."""


def members(
    source: BinaryIO, make: Callable[[], Decompressor], errors: tuple[type[Exception], ...]
) -> Iterator[bytes]:
    """Streams may follow one another; zeros after the last and what is no stream are skipped.
    Raises ValueError and EOFError.
    """
    data = source.read(_CHUNK)
    whole = False
    while data or not whole:
        decoder = make()
        begun = False
        while not decoder.eof:
            if not data and decoder.needs_input and not (data := source.read(_CHUNK)):
                raise EOFError("it ends too early")
            try:
                piece = decoder.decompress(data, _CHUNK)
            except errors as error:
                if whole and not begun:
                    return
                raise ValueError(str(error)) from None
            data = b""
            begun = begun or bool(piece)
            yield piece
        whole = True
        data = (decoder.unused_data or b"").lstrip(b"\0")
        while not data and (more := source.read(_CHUNK)):
            data = more.lstrip(b"\0")


class Packing(io.RawIOBase):
    """What `packing` gives."""

    def __init__(self, compressor: Compressor, sink: BinaryIO) -> None:
        super().__init__()
        self._compressor = compressor
        self._sink = sink

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Take all of it."""
        self._sink.write(self._compressor.compress(bytes(data)))
        return len(data)

    def finish(self) -> None:
        """Write what is still held back."""
        self._sink.write(self._compressor.flush())


class Unpacking(io.RawIOBase):
    """The pieces that come out of a compressed stream, as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as a piece reaches."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
