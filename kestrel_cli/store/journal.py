"""The journal of a run: every event and log line of its executions, appended before anybody is
shown it.

One JSON array a line; each begins with the letter of its kind. `[...]` may be left out at the end.
A birth and a call are maps of the fields that differ from what they are by default.

    J  format                                       the first line
    F  number, file, text, [defaults]               the text of a flow file
    N  birth                                        the first execution is born
    @  number                                       whose the events and log lines after it are;
                                                    at first they are those of execution 0
    K  ...                                          an entry of the table of sealed secrets
    L  run, at, level, message, attempt             LogLine
    B  at                                           Begun
    S  run, at                                      AttemptStarted
    E  run, at, state, outputs, metrics, error, draw, [change, log file]    AttemptEnded
    X  run, at, lanes, limit, outputs, [needs, pause]                       Expanded
    U  run, at, calls, limit, wait                  Called
    H  run, at, nth, execution, [birth]             Launched, and the execution is born
    Y  run, at, nth, state, execution, outputs, error, stop                 CalledEnded
    W  at, birth                                    Followed, and the execution is born
    P  run, at                                      Skipped
    R  run, at, error, attempted, outputs, [soft, at once]                  Refused
    f  run, at, state, outputs, error               StoodIn
    T  run, at                                      TimerFired
    M  run, at, state, outputs, [error]             Resumed
    G  run, at, outputs, again, error               Judged
    O  run, at                                      Lost
    V  at, id, behavior, labels, reason             Violated
    D  at, refused                                  Queued
    A  at, restarted, kept, removed, frames, labels    Reopened
    Q  at                                           KillRequested
    C  at, outputs, error                           Concluded
    J  at, listeners                                Heard
    Z  at, state, runs                              the run is over for now
    I  [at, state, runs]                            what came here could not be written: the journal
                                                    ends, whatever follows; as Z when it was closed

A torn last line (the process was killed in the middle of a write) is left out when the journal is
read.

`I` also stands behind the birth of an execution that takes over what another one did, until all of
that is there: in part it would be run instead of taken over.

A disk may be full. Then the last lines of the file give way to `I`, which takes their room: it
needs none of its own. They wait in memory with all that comes after, and return when there is room
again; `I` is overwritten last, so that it stands there as long as anything is missing.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from kestrel_cli.model.birth import Birth
from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.store.directory import make_private
from kestrel_cli.store.journal_births import Shown
from kestrel_cli.store.journal_lines import (
    FORMAT,
    Closed,
    FlowText,
    Key,
    Line,
    encode,
    line_of,
    whole,
)
from kestrel_cli.store.journal_reading import (
    after_last_break,
    ending,
    opening,
    read,
    whole_length,
)
from kestrel_cli.store.locks import hold

__all__ = [
    "FORMAT",
    "Birth",
    "Closed",
    "FlowText",
    "Journal",
    "Key",
    "Line",
    "ending",
    "opening",
    "read",
    "whole_length",
]

_FLUSH_AT: Final = 64
_TRIES: Final = 5  # to lock it
_FIRST: Final = '["@",0]'
_ROOM: Final = 64  # bytes of the line `I`, blanks at its end among them
_PAUSE: Final = 0.25  # seconds between tries to write what waits
_WAITING: Final = 16 << 20  # bytes that may wait


class Journal:
    """Appends to a file, for one process at a time.

    `flush` must be called before anything appended is shown, or done to the world.
    """

    def __init__(
        self,
        path: Path,
        *,
        replace: bool = False,
        go_on: bool = False,
        durable: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open a new journal; `replace` allows for an old one there, `go_on` continues it, which
        has to be whole.

        With `durable` every flush reaches the disk. `clock` counts seconds. Raises OSError;
        BlockingIOError when another process writes to it.
        """
        self.path = path
        self._durable = durable
        self._clock = clock
        make_private(path.parent)
        how = 0 if go_on else os.O_CREAT if replace else os.O_CREAT | os.O_EXCL
        self._file = os.open(path, os.O_RDWR | how | getattr(os, "O_BINARY", 0), 0o600)
        hold(self._file, _TRIES)
        self._closed = False
        self._lines = ['["@",0]' if go_on else encode(["J", FORMAT])]
        self._of = 0  # whose lines these are
        self._length = 0  # of what is written, all of it whole lines
        self._waiting: bytearray | None = None  # what the file misses behind that; None: nothing
        self._held: int | None = None  # where `I` stands at the beginning
        self._again = 0.0  # when to try to write it
        self._told = False
        self._lost = False
        try:
            if go_on:
                self._length = whole_length(path)
            if go_on or replace:
                os.ftruncate(self._file, self._length)
            if durable:
                _sync_folder(path.parent)
        except OSError:
            os.close(self._file)
            raise

    @property
    def failing(self) -> bool:
        """Whether the file misses something that was to reach it."""
        return self._waiting is not None

    @property
    def lost(self) -> bool:
        """Whether it will miss that for good."""
        return self._lost

    def flow(self, flow: FlowText) -> None:
        """Keep the text of a flow file."""
        self._lines.append(line_of(flow))

    def birth(self, birth: Birth, shown: Shown = whole, *, held: bool = False) -> None:
        """The first execution is born. Behind it is room for the line `I`, so that a full disk does
        not take the birth away. With `held` that line stands there until `release`: what follows is
        of no use in part.
        """
        self._lines.append(line_of(birth, shown))
        if held:
            before = sum(len(line.encode()) + 1 for line in self._lines)
            self._held = self._length + before
        self._lines.append(('["I"]' if held else _FIRST).ljust(_ROOM - 1))

    def release(self) -> None:
        """What was held counts from now on. Raises OSError as `flush` does."""
        at, self._held = self._held, None
        if at is not None:
            self.flush()
            if not self.failing:
                self._write(_FIRST.ljust(_ROOM - 1).encode(), at)

    def key(self, entry: list[object]) -> None:
        """Keep an entry of the table of sealed secrets. May be called by the `shown` of an entry,
        whose line comes after it.
        """
        self._lines.append(line_of(Key(entry)))

    def append(self, number: int, entry: Event | LogLine, shown: Shown = whole) -> None:
        """Take down an entry of an execution, its values as `shown` gives them; it reaches the
        file with the next flush, or soon. Raises OSError as `flush` does.
        """
        if self._lost:
            return
        line = line_of(entry, shown)
        if number != self._of:
            self._of = number
            self._lines.append(f'["@",{number}]')
        self._lines.append(line)
        if len(self._lines) >= _FLUSH_AT:
            self.flush()

    def flush(self) -> None:
        """Bring everything appended into the file, in one write.

        Raises OSError the first time that this fails. From then on what is missing waits, and
        later calls try again, silently, until it is too much: then it is lost. A durable journal is
        lost at once, and every call raises.
        """
        data = ("\n".join(self._lines) + "\n").encode() if self._lines else b""
        if self._lost:
            self._lines.clear()
            if self._durable:
                raise OSError("the journal was given up")
        elif self._waiting is not None:
            self._waiting += data
            self._lines.clear()
            self._catch_up(self._waiting)
        elif data:
            try:
                self._write(data, self._length)
                if self._durable:
                    os.fsync(self._file)
            except OSError:
                self._fall_behind(data)
                self._lines.clear()
                if not self._told:
                    self._told = True
                    raise
            else:
                self._length += len(data)
                self._lines.clear()

    def close(self, closed: Closed | None = None) -> None:
        """Flush and close; a second time does nothing. Raises OSError as `flush` does."""
        if self._closed:  # its number may be another file's
            return
        try:
            if closed is not None:
                self._lines.append(line_of(closed))
            self._again = self._clock()
            self.flush()
        finally:
            self._closed = True
            if self.failing and closed is not None:
                self._mark(Closed(closed.at, closed.state, closed.runs, whole=False))
            os.close(self._file)

    # -- a file that can't be written to

    def _fall_behind(self, data: bytes) -> None:
        """Let the last lines give way to one that says so; they wait, and `data` after them."""
        kept = b""
        with suppress(OSError):
            first = len(encode(["J", FORMAT])) + 1
            start = after_last_break(self._read, self._length - _ROOM)
            start = min(max(start, first), self._length)
            kept = self._read(start, self._length - start)
            self._length = start
        self._waiting = bytearray(kept + data)
        self._again = self._clock() + _PAUSE
        self._mark()
        if self._durable:
            self._give_up()

    def _catch_up(self, waiting: bytearray) -> None:
        """Write what waits, when it is time to try that."""
        now = self._clock()
        if now >= self._again:
            self._again = now + _PAUSE
            try:
                with memoryview(waiting) as view:
                    self._write(view[_ROOM:], self._length + _ROOM)
                    os.ftruncate(self._file, self._length + len(view))
                    self._write(view[:_ROOM], self._length)  # over `I`
            except OSError:
                self._mark()
            else:
                self._length += len(waiting)
                self._waiting = None
                return
        if len(waiting) > _WAITING:
            self._give_up()

    def _give_up(self) -> None:
        self._waiting = bytearray()
        self._lost = True

    def _mark(self, closed: Closed | None = None) -> None:
        """End the file with the line `I`; one that can't even be told so is as if torn."""
        line = '["I"]' if closed is None else line_of(closed)
        with suppress(OSError):
            if not self._length:
                os.ftruncate(self._file, 0)
                return
            # First cut off: what is overwritten then has its room, and was never read half.
            os.ftruncate(self._file, self._length + _ROOM)
            self._write(line.ljust(_ROOM - 1).encode() + b"\n", self._length)

    def _write(self, data: bytes | memoryview, at: int) -> None:
        os.lseek(self._file, at, os.SEEK_SET)
        while data:
            data = data[os.write(self._file, data) :]

    def _read(self, at: int, length: int) -> bytes:
        os.lseek(self._file, at, os.SEEK_SET)
        parts = []
        while length > 0 and (part := os.read(self._file, length)):
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


def _sync_folder(folder: Path) -> None:
    """The name of the new file reaches the disk, too."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
