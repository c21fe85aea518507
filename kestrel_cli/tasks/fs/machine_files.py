"""Files and folders of the machine itself: a flow may reach there what its user may.

Paths that are not absolute begin in the folder that Kestrel was started in.
"""

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeVar
from urllib.parse import urlsplit
from urllib.request import url2pathname

from kestrel_cli.tasks.base import RunContext, TaskFailed, iso_instant, java_regex
from kestrel_cli.tasks.files.extensions import short_extension

T = TypeVar("T")
_CHUNK: Final = 1 << 20
_LOOK: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def place_of(ctx: RunContext, name: str, value: object) -> Path:
    """Render a property that is a path, or a `file://` address. Raises TaskFailed."""
    text = ctx.text(value)
    if text.startswith("file:/"):
        text = url2pathname(urlsplit(text).path)
    if not text.strip() or "\0" in text:
        raise TaskFailed(f"`{name}` must be a path, got {text[:100]!r}")
    return Path(os.path.abspath(text))  # noqa: PTH100  Path.absolute keeps `..`


def ways(ctx: RunContext, source: object, target: object, *, overwrite: bool) -> tuple[Path, Path]:
    """Render `from` and `to`. Raises TaskFailed when one is missing, or the other is there."""
    start, end = place_of(ctx, "from", source), place_of(ctx, "to", target)
    if not os.path.lexists(start):
        raise TaskFailed(f"Source file does not exist: {start}")
    if os.path.lexists(end) and not overwrite:
        raise TaskFailed(
            f"Target file already exists: {end}. To avoid this error, configure `overwrite: true` "
            "to replace the existing file."
        )
    return start, end


@contextmanager
def doing(what: str, place: Path) -> Iterator[None]:
    """What the system refuses while the block lasts, as a TaskFailed."""
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise TaskFailed(f"Unable to {what} '{place}': {why}") from None


def found_files(ctx: RunContext, folder: Path, pattern: str, *, recursive: bool) -> list[Path]:
    """The regular files in a folder, by path, whose name or whole path matches; links are not
    followed. Raises TaskFailed.
    """
    wanted = java_regex.compiled(pattern) if pattern else None
    found: list[Path] = []
    waiting = [str(folder)]
    while waiting:
        ctx.check()
        here = waiting.pop()
        with doing("list", Path(here)), os.scandir(here) as entries:
            for entry in entries:
                if recursive and entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_file(follow_symlinks=False) and (
                    not wanted or wanted.fullmatch(entry.name) or wanted.fullmatch(entry.path)
                ):
                    found.append(Path(entry.path))
    return sorted(found)


def at_most(ctx: RunContext, files: list[T], most: object) -> list[T]:
    """The first files, as many as `maxFiles` allows; says so when there are more."""
    limit = ctx.integer(most)
    if limit < 0:
        raise TaskFailed(f"`maxFiles` must not be negative, got {limit}")
    if len(files) > limit:
        ctx.log("WARN", f"Too many files to process ({len(files)}), limiting to {limit}")
    return files[:limit]


def described(place: Path) -> dict[str, object]:
    """What the outputs tell of a file or folder. Raises OSError."""
    status = place.stat(follow_symlinks=False)
    made = getattr(status, "st_birthtime", status.st_mtime)
    return {
        "uri": place.as_uri(),
        "localPath": str(place),
        "name": place.name,
        "parent": str(place.parent),
        "size": status.st_size,
        "createdDate": iso_instant(int(made * 1_000_000)),
        "modifiedDate": iso_instant(status.st_mtime_ns // 1000),
        "accessedDate": iso_instant(status.st_atime_ns // 1000),
        "isDirectory": stat.S_ISDIR(status.st_mode),
    }


def opened(place: Path) -> BinaryIO:
    """Read a regular file. Raises OSError."""
    stream = os.fdopen(os.open(place, _LOOK), "rb")
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise OSError(0, "it is no regular file")
    return stream


def stored(ctx: RunContext, place: Path) -> tuple[str, int]:
    """Copy a file into internal storage: its address and size. Raises TaskFailed."""
    with (
        doing("copy", place),
        opened(place) as source,
        ctx.files.create(short_extension(place.name)) as file,
    ):
        while chunk := source.read(_CHUNK):
            ctx.check()
            file.stream.write(chunk)
        size = file.stream.tell()
    return file.uri, size


def write(ctx: RunContext, source: BinaryIO, place: Path, like: Path | None = None) -> int:
    """Write a whole file, parents too; the old one stays until the new one is whole. It gets the
    permissions of `like`. Returns the size. Raises OSError.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir() and not place.is_symlink():
        raise IsADirectoryError(0, "it is a folder")
    beside = place.parent / f".kestrel-{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(beside, _NEW, 0o666), "wb") as stream:
            while chunk := source.read(_CHUNK):
                ctx.check()
                stream.write(chunk)
            size = stream.tell()
        if like is not None:
            shutil.copymode(like, beside)
        beside.replace(place)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    return size


def copy(ctx: RunContext, source: Path, place: Path) -> None:
    """Copy a file, or a folder with all that is in it. Raises OSError."""
    if not source.is_dir():
        with opened(source) as stream:
            write(ctx, stream, place, like=source)
        return
    if place.is_relative_to(source):
        raise OSError(0, "a folder can't be copied into itself")

    def one(inner: str, target: str) -> str:
        with opened(Path(inner)) as stream:
            write(ctx, stream, Path(target), like=Path(inner))
        return target

    try:
        shutil.copytree(source, place, symlinks=True, copy_function=one, dirs_exist_ok=True)
    except shutil.Error as error:
        raise OSError(0, str(error.args[0][0][2])) from None


def move(ctx: RunContext, source: Path, place: Path) -> None:
    """Move a file or a folder, to another disk too. Raises OSError."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir() and not source.is_dir():
        raise IsADirectoryError(0, "it is a folder")
    try:
        source.replace(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy(ctx, source, place)
        remove(source, recursive=True)


def remove(place: Path, *, recursive: bool) -> None:
    """Delete a file, a link, or a folder: with all that is in it only when `recursive`. Raises
    TaskFailed for the root, and for a folder that the user's home or the working one lies in;
    OSError.
    """
    if not place.is_dir() or place.is_symlink():
        place.unlink()
        return
    kept = [Path.cwd(), Path.home()]
    if any(one.is_relative_to(real) for real in (place, place.resolve()) for one in kept):
        raise TaskFailed(f"'{place}' is not deleted: it holds the home or the working folder")
    if recursive:
        shutil.rmtree(place)
    else:
        place.rmdir()
