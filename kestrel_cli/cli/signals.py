"""Signals end the run in good order: the first one kills the execution, the second one what still
runs then (afterExecution, children that do not hear), the third one the program.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from kestrel_cli.worker.interrupts import Interrupts

_PATIENCE = 2
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def ends_on_signals(interrupts: Interrupts) -> Iterator[None]:
    """While this lasts, SIGINT, SIGTERM and SIGHUP ask for the execution to end;
    asked three times, the program ends.
    """

    def ask(number: int, _: FrameType | None) -> None:
        if interrupts.times >= _PATIENCE:
            with suppress(OSError):
                os.write(2, b"\n")  # not through sys.stderr: it may be in the middle of a write
            os._exit(128 + number)
        interrupts.kill(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield
    finally:
        if (
            interrupts.signal is None
        ):  # else the program is about to end, and a second signal still ends it at once
            for number, handler in before.items():
                signal.signal(number, handler)
