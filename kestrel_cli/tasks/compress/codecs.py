"""Compressed streams by the names that Kestra has for them."""

import io
import sys
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, BinaryIO, Final, Literal, get_args

from kestrel_cli.tasks.base import RunContext, TaskFailed, library, record
from kestrel_cli.tasks.compress.budget import Budget
from kestrel_cli.tasks.compress.streams import (
    Compressor,
    Decompressor,
    Packing,
    Unpacking,
    members,
)
from kestrel_cli.tasks.properties.words import word

Compression = Literal[
    "BROTLI", "BZIP2", "DEFLATE", "DEFLATE64", "GZIP", "LZ4BLOCK", "LZ4FRAME", "LZMA", "SNAPPY",
    "SNAPPYFRAME", "XZ", "Z", "ZSTD",
]  # fmt: skip
_CHUNK: Final = 1 << 16
_GZIP, _ZLIB = 31, 15  # of zlib's `wbits`
_MAX_MEMORY: Final = 128 << 20  # what a stream may ask for


@record
class _Codec:
    suffix: str
    compressor: Callable[[], Compressor]
    unpacked: Callable[[BinaryIO], Iterator[bytes]]


def compression_of(ctx: RunContext, value: object) -> str:
    """Render the property `compression`; nothing when it is not set. Raises TaskFailed."""
    return "" if value is None else word(ctx, "compression", value, *get_args(Compression))


def libraries_for(compression: object) -> list[tuple[str, str]]:
    """What has to be installed for a compression: modules, and the extras that bring them."""
    if compression == "LZ4FRAME":
        return [("lz4", "compress")]
    if compression == "ZSTD" and sys.version_info < (3, 14):
        return [("backports.zstd", "compress")]
    return []


def suffix_of(name: str) -> str:
    """The usual ending of the name of such a file."""
    return _codec(name).suffix


def packing(name: str, sink: BinaryIO) -> Packing:
    """A stream that compresses what is written into another one, up to its `finish()`. Raises
    TaskFailed for a compression that is not there.
    """
    return Packing(_codec(name).compressor(), sink)


def unpacking(name: str, source: BinaryIO, budget: Budget) -> BinaryIO:
    """A stream that decompresses another one. It raises TaskFailed, here and when read."""
    codec = _codec(name)
    return io.BufferedReader(Unpacking(_counted(name, codec.unpacked(source), budget)), _CHUNK)


def _counted(name: str, pieces: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
    try:
        for piece in pieces:
            budget.take(len(piece))
            yield piece
    except (ValueError, EOFError) as error:
        raise TaskFailed(f"the file can't be unpacked as {name}: {error}") from None


def _codec(name: str) -> _Codec:
    match name:
        case "GZIP":
            return _zlib(".gz", _GZIP)
        case "DEFLATE":
            return _zlib(".deflate", _ZLIB)
        case "BZIP2":
            bz2 = import_module("bz2")
            return _codec_of(".bz2", bz2.BZ2Compressor, bz2.BZ2Decompressor)
        case "XZ" | "LZMA":
            return _lzma(name)
        case "ZSTD":
            zstd = _zstd()
            return _codec_of(".zst", zstd.ZstdCompressor, zstd.ZstdDecompressor, zstd.ZstdError)
        case "LZ4FRAME":
            lz4 = library("lz4.frame", "compress")
            return _codec_of(
                ".lz4", lambda: _Lz4Compressor(lz4), lz4.LZ4FrameDecompressor, RuntimeError
            )
        case "Z":
            raise TaskFailed(
                "`compression` Z is not there in Kestrel: no library is left that packs so; "
                "unpack such a file in a script, with `gzip -dc`"
            )
        case _:
            raise TaskFailed(f"`compression` {name} is not there in Kestrel")


def _zlib(suffix: str, wbits: int) -> _Codec:
    return _codec_of(
        suffix, lambda: zlib.compressobj(wbits=wbits), lambda: _Inflater(wbits), zlib.error
    )


def _lzma(name: str) -> _Codec:
    lzma = import_module("lzma")
    kind = lzma.FORMAT_XZ if name == "XZ" else lzma.FORMAT_ALONE
    return _codec_of(
        f".{name.lower()}",
        lambda: lzma.LZMACompressor(kind),
        lambda: lzma.LZMADecompressor(kind, memlimit=_MAX_MEMORY),
        lzma.LZMAError,
    )


def _zstd() -> Any:
    try:
        return import_module("compression.zstd")  # Python 3.14
    except ImportError:
        return library("backports.zstd", "compress")


def _codec_of(
    suffix: str,
    compressor: Callable[[], Compressor],
    decompressor: Callable[[], Decompressor],
    *errors: type[Exception],
) -> _Codec:
    def unpacked(source: BinaryIO) -> Iterator[bytes]:
        return members(source, decompressor, (OSError, *errors))

    return _Codec(suffix, compressor, unpacked)


class _Inflater:
    """zlib with the interface that the other decompressors have."""

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        made = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = len(made) < max_length and not self._inner.unconsumed_tail
        return made


class _Lz4Compressor:
    def __init__(self, lz4: Any) -> None:
        self._inner = lz4.LZ4FrameCompressor()
        self._head: bytes = self._inner.begin()

    def compress(self, data: bytes) -> bytes:
        head, self._head = self._head, b""
        return head + bytes(self._inner.compress(data))

    def flush(self) -> bytes:
        return self._head + bytes(self._inner.flush())
