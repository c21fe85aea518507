"""A terminal with a status below what is written to it: the one place where both are put.

The cursor rests where the status begins. So what is written passes above it, and the status goes by
erasing from there to the end of the screen: however many rows it takes by now, after the terminal
was made narrower as well. The cursor is never hidden: there is nothing to be put right after an end
that nobody could prepare.

Everything is written at once and under a lock, what is written and the status below it: nothing
flickers, and threads do not write into each other's lines.
"""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, TextIO

_A_MOMENT: Final = 0.1  # seconds
_BELOW: Final = "\x1b[J"  # erases what is behind the cursor, and below it
ERASE: Final = f"\r{_BELOW}"
_REST: Final = "\x1b[K"  # erases the rest of a row


class Screen:
    """The status is put on `stream`; streams to the same terminal are written `over` it."""

    def __init__(self, stream: TextIO) -> None:
        self._lock = threading.Lock()
        self._stream = stream
        self._next = ""  # what is to be shown; set without the lock, and taken over under it
        self._shown = ""  # what is on the screen
        self._kept_off = 0
        self._in_line = False  # what was written last goes on in the same line
        self._not_before = 0.0  # seconds; until then somebody else may be writing

    def over(self, stream: TextIO) -> TextIO:
        """The same stream; what is written to it passes above the status."""
        return _Over(stream, self)  # type: ignore[return-value]  # everything else is the stream's

    def beside(self, stream: TextIO) -> TextIO:
        """The same stream, a pipe; who reads it may show the lines here (`| tee log`): the status
        gives way for a moment.
        """
        return _Beside(stream, self)  # type: ignore[return-value]  # everything else is the stream's

    def size(self) -> os.terminal_size:
        """Columns and rows, as they are now."""
        with suppress(OSError, ValueError):
            size = os.get_terminal_size(self._stream.fileno())
            if size.columns and size.lines:
                return size
        return os.terminal_size((80, 24))

    def show(self, rows: Sequence[str]) -> bool:
        """Put a status there in place of the one before; not while it is kept off, within a line
        that somebody has begun to write, or on the terminal of somebody else.

        False: whoever is writing takes it along, or it has to be shown once more. To wait here for
        a thread that writes line after line would cost it a switch between threads at each.
        """
        self._next = _painted(rows) if _is_ours(self._stream) else ""
        if time.monotonic() < self._not_before or not self._lock.acquire(blocking=False):
            return False
        try:
            self._put()
        finally:
            self._lock.release()
        return True

    def _put(self) -> None:
        if self._kept_off or self._in_line or self._next == self._shown:
            return
        self._shown = self._next
        self._stream.write(self._shown or ERASE)
        self._stream.flush()

    def keep_off(self) -> None:
        """Take the status away, and show none until `let_on` was called as often."""
        with self._lock:
            self._kept_off += 1
            self._hide()

    def give_way(self) -> None:
        """Take the status away for a moment."""
        with self._lock:
            self._not_before = time.monotonic() + _A_MOMENT
            self._hide()

    def _hide(self) -> None:
        self._next = ""
        if self._shown:
            self._shown = ""
            self._stream.write(ERASE)
            self._stream.flush()

    def let_on(self) -> None:
        """Show what is to be shown again."""
        with self._lock:
            self._kept_off -= 1
            self._next = ""  # it was made for another moment

    @contextmanager
    def kept_off(self) -> Iterator[None]:
        """No status while this lasts: somebody is asked something."""
        self.keep_off()
        try:
            yield
        finally:
            self.let_on()

    @property
    def is_kept_off(self) -> bool:
        """Whether none is shown now. Takes no lock: signal handlers ask, too."""
        return self._kept_off > 0

    def drop(self) -> None:
        """Take the status away without a lock: the program ends here and now, in a handler."""
        if self._shown:
            with suppress(OSError, ValueError):
                os.write(self._stream.fileno(), ERASE.encode())

    def write(self, stream: TextIO, text: str) -> int:
        """Write text above the status, which is put below it again in the same breath."""
        if not text:
            return 0
        with self._lock:
            self._in_line = not text.endswith("\n")
            status = "" if self._in_line or self._kept_off else self._next
            if not (status or self._shown):
                return stream.write(text)
            before = ERASE if self._shown else ""
            self._shown = status
            stream.write(f"{before}{text}{status}")
            stream.flush()
        return len(text)


class _Over:
    def __init__(self, stream: TextIO, screen: Screen) -> None:
        self._stream = stream
        self._screen = screen

    def write(self, text: str) -> int:
        return self._screen.write(self._stream, text)

    def writelines(self, lines: Iterator[str]) -> None:
        self._screen.write(self._stream, "".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Beside:
    def __init__(self, stream: TextIO, screen: Screen) -> None:
        self._stream = stream
        self._screen = screen

    def write(self, text: str) -> int:
        self._screen.give_way()
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _painted(rows: Sequence[str]) -> str:
    """What puts these rows on the screen, and the cursor back to where they begin."""
    up = f"\x1b[{len(rows) - 1}A" if len(rows) > 1 else ""
    return "\r" + f"{_REST}\n".join(rows) + f"{_BELOW}\r{up}" if rows else ""


def _is_ours(stream: TextIO) -> bool:
    """Whether the terminal is ours: a shell that has us in the background draws on it itself, and
    so does who reads it key by key, as the pager that we are piped to.
    """
    try:
        import termios

        descriptor = stream.fileno()
        if os.tcgetpgrp(descriptor) != os.getpgrp():
            return False
    except (ImportError, OSError, ValueError):  # it is no terminal that somebody controls us by
        return True
    return bool(termios.tcgetattr(descriptor)[3] & termios.ICANON)
