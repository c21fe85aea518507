"""Files that expressions may read: each lies in a folder, and no name leads out of it.

Namespace files are a folder on disk; internal storage is the folder `storage` of the state
directory. Messages show the name that was asked for, never a path of this machine.
"""

import os
import stat
from pathlib import Path
from typing import Final

from kestrel_cli.errors import RenderError
from kestrel_cli.model.file_names import parts_of, refused

MAX_READ: Final = 10_000_000
STORAGE: Final = "storage"
_LOOK: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO without a writer
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
)


class NoSuchFile(RenderError):
    """The name is a good one, but no file has it."""


def confine(base: Path, name: str) -> Path:
    """Where the file `name` in the folder `base` really is; it need not exist. Raises RenderError
    for a name that leads out of the folder, by its spelling or by symbolic links.
    """
    parts = parts_of(name)
    try:
        folder = os.path.realpath(base)
        found = os.path.realpath(os.path.join(folder, *parts))  # noqa: PTH118  Path.resolve raises on loops
    except (OSError, ValueError):
        raise refused(name, "it can't be looked up") from None
    if os.path.commonpath([folder, found]) != folder:
        raise refused(name, "a symbolic link leads out of the folder")
    return Path(found)


def open_confined(base: Path, name: str) -> tuple[int, int]:
    """A descriptor of a regular file in the folder, and its size. Never waits and never follows a
    link that was put there in the meantime. Raises RenderError; NoSuchFile when there is none.
    """
    found = confine(base, name)
    try:
        file = _opened(Path(os.path.realpath(base)), found)
    except FileNotFoundError:
        raise NoSuchFile(f"The file '{name}' does not exist") from None
    except OSError as error:
        raise refused(name, (error.strerror or "it can't be opened").lower()) from None
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode):
        os.close(file)
        raise NoSuchFile(f"The file '{name}' does not exist: this is no regular file")
    return file, status.st_size


def _opened(folder: Path, found: Path) -> int:
    """Open from the folder downwards, part by part, none of them a link (where the system can)."""
    parts = found.relative_to(folder).parts
    if os.open not in os.supports_dir_fd or not parts:
        return os.open(found, _LOOK)
    step = getattr(os, "O_DIRECTORY", 0) | _LOOK
    here = os.open(folder, step)
    try:
        for part in parts[:-1]:
            below = os.open(part, step, dir_fd=here)
            os.close(here)
            here = below
        return os.open(parts[-1], _LOOK, dir_fd=here)
    finally:
        os.close(here)


def read_confined(base: Path, name: str, limit: int = MAX_READ) -> bytes:
    """The content of a file in the folder. Raises RenderError, also beyond `limit` bytes."""
    file, size = open_confined(base, name)
    with os.fdopen(file, "rb") as stream:
        try:
            content = stream.read(limit + 1) if size <= limit else None
        except OSError as error:
            raise refused(name, (error.strerror or "it can't be read").lower()) from None
    if content is None or len(content) > limit:
        raise refused(name, f"it is larger than the limit of {limit} bytes")
    return content


def size_confined(base: Path, name: str) -> int:
    """The size in bytes of a file in the folder. Raises RenderError."""
    file, size = open_confined(base, name)
    os.close(file)
    return size
