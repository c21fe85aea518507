"""What an archive holds, and names that must not lead out of where it is unpacked."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

from kestrel_cli.tasks.base import TaskFailed, record

_DRIVE: Final = re.compile(r"[A-Za-z]:")
_SHOWN: Final = 100


@record
class Entry:
    """One entry. What is neither a file nor a folder has no way to `open` it, and a `kind`."""

    name: str
    open: Callable[[], "Content"] | None
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


Flaws = tuple[type[Exception], ...]


@contextmanager
def reading(flaws: Flaws) -> Iterator[None]:
    """What goes wrong while the block lasts, as a TaskFailed."""
    try:
        yield
    except flaws as error:
        why = str(error)[:_SHOWN] or type(error).__name__
        raise TaskFailed(f"the archive can't be read: {why}") from None


class Content:
    """The content of an entry. What goes wrong is a TaskFailed."""

    def __init__(self, inner: Any, flaws: Flaws) -> None:
        self._inner = inner
        self._flaws = flaws

    def read(self, count: int) -> bytes:
        """The next bytes, at most `count`; none at the end."""
        with reading(self._flaws):
            return cast("bytes", self._inner.read(count))
