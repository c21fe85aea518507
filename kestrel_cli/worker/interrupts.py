"""Ending an attempt from outside: a signal or a timer raises in the middle of a task's work, and
only there.

Theory of operation
-------------------
There are two requests. `kill` asks for the execution to end: a signal does (`cli/signals.py`), the
time limit of the whole run, and the engine itself when nobody takes its output any more or a
durable journal cannot be written. `time_out` ends one attempt: its `Alarm` rings. Signals and
alarms come between any two steps of the main thread, which runs the engine and, as a rule, the
attempt itself. What a request does depends on where the main thread is:

    closed     the engine is at work: journal, scheduler, reporters. The request is only noted
    open       between `begin` and `end`: a task, or templates, which may compute or sleep for long.
               The request raises AttemptKilled or AttemptTimedOut on the spot
    held       between `hold` and `release` inside of that: a task's log line is being written. The
               request is noted, and `release` raises it
    importing  inside of that: a module is being imported, under locks that an exception can leave
               locked for all other threads. The request is noted, and raised after the import
    waiting    in `wait`, between attempts: a kill ends the wait, which returns False

A kill that was noted is seen by the loop: before each turn it looks at `pending`, says `heeded` and
tells every execution (KillRequested). From then on attempts can begin again: those of
afterExecution, which runs after a kill, too. `times` counts on: a second kill ends that as well,
and attempts on threads that do not hear are given up; the third signal ends the program, in the
handler.

Exceptions that are raised between any two steps can be lost: Python only reports those that leave
a destructor or the callback of a weak reference. Therefore a request is noted first and raised
then; `check` raises again what was noted, when the handler hears that one was lost.

Attempts on threads (`flight.py`) see none of this: nothing can be raised in another thread. While
there are such, the main thread waits for their messages, `wake` sends one, and the loop tells them.

Worked example
--------------
    begin()          open                   the attempt of a task
    hold()           held                   it logs a line
      kill(SIGINT)   pending, times 1       the line is written as a whole
    release(True)    AttemptKilled          raised in the task, out of its call of `log`
    end()            closed                 the attempt ends KILLED
    heeded()         not pending            every execution is told, then that the attempt ended
    begin()          open                   afterExecution
      kill(SIGINT)   AttemptKilled          times 2: raised in the task
    end(), heeded()                         afterExecution is killed, the run ends

Invariants
----------
- Nothing is raised but from `begin` to `end` and within `wait`: what the engine makes of an attempt
  after its `end` is made as a whole.
- No kill is lost: it is noted before it is raised, and `begin` raises one that nobody has heeded.
- A time-out is for one attempt: the next `begin` forgets it. A kill is heeded by the loop alone.
- No lock is needed: all of it happens on the main thread.
"""

import sys
import time
from collections.abc import Callable
from typing import Any, Final

from kestrel_cli.expressions.watch import importing

# Ten years: systems refuse to sleep much longer than that, and nobody waits for it.
LONGEST: Final = 315_360_000.0


class AttemptInterrupted(BaseException):
    """Raised inside an attempt. Not an Exception, so that no task or library swallows it."""


class AttemptKilled(AttemptInterrupted):
    """The execution is to end."""


class AttemptTimedOut(AttemptInterrupted):
    """The attempt's time is over."""


class Interrupts:
    """Requests to end the work under way. `kill` and `time_out` may be called by a signal
    handler.
    """

    leaves = False  # whoever asks for the end is asked first, or only leaves: nothing is said yet

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
        """Ask for the execution to end, because of this signal (0: the run's own time limit)."""
        if self.signal is None:
            self.signal = signal
        self.pending = True
        self.times += 1
        if self._open:
            self._raise(AttemptKilled)
        elif self.wake is not None:
            self.wake()

    def heeded(self) -> None:
        """The execution was told; what still runs of it (afterExecution) is left alone."""
        self.pending = False

    def time_out(self) -> None:
        """Say that the attempt's time is over."""
        self.timed_out = True
        if self._open:
            self._raise(AttemptTimedOut)

    def begin(self) -> None:
        """Open: from here on a request raises, and so does a kill that came before."""
        self.timed_out = False
        self._open = True
        if self.pending:
            raise AttemptKilled

    def end(self) -> None:
        """Closed: from here on a request is only noted."""
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

    def _raise(self, error: type[AttemptInterrupted]) -> None:
        if not importing():
            raise error
        sys.setprofile(self._look_again)

    def _look_again(self, *_: object) -> None:
        """Python calls it at every call and return: what it raises comes out of these."""
        if not importing():
            sys.setprofile(None)
            self.check()

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
