"""What an archive holds, and names that must not lead out of where it is unpacked."""

import re
from collections.abc import Callable
from typing import BinaryIO, Final

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.record import record

_DRIVE: Final = re.compile(r"[A-Za-z]:")
_SHOWN: Final = 100


@record
class Entry:
    """One entry. What is neither a file nor a folder has no way to `open` it, and a `kind`."""

    name: str
    open: Callable[[], BinaryIO] | None
    kind: str = ""


def checked_name(name: str) -> str:
    """The name of an entry. Raises TaskFailed when it leads out of the archive."""
    plain = name.replace("\\", "/")
    if (
        not plain.strip("/")
        or "\0" in plain
        or plain.startswith("/")
        or _DRIVE.match(plain)
        or ".." in plain.split("/")
    ):
        raise TaskFailed(f"the archive is refused: the name {name[:_SHOWN]!r} leads out of it")
    return name


def broken(error: Exception) -> TaskFailed:
    """The failure for an archive that can't be read."""
    return TaskFailed(f"the archive can't be read: {str(error)[:_SHOWN] or type(error).__name__}")
