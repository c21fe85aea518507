"""How many executions of a flow run at once on this machine: one locked file for each.

The system lets go of a lock when its process ends, however that ends.
"""

import os
from contextlib import suppress
from pathlib import Path

from kestrel_cli.store.directory import make_private
from kestrel_cli.store.locks import hold
from kestrel_cli.store.tickets import Ticket


class Slots:
    """The places of one flow, `limit` of them, in a folder of their own."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit

    def take(self) -> "Slot | None":
        """A free place; None when there is none. Raises OSError."""
        make_private(self._folder)
        for number in range(self._limit):
            file = os.open(self._folder / f"slot-{number}", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                hold(file)
            except BlockingIOError:
                continue
            return Slot(file)
        return None

    def ticket(self, moment: int) -> Ticket:
        """A place in the line of those that wait, by the moment since they do. Raises OSError."""
        return Ticket(self._folder / "line", moment)


class Slot:
    """A place that is taken."""

    def __init__(self, file: int) -> None:
        self._file = file

    def leave(self) -> None:
        """Let another one have it."""
        with suppress(OSError):
            os.close(self._file)
