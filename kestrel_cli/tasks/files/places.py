"""Writing into and looking through a folder that others write to as well: no link is followed."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from kestrel_cli.tasks.base import RenderError, TaskFailed, parts_of

_CHUNK: Final = 1 << 20
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_CAREFUL: Final = _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_LOOK: Final = os.O_RDONLY | _CAREFUL
_NEW: Final = os.O_WRONLY | os.O_CREAT | _CAREFUL
_STEP: Final = os.O_RDONLY | _NO_LINK | getattr(os, "O_DIRECTORY", 0)
_BESIDE: Final = os.open in os.supports_dir_fd and os.mkdir in os.supports_dir_fd


def write_below(folder: Path, name: str, source: BinaryIO | bytes) -> None:
    """Write the file `name` in the folder, parents too. Raises TaskFailed: for a name that leads
    out of the folder, by its spelling or by a link, and for what the system refuses.
    """
    try:
        parts = parts_of(name, "write")
    except RenderError as error:
        raise TaskFailed(str(error)) from None
    if not parts:
        raise TaskFailed(f"Unable to write the file {name!r}: this is the folder itself")
    try:
        with os.fdopen(_opened(folder, parts), "wb") as stream:
            if isinstance(source, bytes):
                stream.write(source)
            else:
                shutil.copyfileobj(source, stream, _CHUNK)
    except OSError as error:
        why = (error.strerror or "it can't be written").lower()
        raise TaskFailed(f"Unable to write the file {name!r}: {why}") from None


def read_below(folder: Path, name: str) -> BinaryIO:
    """A regular file in the folder, whatever its name is, never by a link. Raises OSError."""
    if not _BESIDE:
        place = folder / name
        _look(folder, place)
        return os.fdopen(_regular(os.open(place, _LOOK)), "rb")
    return os.fdopen(_regular(_walked(folder, name.split("/"), _LOOK)), "rb")


def _opened(folder: Path, parts: list[str]) -> int:
    """A descriptor to write to."""
    if _BESIDE:
        return _emptied(_walked(folder, parts, _NEW))
    place = folder.joinpath(*parts)
    place.parent.mkdir(parents=True, exist_ok=True)
    _look(folder, place)
    return _emptied(os.open(place, _NEW, 0o600))


def _walked(folder: Path, parts: list[str], flags: int) -> int:
    """A descriptor: every part is opened from the one before, none of them a link. Folders that
    are missing are made for what is to be written.
    """
    here = os.open(folder, _STEP & ~_NO_LINK)
    try:
        for part in parts[:-1]:
            below = _stepped(here, part, make=bool(flags & os.O_CREAT))
            os.close(here)
            here = below
        return os.open(parts[-1], flags, 0o600, dir_fd=here)
    finally:
        os.close(here)


def _stepped(here: int, part: str, *, make: bool) -> int:
    try:
        return os.open(part, _STEP, dir_fd=here)
    except FileNotFoundError:
        if not make:
            raise
        with suppress(FileExistsError):  # somebody else made it in the meantime
            os.mkdir(part, 0o700, dir_fd=here)
        return os.open(part, _STEP, dir_fd=here)


def _look(folder: Path, place: Path) -> None:
    """Where the system can't open beside a folder (Windows): look first, then open."""
    inner = place.parent.relative_to(folder)
    if place.parent.resolve() != folder.resolve() / inner or place.is_symlink():
        raise OSError(0, "a link leads out of the folder")


def _emptied(file: int) -> int:
    """Only a regular file is written to; what it held is gone."""
    os.ftruncate(_regular(file), 0)
    return file


def _regular(file: int) -> int:
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(0, "it is no regular file")
    return file


def entries_below(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below the folder but folders themselves, by relative name, in order of names.
    Links are told, not followed.
    """
    waiting = [("", folder)]
    while waiting:
        prefix, place = waiting.pop()
        try:
            with os.scandir(place) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            continue  # gone, or not ours to read
        below = []
        for entry in entries:
            name = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                below.append((f"{name}/", Path(entry.path)))
            else:
                yield name, entry
        waiting.extend(reversed(below))
