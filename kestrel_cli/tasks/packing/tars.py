"""TAR archives."""

import tarfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final, Self, cast

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import RunContext
from kestrel_cli.tasks.packing.budget import MAX_ENTRIES, Sink
from kestrel_cli.tasks.packing.entries import Entry, broken, checked_name

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
        if made.type in _HEADERS and not 0 <= made.size <= _MAX_HEADER:
            raise TaskFailed("the archive is refused: one of its headers is too long")
        return made


def tar_entries(source: BinaryIO) -> Iterator[Entry]:
    """The entries of an archive that is read from front to back: each before the next one. Raises
    TaskFailed.
    """
    with _read():
        archive = tarfile.open(fileobj=source, mode="r|", tarinfo=_Info, encoding="utf-8")
    with archive:
        for _ in range(MAX_ENTRIES + 1):
            with _read():
                info = archive.next()
            if info is None:
                return
            archive.members = []  # it would keep all of them
            name = checked_name(info.name.encode("utf-8", "surrogateescape").decode(errors="replace"))
            if info.isdir():
                continue
            yield Entry(name, _opener(archive, info) if info.isreg() else None, "link or device")
    raise TaskFailed(f"the archive is refused: it has more than {MAX_ENTRIES} entries")


@contextmanager
def _read() -> Iterator[None]:
    try:
        yield
    except _FLAWS as error:
        raise broken(error) from None


def _opener(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        with _read():
            return cast("BinaryIO", _Checked(archive.extractfile(info)))

    return opened


class _Checked:
    """An entry that is being read, whose flaws are TaskFailed."""

    def __init__(self, inner: object) -> None:
        self._inner = cast("BinaryIO", inner)

    def read(self, count: int) -> bytes:
        with _read():
            return self._inner.read(count)

    def close(self) -> None:
        self._inner.close()


def write_tar(ctx: RunContext, sink: Sink, files: Iterable[tuple[str, int, BinaryIO]]) -> None:
    """Pack files, given as name, size and content."""
    now = int(time.time())
    with tarfile.open(fileobj=cast("BinaryIO", sink), mode="w|", encoding="utf-8") as archive:
        for name, size, source in files:
            info = tarfile.TarInfo(checked_name(name))
            info.size, info.mtime = size, now
            archive.addfile(info, _Checking(ctx, source))
