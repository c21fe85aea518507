"""Ctrl-Z and `fg`: a run with a status stops when the terminal is clear, and shows it again later.

The handler runs on the main thread, which may hold the screen's lock: so the thread of the status
clears the screen and sends the signal once more. Then the process does what it always does at it.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from kestrel_cli.reporters.status import Status


@contextmanager
def suspended_in_good_order(status: Status) -> Iterator[None]:
    """While this lasts, SIGTSTP clears the screen first; and a new size of it is heeded at once."""
    if not hasattr(signal, "SIGTSTP") or threading.current_thread() is not threading.main_thread():
        yield
        return
    main = threading.get_ident()
    cleared: list[None] = []

    def clear() -> None:
        status.screen.keep_off()
        cleared.append(None)
        signal.pthread_kill(main, signal.SIGTSTP)

    def stop(_: int, __: FrameType | None) -> None:
        if not cleared and status.works:  # else there is nothing to clear any more
            status.post(clear)
            return
        cleared.clear()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # returns when somebody lets us go on
        signal.signal(signal.SIGTSTP, stop)
        status.post(status.screen.let_on)
        status.look()

    def look(_: int, __: FrameType | None) -> None:
        status.look()

    mine = {signal.SIGTSTP: stop, signal.SIGWINCH: look}
    before = {number: signal.getsignal(number) for number in mine}
    for number, handler in mine.items():
        if before[number] is signal.SIG_DFL:  # else somebody wants it otherwise: nohup, a shell
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, one in before.items():
            if one is signal.SIG_DFL:
                signal.signal(number, one)
