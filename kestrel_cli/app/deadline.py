"""The time limit of a run off the main thread, where no signal comes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kestrel_cli.app.request import NO_SIGNAL
from kestrel_cli.worker.interrupts import AttemptInterrupted, Interrupts


@contextmanager
def deadline(interrupts: Interrupts, seconds: float | None) -> Iterator[None]:
    """While this lasts, ask for the end of a run when its time is over.

    On the main thread an alarm of the system does that already, in the middle of an attempt. On
    others an attempt under way is let be: the run ends after it.
    """
    if seconds is None or threading.current_thread() is threading.main_thread():
        yield
        return

    def ring() -> None:
        with suppress(AttemptInterrupted):  # it is raised in the thread of the timer
            interrupts.kill(NO_SIGNAL)

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
