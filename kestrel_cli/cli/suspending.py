"""Ctrl-Z and `fg`: a run with a status stops when the terminal is clear, and shows it again later.

The handler runs on the main thread, which may hold the screen's lock: so the thread of the status
clears the screen and sends the signal once more. Then the process does what it always does at it.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from kestrel_cli.reporters.status import Status

_AGAIN: Final = 0.01  # seconds
_TIMES: Final = 1000


@contextmanager
def suspended_in_good_order(status: Status) -> Iterator[None]:
    """While this lasts, SIGTSTP clears the screen first; and a new size of it is heeded at once."""
    if not hasattr(signal, "SIGTSTP") or threading.current_thread() is not threading.main_thread():
        yield
        return
    suspension = _Suspension(status)
    mine = {signal.SIGTSTP: suspension.stop, signal.SIGWINCH: lambda *_: status.look()}
    # What somebody wants otherwise stays so: nohup, a shell.
    mine = {one: mine[one] for one in mine if signal.getsignal(one) is signal.SIG_DFL}
    for number, handler in mine.items():
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_DFL)


class _Suspension:
    """The way from the signal to the stop, and back."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._main = threading.get_ident()
        self._cleared = False

    def stop(self, _: int, __: FrameType | None) -> None:
        """The handler: asks for a clear screen, and stops at the second time."""
        if not self._cleared and self._status.works:  # else there is nothing to clear any more
            self._status.post(self._clear)
            return
        self._cleared = False
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # returns when somebody lets us go on
        signal.signal(signal.SIGTSTP, self.stop)
        self._status.post(self._status.screen.let_on)
        self._status.look()

    def _clear(self) -> None:
        """On the thread. A signal that comes just before the main thread begins to wait is not
        heard before that ends, or another one comes: so there are others.
        """
        self._status.screen.keep_off()
        self._cleared = True
        signal.pthread_kill(self._main, signal.SIGTSTP)
        for _ in range(_TIMES):
            time.sleep(_AGAIN)
            if not self._cleared:
                return
            signal.pthread_kill(self._main, signal.SIGWINCH)
