"""A bound on how long one rendering may compute, for work that counts nothing itself: above all,
regular expressions.

Loops, macros and jq programs count their steps (`limits.py`). A regular expression that runs away
does not, but Python looks at signals while it matches; so a timer on the process's own computing
time ends it. Only the main thread of a process has that; elsewhere a rendering is bounded by its
counts alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SECONDS: Final = 2.0
_TICK: Final = 0.25


class RenderInterrupted(BaseException):
    """The rendering has computed for too long. No Exception: nothing on its way may swallow it."""


class _Watched:
    """The rendering under way: `number` counts renderings,
    `ticks` those that this one has lived through.
    """

    number = 0
    depth = 0
    seen = -1
    ticks = 0


def enter() -> None:
    """A rendering begins, perhaps inside another one."""
    if not _Watched.depth:
        _Watched.number += 1
    _Watched.depth += 1


def leave() -> None:
    """The rendering is over."""
    _Watched.depth -= 1


@contextmanager
def watching() -> Iterator[None]:
    """While this lasts, a rendering that computes for more than `SECONDS` is cut short: it raises
    RenderInterrupted.
    """
    import signal
    import threading

    if (
        not hasattr(signal, "ITIMER_VIRTUAL")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return
    _Watched.depth = _Watched.ticks = 0  # whatever an interruption left behind
    before = signal.signal(signal.SIGVTALRM, _tick)
    signal.setitimer(signal.ITIMER_VIRTUAL, _TICK, _TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _tick(_: int, __: FrameType | None) -> None:
    if not _Watched.depth:
        return
    if _Watched.seen != _Watched.number:
        _Watched.seen, _Watched.ticks = _Watched.number, 0
    _Watched.ticks += 1
    if _Watched.ticks > SECONDS / _TICK:
        _Watched.ticks = 0
        raise RenderInterrupted
