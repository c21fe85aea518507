"""Signals end the run in good order: the first one kills the execution, the second one what still
runs then (afterExecution, children that do not hear), the third one the program.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

from kestrel_cli.worker.interrupts import AttemptInterrupted, Interrupts

_PATIENCE = 2
_AGAIN = 0.01  # seconds
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Listener:
    """Hears of signals, in their handlers: nothing may wait there. This one does nothing."""

    def asked_to_end(self, number: int, times: int) -> None:
        """A signal asks for the end of the execution, after so many others."""

    def leave(self) -> None:
        """The program ends here and now."""


_NOBODY: Final = Listener()


@contextmanager
def ends_on_signals(interrupts: Interrupts, listener: Listener = _NOBODY) -> Iterator[None]:
    """While this lasts, SIGINT, SIGTERM and SIGHUP ask for the execution to end; a third request
    ends the program. The listener hears of each first.
    """

    lost: list[object] = []

    def ask(number: int, _: FrameType | None) -> None:
        if lost:
            lost.pop()
            interrupts.check()
            return
        if interrupts.times >= _PATIENCE:
            listener.leave()
            with suppress(OSError):
                os.write(2, b"\n")  # not through sys.stderr: it may be in the middle of a write
            os._exit(128 + number)
        listener.asked_to_end(number, interrupts.times)
        interrupts.kill(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    main = threading.get_ident()

    def swallowed(args: "sys.UnraisableHookArgs") -> None:
        """Raised in the middle of a destructor or a weak reference's callback, where it has no
        effect: once more, a moment later.
        """
        if not isinstance(args.exc_value, AttemptInterrupted):
            around(args)
        elif not lost:
            lost.append(None)
            threading.Timer(_AGAIN, lambda: _knock(main) if lost else None).start()

    around, sys.unraisablehook = sys.unraisablehook, swallowed
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield
    finally:
        sys.unraisablehook = around
        lost.clear()
        if (
            interrupts.signal is None
        ):  # else the program is about to end, and a second signal still ends it at once
            for number, handler in before.items():
                signal.signal(number, handler)


def _knock(thread: int) -> None:
    """A signal to a thread, out of a wait, too."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(thread, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
