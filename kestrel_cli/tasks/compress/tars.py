"""TAR archives."""

import tarfile
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, Final, Self, cast

from kestrel_cli.tasks.base import RunContext, TaskFailed
from kestrel_cli.tasks.compress.budget import MAX_ENTRIES, Sink, Watched
from kestrel_cli.tasks.compress.entries import Content, Entry, checked_name, reading

_MAX_HEADER: Final = 1 << 20
_HEADERS: Final = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_FLAWS: Final = (tarfile.TarError, EOFError, ValueError, OSError)


class _Info(tarfile.TarInfo):
    """A header; those that only tell of the next one are read into memory, and have a limit."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        made = super().frombuf(buf, encoding, errors)
        if made.size < 0 or (made.type in _HEADERS and made.size > _MAX_HEADER):
            raise TaskFailed("the archive is refused: one of its headers has no sensible size")
        return made


def tar_entries(source: BinaryIO) -> Iterator[Entry]:
    """The entries of an archive that is read from front to back: each before the next one. Raises
    TaskFailed.
    """
    with (
        reading(_FLAWS),
        tarfile.open(fileobj=source, mode="r|", tarinfo=_Info, encoding="utf-8") as archive,
    ):
        for _ in range(MAX_ENTRIES + 1):
            info = archive.next()
            if info is None:
                return
            cast("Any", archive).members = []  # it would keep all of them
            name = info.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            checked_name(name)
            if not info.isdir():
                yield Entry(
                    name, _opener(archive, info) if info.isreg() else None, "link or device"
                )
    raise TaskFailed(f"the archive is refused: it has more than {MAX_ENTRIES} entries")


def _opener(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], Content]:
    def opened() -> Content:
        with reading(_FLAWS):
            return Content(archive.extractfile(info), _FLAWS)

    return opened


def write_tar(ctx: RunContext, sink: Sink, files: Iterable[tuple[str, int, BinaryIO]]) -> None:
    """Pack files, given as name, size and content."""
    now = int(time.time())
    with tarfile.open(fileobj=cast("BinaryIO", sink), mode="w|", encoding="utf-8") as archive:
        for name, size, source in files:
            info = tarfile.TarInfo(checked_name(name))
            info.size, info.mtime = size, now
            archive.addfile(info, cast("BinaryIO", Watched(ctx, source)))
