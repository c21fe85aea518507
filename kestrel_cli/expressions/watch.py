"""A bound on how long one rendering may take, for work that counts nothing itself: above all,
walks over values that hold themselves many times.

Loops, macros and jq programs count their steps (`limits.py`), and a regular expression has a bound
of its own (`kestrel_cli.matching`). What else takes long is ended by a timer on the process's
computing, the system's work for it included. At each of its ticks the time by the clock is looked
at: it counts, unless the process did not run at all, suspended or asleep, or the rendering was
`waiting` for somebody else's answer. Only the main thread of a process has that; renderings are
made there.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SECONDS: Final = 2.0
_TICK: Final = 0.25
_SLOWEST: Final = 1.5  # for what a busy machine takes beyond this, the rendering is not blamed


class RenderInterrupted(BaseException):
    """The rendering has taken too long. No Exception: nothing on its way may swallow it."""


class _Watched:
    """The rendering under way: `number` counts renderings, `spent` is the time that this one has
    taken, up to the last tick (`clock`, and `work` on the thread's own clock).
    """

    on = False
    number = 0
    depth = 0
    seen = -1
    spent = 0.0
    clock = 0.0
    work = 0.0


def enter() -> None:
    """A rendering begins, perhaps inside another one."""
    if not _Watched.depth:
        _Watched.number += 1
    _Watched.depth += 1


def leave() -> None:
    """The rendering is over."""
    _Watched.depth -= 1


@contextmanager
def waiting() -> Iterator[None]:
    """While this lasts, the rendering waits for an answer from outside; whoever waits has a time
    limit of its own.
    """
    depth, number, spent = _Watched.depth, _Watched.number, _Watched.spent
    _Watched.depth = 0
    try:
        yield
    finally:
        _Watched.depth = depth
        _Watched.number = _Watched.seen = number
        _Watched.spent = spent
        _look()


@contextmanager
def watching() -> Iterator[None]:
    """While this lasts, a rendering that takes more than `SECONDS` is cut short: it raises
    RenderInterrupted. Within another `watching` nothing changes.
    """
    import signal
    import threading

    if (
        _Watched.on
        or not hasattr(signal, "ITIMER_PROF")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return
    _Watched.on = True
    _Watched.depth = 0  # whatever an interruption left behind
    _Watched.seen = -1
    before = signal.signal(signal.SIGPROF, _tick)
    signal.setitimer(signal.ITIMER_PROF, _TICK, _TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        _Watched.on = False


def importing() -> bool:
    """Whether this thread is importing a module: an exception out of a signal could then leave
    locks of Python's locked, and every other thread would wait at its next import for ever.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib."):
            return True
        frame = frame.f_back
    return False


def _tick(_: int, __: FrameType | None) -> None:
    if not _Watched.depth:
        return
    clock, work = _Watched.clock, _Watched.work
    _look()
    if _Watched.seen != _Watched.number:
        # It began since the last tick.
        _Watched.seen, _Watched.spent = _Watched.number, _TICK
        return
    by_clock = min(_Watched.clock - clock, _SLOWEST * _TICK)
    _Watched.spent += max(by_clock, _Watched.work - work)
    if _Watched.spent > SECONDS and not importing():  # else at a later tick
        _Watched.spent = 0.0
        raise RenderInterrupted


def _look() -> None:
    _Watched.clock = time.perf_counter()
    _Watched.work = time.thread_time()
