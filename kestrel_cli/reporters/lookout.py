"""The thread that looks at a run: for the status of a terminal (`status.py`), or for a line now and
then in a log in which nothing else appears (`heartbeat.py`).

It has a mailbox, and what is put there may come from signal handlers: they interrupt the main
thread anywhere, so they must not wait for a lock that it may hold. `SimpleQueue.put` is made for
that.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final

from kestrel_cli.hands import HANDS

APART: Final = 0.1  # seconds between two looks because of news
_PATIENCE: Final = 2.0  # seconds that the end waits for the thread

Work = Callable[[], None]


class Lookout:
    """A thread with a mailbox. `tick` is called after `first` seconds, then when something has
    changed, or when the time has come that it has asked for by returning seconds.
    """

    def __init__(self, first: float) -> None:
        self._mail: SimpleQueue[Work | None] = SimpleQueue()
        self._done: SimpleQueue[None] = SimpleQueue()
        self._told = False
        self._first = first
        self._works = False
        self.error: Exception | None = None  # a bug of ours that has ended the thread

    def begin(self) -> None:
        """Let the thread work."""
        self._works = True
        HANDS.do("lookout", self._serve)

    @property
    def works(self) -> bool:
        """Whether the thread does what it is told."""
        return self._works and self.error is None

    def post(self, work: Work) -> None:
        """Have the thread do something, in its turn. Signal handlers may call this."""
        self._mail.put(work)

    def end(self) -> None:
        """The thread is done with what it was told, and does nothing any more."""
        if self._works:
            self._works = False
            self._mail.put(None)
            with suppress(Empty):
                self._done.get(timeout=_PATIENCE)

    def tick(self) -> float:
        """Look at the run; in how many seconds to look again."""
        raise NotImplementedError

    def news(self) -> None:
        """Something has changed; it need not be told twice before the thread has looked."""
        if not self._told:
            self.look()

    def look(self) -> None:
        """Have the thread look at the run soon. Signal handlers may call this."""
        self._told = True
        self._mail.put(_nothing)

    def _serve(self) -> None:
        try:
            self._look_out()
        except OSError:
            pass  # the terminal is gone; the run hears of it when it writes itself
        except Exception as error:  # noqa: BLE001  the run goes on; whoever began this tells
            self.error = error
        self._done.put(None)

    def _look_out(self) -> None:
        due = soonest = time.monotonic() + self._first
        while True:
            try:
                work = self._mail.get(timeout=max(due - time.monotonic(), 0))
            except Empty:
                self._told = False  # what is told from here on may be missed by this look
                wait = self.tick()
                now = time.monotonic()
                due, soonest = now + wait, now + APART
                continue
            if work is None:
                return
            work()
            if self._told:
                due = min(due, soonest)


def _nothing() -> None:
    """There is news, no more."""
