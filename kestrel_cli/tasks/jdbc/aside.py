"""Calls into a database that is a part of this process, on a thread of their own.

Such a call hears no signal while it lasts. Whoever waits here for the other thread can be
interrupted, and what runs over there is told to end until it does: a database forgets an interrupt
that comes between two statements.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Final

_AGAIN: Final = 0.02  # seconds between two interrupts
_PATIENCE: Final = 5.0  # seconds to wait for a call that was interrupted


class Stopped(Exception):
    """A call was not made, or had no time to answer."""


class Aside:
    """Makes one call after the other. `interrupt` ends the one that is under way."""

    def __init__(self, interrupt: Callable[[], object]) -> None:
        self._interrupt = interrupt
        self._calls: SimpleQueue[tuple[Callable[[], Any], SimpleQueue[Any]] | None] = SimpleQueue()
        self._ended = threading.Event()
        self._stopped = False
        threading.Thread(target=self._serve, name="database", daemon=True).start()

    def __call__(self, work: Callable[[], Any]) -> Any:
        """Have it done over there; what it raises is raised here. Raises Stopped."""
        if self._stopped:
            raise Stopped("it was interrupted")
        answer: SimpleQueue[Any] = SimpleQueue()
        self._calls.put((work, answer))
        value, error = answer.get()
        if error is not None:
            raise error
        return value

    def stop(self) -> None:
        """No further call, and an end of the one under way; from any thread."""
        self._stopped = True
        self._calls.put(None)
        threading.Thread(target=self._insist, name="interrupt", daemon=True).start()

    def close(self) -> bool:
        """No further call; whether the last one is over."""
        self._calls.put(None)
        return self._ended.wait(_PATIENCE)

    def _serve(self) -> None:
        while (call := self._calls.get()) is not None:
            work, answer = call
            try:
                answer.put((work(), None))
            except BaseException as error:  # noqa: BLE001  it belongs to the thread that asked
                answer.put((None, error))
        self._ended.set()

    def _insist(self) -> None:
        while not self._ended.wait(_AGAIN):
            self._interrupt()
