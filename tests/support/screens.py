"""A program on a pseudo-terminal, and what somebody sees there, drawn as a terminal does it."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyte

from tests.support.cli import COMMAND, process_environment

_PATIENCE = 20.0  # seconds
_FRAME_ENDS = re.compile(rb"(?<=\x1b\[\dA)|(?<=\x1b\[J\r)(?!\x1b)")  # the cursor is at rest


class Seen:
    """What is on the screen. `streams` that are pipes are no part of it."""

    def __init__(self, ours: int, process: subprocess.Popen[bytes], columns: int, rows: int):
        self.process = process
        self.raw = b""
        self._frames: list[bytes] = []  # those that nobody has seen yet
        self._ours = ours
        self._screen = pyte.HistoryScreen(columns, rows, history=2000, ratio=0.5)
        self._stream = pyte.ByteStream(self._screen)

    def rows(self) -> list[str]:
        """The rows that hold something, from the first one that was ever there."""
        above = [self._text(row) for row in self._screen.history.top]
        return [row for row in (*above, *map(str.rstrip, self._screen.display)) if row]

    def until(self, true: Callable[[list[str]], object]) -> list[str]:
        """The first frame of which something is true."""
        latest = time.monotonic() + _PATIENCE
        while not true(self.rows()):
            assert time.monotonic() < latest, "\n".join(self.rows())
            if not self._read(0.05) and self.process.poll() is not None:
                assert self._read(0.05) or true(self.rows()), "\n".join(self.rows())
        return self.rows()

    def until_shown(self, text: str) -> list[str]:
        return self.until(lambda rows: any(text in row for row in rows))

    def listen(self, seconds: float) -> None:
        """Take in whatever is shown in that time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._read(0.05)

    def end(self) -> int:
        """The exit code, when all is shown."""
        latest = time.monotonic() + _PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < latest, "\n".join(self.rows())
            self._read(0.05)
        while self._read(0.05):
            pass
        return self.process.returncode

    def resize(self, columns: int, rows: int) -> None:
        """Another size, of which the program is told as it would be."""
        self._screen.resize(rows, columns)
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    @property
    def cursor_is_shown(self) -> bool:
        return not self._screen.cursor.hidden

    def _read(self, seconds: float) -> bool:
        """Take in what is shown, frame by frame; false when nothing is, for so long."""
        if self._frames:
            self._stream.feed(self._frames.pop(0))
            return True
        if not select.select([self._ours], [], [], seconds)[0]:
            return False
        try:
            some = os.read(self._ours, 65536)
        except OSError:  # Linux: the other side was closed
            return False
        self.raw += some
        self._frames += [one for one in _FRAME_ENDS.split(some) if one]
        return bool(some)

    def _text(self, row: Mapping[int, pyte.screens.Char]) -> str:
        return "".join(row[at].data for at in range(self._screen.columns)).rstrip()


@contextmanager
def seen(
    folder: Path,
    arguments: Sequence[str],
    *,
    columns: int = 80,
    rows: int = 30,
    env: Mapping[str, str | None] | None = None,
    stdout: Path | None = None,
    stderr: Path | None = None,
    command: Sequence[str] = COMMAND,
) -> Iterator[Seen]:
    """A program that runs on a terminal; a stream with a path goes into that file."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    said = {"TERM": "xterm-256color", "CI": None, "GITHUB_ACTIONS": None, **(env or {})}
    out = os.open(stdout, os.O_CREAT | os.O_WRONLY) if stdout else os.dup(theirs)
    err = os.open(stderr, os.O_CREAT | os.O_WRONLY) if stderr else os.dup(theirs)
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=folder,
        env=process_environment(folder, said),
        stdin=theirs,
        stdout=out,
        stderr=err,
        process_group=0,  # of our session: who is alone in one is never stopped by SIGTSTP
    )
    for one in (theirs, out, err):
        os.close(one)
    try:
        yield Seen(ours, process, columns, rows)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
