"""Who comes first: one locked file for each that waits, named by the order in which they came.

The system lets go of a lock when its process ends, however that ends: a ticket that nobody holds is
taken away by the next one who looks.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from kestrel_cli.store.directory import make_private
from kestrel_cli.store.locks import hold, is_held

_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL
_TRIES: Final = 100  # a second; others look at a ticket for a moment only


class Ticket:
    """A place in a line, of who came at `moment` (microseconds). Raises OSError."""

    def __init__(self, folder: Path, moment: int) -> None:
        # Of those that came at the same moment, who asks first is first.
        name = f"{max(moment, 0):020d}-{time.time_ns():020d}-{os.urandom(4).hex()}"
        self._place = folder / name
        make_private(folder)
        self._file = self._drawn()
        while not self._is_there():  # somebody looked before it was locked
            os.close(self._file)
            self._file = self._drawn()

    def is_first(self) -> bool:
        """Whether nobody who is still there came before. Raises OSError."""
        folder = self._place.parent
        for name in sorted(os.listdir(folder)):  # noqa: PTH208  names are all that is needed
            if name >= self._place.name:
                break
            if _is_alive(folder / name):
                return False
        return True

    def leave(self) -> None:
        """Leave the line."""
        with suppress(OSError):
            self._place.unlink()
        with suppress(OSError):
            os.close(self._file)
        with suppress(OSError):  # Windows removes no file that is open
            self._place.unlink()

    def _drawn(self) -> int:
        file = os.open(self._place, _NEW, 0o600)
        hold(file, _TRIES)
        return file

    def _is_there(self) -> bool:
        try:
            return os.path.samestat(self._place.stat(), os.fstat(self._file))
        except FileNotFoundError:
            return False


def _is_alive(ticket: Path) -> bool:
    """Whether somebody holds a ticket; one that nobody holds is taken away."""
    try:
        if is_held(ticket):
            return True
        ticket.unlink()
    except OSError:  # it was left just now, or on Windows is still open
        pass
    return False
