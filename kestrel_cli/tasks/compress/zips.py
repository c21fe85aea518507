"""ZIP archives."""

import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO, Final, cast

from kestrel_cli.tasks.base import RunContext, TaskFailed
from kestrel_cli.tasks.compress.budget import MAX_ENTRIES, Budget, Sink, pour
from kestrel_cli.tasks.compress.entries import Content, Entry, checked_name, reading

_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_MAX_COMMENT: Final = 0xFFFF
_FAR: Final = b"PK\x06\x06"  # the end record of archives with large numbers
_FAR_SIZE: Final = 56 + 20  # with its locator
_ENTRY: Final = b"PK\x01\x02"
_CHUNK: Final = 1 << 20
_ENCRYPTED: Final = 1
_UTF8: Final = 0x800
_UNIX: Final = 3
_FILES: Final = (0, 8)  # kinds of files on Unix: not said, regular
_MODE: Final = 0o100644
_FLAWS: Final = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
    zlib.error,
    struct.error,
)


def zip_entries(source: BinaryIO, budget: Budget) -> Iterator[Entry]:
    """The entries of an archive that can be read at any place. Raises TaskFailed."""
    with reading(_FLAWS):
        _check_number(source)
    with reading(_FLAWS), zipfile.ZipFile(source) as archive:
        infos = archive.infolist()
        budget.take(sum(info.file_size for info in infos))
        for info in infos:
            name = _name_of(info)
            if info.is_dir():
                continue
            if info.flag_bits & _ENCRYPTED:
                raise TaskFailed(f"the archive is refused: the entry {name[:100]!r} is encrypted")
            if info.create_system == _UNIX and info.external_attr >> 28 not in _FILES:
                yield Entry(name, None, "link or device")
            else:
                yield Entry(name, _opener(archive, info))


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], Content]:
    def opened() -> Content:
        with reading(_FLAWS):
            return Content(archive.open(info), _FLAWS)

    return opened


def _name_of(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeError):  # UTF-8 that does not say so
            name = name.encode("cp437").decode("utf-8")
    return checked_name(name)


def _check_number(source: BinaryIO) -> None:
    """Refuse an archive with too many entries before all of them are in memory."""
    size = source.seek(0, 2)
    source.seek(max(0, size - _END_SIZE - _MAX_COMMENT - _FAR_SIZE))
    tail = source.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise zipfile.BadZipFile("it is no ZIP archive")
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    far = at - _FAR_SIZE
    if far >= 0 and tail.startswith(_FAR, far):
        length = int.from_bytes(tail[far + 40 : far + 48], "little")
    source.seek(max(0, size - len(tail) + at - length - _FAR_SIZE))
    count, rest = 0, b""
    while chunk := source.read(_CHUNK):
        rest = rest[-3:] + chunk
        count += rest.count(_ENTRY)
    if count > MAX_ENTRIES:
        raise TaskFailed(f"the archive is refused: it has more than {MAX_ENTRIES} entries")
    source.seek(0)


def write_zip(ctx: RunContext, sink: Sink, files: Iterable[tuple[str, int, BinaryIO]]) -> None:
    """Pack files, given as name, size and content."""
    now = time.localtime()
    with zipfile.ZipFile(cast("BinaryIO", sink), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, size, source in files:
            info = zipfile.ZipInfo(checked_name(name), now[:6])
            info.external_attr = _MODE << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            info.file_size = size  # decides whether large numbers are needed
            with archive.open(info, "w") as target:
                pour(ctx, source, target)
