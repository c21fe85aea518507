"""For tests with child processes: who still lives, and attempts that end while a child runs."""

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.reach import ReachingContext


def living(word: str) -> list[str]:
    """The command lines of processes, other than this one, that hold a word. Zombies have none."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            if word in line and int(place.name) != os.getpid():
                found.append(line)
    return found


def gone(word: str, seconds: float = 5.0) -> bool:
    """Whether nobody with the word is left, at the latest after a while."""
    until = time.monotonic() + seconds
    while living(word):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


class Over(BaseException):
    """What the engine raises in an attempt that is to end."""


@contextmanager
def alarm(*seconds: float) -> Iterator[None]:
    """Raise Over in the main thread after so many seconds, and once more after further ones."""

    def ring(*_: object) -> None:
        if more:
            signal.setitimer(signal.ITIMER_REAL, more.pop(0))
        raise Over

    def swallowed(args: "sys.UnraisableHookArgs") -> None:
        if isinstance(args.exc_value, Over):  # in a destructor it is lost: once more
            signal.setitimer(signal.ITIMER_REAL, 0.02)
        else:
            hook(args)

    first, *more = seconds
    hook, sys.unraisablehook = sys.unraisablehook, swallowed
    # What is raised in a callback of the garbage collector (hypothesis has one) is lost.
    callbacks, gc.callbacks[:] = gc.callbacks[:], []
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, first)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.callbacks[:] = callbacks
        sys.unraisablehook = hook


class EndingContext(ReachingContext):
    """An attempt on a thread: the test ends it, as the main thread of a run does."""

    def __init__(self, folder: Path, **more: object) -> None:
        super().__init__(folder, **more)  # type: ignore[arg-type]
        self.stops: list[Callable[[], None]] = []
        self.over = threading.Event()

    @contextmanager
    def ending(self, stop: Callable[[], None]) -> Iterator[None]:
        self.stops.append(stop)
        try:
            yield
        finally:
            self.stops.remove(stop)

    def end(self) -> None:
        self.over.set()
        for stop in self.stops:
            stop()

    def check(self) -> None:
        if self.over.is_set():
            raise Over

    def log(self, level: str, message: str) -> None:  # type: ignore[override]
        self.check()
        super().log(level, message)  # type: ignore[arg-type]
