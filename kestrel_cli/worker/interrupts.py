"""Ending an attempt from outside: a signal or a timer raises in the middle of a task's work, and
only there.

Attempts run on the main thread. Between `begin` and `end` a request raises at once, so that a
sleeping or computing task ends without delay; everywhere else it is kept and `pending` tells of it.
`hold` and `release` protect the short moments inside an attempt in which the engine itself writes.
"""

import time
from collections.abc import Callable
from typing import Any, Final

# Ten years: systems refuse to sleep much longer than that, and nobody waits for it.
LONGEST: Final = 315_360_000.0


class AttemptInterrupted(BaseException):
    """Raised inside an attempt. Not an Exception, so that no task or library swallows it."""


class AttemptKilled(AttemptInterrupted):
    """The execution is to end."""


class AttemptTimedOut(AttemptInterrupted):
    """The attempt's time is over."""


class Interrupts:
    """Requests to end the work under way. Methods are safe to be called from a signal handler."""

    def __init__(self) -> None:
        self.signal: int | None = None  # the first one; 0 is the execution's own time limit
        self.pending = False  # somebody asked, and nobody has heeded it yet
        self.times = 0
        self.timed_out = False
        self.wake: Callable[[], None] | None = None  # ends a wait that can't be raised from
        self._open = False

    @property
    def reason(self) -> str:
        """Why the execution is to end, in words."""
        if not self.signal:
            return "its time limit is over"
        import signal

        return f"{signal.Signals(self.signal).name} was received"

    def kill(self, signal: int) -> None:
        """Ask for the execution to end, because of this signal (0: the execution's own
        time limit).
        """
        if self.signal is None:
            self.signal = signal
        self.pending = True
        self.times += 1
        if self._open:
            raise AttemptKilled
        if self.wake is not None:
            self.wake()

    def heeded(self) -> None:
        """The execution was told; what still runs of it (afterExecution) is left alone."""
        self.pending = False

    def time_out(self) -> None:
        """Say that the attempt's time is over."""
        self.timed_out = True
        if self._open:
            raise AttemptTimedOut

    def begin(self) -> None:
        """From here on a request raises."""
        self.timed_out = False
        self._open = True
        if self.pending:
            raise AttemptKilled

    def end(self) -> None:
        """From here on a request is only remembered."""
        self._open = False

    def hold(self) -> bool:
        """Stop raising for a moment; returns what `release` needs."""
        opened, self._open = self._open, False
        return opened

    def release(self, opened: bool) -> None:
        """Go on as before `hold`, and raise what came in between."""
        self._open = opened
        if opened and self.pending:
            raise AttemptKilled
        if opened and self.timed_out:
            raise AttemptTimedOut

    def check(self) -> None:
        """Raise what was asked for and was lost on its way, in a callback of the system."""
        if self._open and self.pending:
            raise AttemptKilled
        if self._open and self.timed_out:
            raise AttemptTimedOut

    def wait(self, wait: Callable[[], None]) -> bool:
        """Do what waits between attempts; false when a request cut it short."""
        try:
            self._open = True
            if not self.pending:
                wait()
        except AttemptKilled:
            return False
        finally:
            self._open = False
        return not self.pending

    def sleep(self, seconds: float) -> bool:
        """Wait between attempts; false when a request cut it short."""
        return self.wait(lambda: time.sleep(min(max(seconds, 0), LONGEST)))


class Alarm:
    """Rings once after a while, by the process's timer where there is one. Alarms may nest; the
    earlier one rings.

    On a system without such a timer, or off the main thread, it never rings: a wait then ends by
    its own deadline.
    """

    def __init__(self, ring: Callable[[], None], seconds: float) -> None:
        self._ring = ring
        self._seconds = min(max(seconds, 0.001), LONGEST)
        self._outer: tuple[Any, float] | None = (
            None  # the handler around this one, and its time left
        )
        self._began = 0.0

    def __enter__(self) -> None:
        import signal
        import threading

        if (
            not hasattr(signal, "setitimer")
            or threading.current_thread() is not threading.main_thread()
        ):
            return
        left = signal.getitimer(signal.ITIMER_REAL)[0]
        if left and left <= self._seconds:
            return
        handler = signal.signal(signal.SIGALRM, lambda *_: self._ring())
        self._outer, self._began = (handler, left), time.perf_counter()
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(self, *_: object) -> None:
        if self._outer is None:
            return
        import signal

        handler, left = self._outer
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            left = max(left - (time.perf_counter() - self._began), 0.001)
            signal.setitimer(signal.ITIMER_REAL, left)
