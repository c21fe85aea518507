"""Internal storage: files of executions, below the folder `storage` of the state directory.

A file is written elsewhere and moved to its place when it is whole, so that a reader never sees
half of one.
"""

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote, unquote

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.file_names import parts_of
from kestrel_cli.store.directory import make_private
from kestrel_cli.store.files import confine, open_confined
from kestrel_cli.store.work import made_in

SCHEME: Final = "kestra:///"
_CHUNK: Final = 1 << 20
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Storage:
    """The files below one folder, by address. `drafts` is where they are written."""

    def __init__(self, root: Path, drafts: Path | None = None) -> None:
        self.root = root
        self._drafts = drafts

    def open(self, uri: str) -> BinaryIO:
        """Read a file. Raises RenderError; NoSuchFile when it is not there."""
        return os.fdopen(open_confined(self.root, name_of(uri))[0], "rb")

    def path(self, uri: str) -> Path:
        """The place of a file that is there. Raises RenderError."""
        name = name_of(uri)
        os.close(open_confined(self.root, name)[0])
        return confine(self.root, name)

    @contextmanager
    def create(self, folder: str, name: str) -> Iterator["NewStored"]:
        """A new file `folder/name`; it is there when the block has ended, unless by an exception.

        A name that is only an extension gets a unique stem.
        """
        if not name or name.startswith("."):
            name = f"{secrets.token_hex(10)}{name}"
        name = "/".join(parts_of(name))
        uri = f"{SCHEME}{folder}/{quote(name)}"
        with whole_file(confine(self.root, f"{folder}/{name}"), self._drafts) as stream:
            yield NewStored(stream, uri)

    def delete(self, uri: str) -> bool:
        """Take a file away; whether it was there."""
        found = confine(self.root, name_of(uri))
        try:
            found.unlink()
        except (FileNotFoundError, IsADirectoryError, PermissionError):
            return False
        return True

    def purge(self, folder: str) -> list[str]:
        """Take away every file below a folder; returns their addresses, sorted."""
        base = confine(self.root, folder)
        names = files_below(base)
        shutil.rmtree(base, ignore_errors=True)
        return [f"{SCHEME}{folder}/{quote(name)}" for name in names]


class NewStored:
    """A file that is being written, and its address to be."""

    def __init__(self, stream: BinaryIO, uri: str) -> None:
        self.stream = stream
        self.uri = uri


def name_of(uri: str) -> str:
    """The name below the storage folder that an address stands for. Raises RenderError."""
    if not uri.startswith(SCHEME):
        raise RenderError(f"Unable to read the file {uri!r}: this is no `{SCHEME}` address")
    return unquote(uri.removeprefix(SCHEME))


@contextmanager
def whole_file(place: Path, drafts: Path | None = None) -> Iterator[BinaryIO]:
    """Write a file that takes the place of the old one when the block ends without an exception.

    Until then it is in the folder `drafts`, where a run finds what a kill left of it; without one
    it is beside its place. Raises TaskFailed when it can't be written.
    """
    draft = (drafts or place.parent) / f".{secrets.token_hex(6)}.part"
    beside = place.with_name(draft.name)
    try:
        with os.fdopen(_drafted(draft, place), "wb") as stream:
            yield stream
        _move(draft, beside, place)
    except OSError as error:
        raise TaskFailed(f"the file {place.name!r} can't be written: {error}") from error
    finally:
        for left in {draft, beside}:
            with suppress(OSError):
                left.unlink()


def _drafted(draft: Path, place: Path) -> int:
    """The draft, opened; there is room for the file itself, too. Raises TaskFailed."""
    try:
        make_private(place.parent)
        return made_in(draft.parent, lambda: os.open(draft, _NEW, 0o600))
    except OSError as error:
        raise TaskFailed(f"the file {place.name!r} can't be written: {error.strerror}") from None


def _move(draft: Path, beside: Path, place: Path) -> None:
    """To its place; from another disk by way of a copy `beside` it. Raises OSError."""
    try:
        draft.replace(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with draft.open("rb") as source, os.fdopen(os.open(beside, _NEW, 0o600), "wb") as copy:
            shutil.copyfileobj(source, copy, _CHUNK)
        beside.replace(place)


def copy_into(stream: BinaryIO, source: Path | bytes, within: Path | None = None) -> None:
    """Copy bytes, or a regular file that is no link; one `within` a folder is looked up from there
    without following links. Raises TaskFailed.
    """
    if isinstance(source, bytes):
        stream.write(source)
        return
    with opened(source, within) as file:
        shutil.copyfileobj(file, stream, _CHUNK)


def opened(source: Path, within: Path | None = None) -> BinaryIO:
    """A regular file opened for reading, never a link. Raises TaskFailed."""
    if within is not None and source.is_relative_to(within):
        try:
            return os.fdopen(open_confined(within, source.relative_to(within).as_posix())[0], "rb")
        except RenderError as error:
            raise TaskFailed(str(error)) from None
    try:
        file = os.open(source, os.O_RDONLY | _NO_LINK | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise TaskFailed(f"the file {source.name!r} can't be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise TaskFailed(f"the file {source.name!r} can't be read: it is no regular file")
    return os.fdopen(file, "rb")


def files_below(base: Path) -> list[str]:
    """The names of all regular files below a folder, sorted; links are not followed."""
    found: list[str] = []
    for folder, _, names in os.walk(base):
        for name in names:
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink() and not name.endswith(".part"):
                found.append(path.relative_to(base).as_posix())
    return sorted(found)
