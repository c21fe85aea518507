"""The program run on a pseudo-terminal."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.cli import COMMAND, process_environment

CTRL_C, CTRL_D = "\x03", "\x04"
NO_TERMINAL = {"TERM": "xterm-256color"}
_PATIENCE = 10.0  # seconds in which nothing is shown
_LONGEST = 60.0


def on_terminal(
    folder: Path,
    arguments: Sequence[str],
    columns: int = 80,
    env: Mapping[str, str | None] | None = None,
    typed: str = "",
    answers: Sequence[tuple[str, str]] = (),
) -> tuple[int, str]:
    """Run on a pseudo-terminal; exit code and everything that was shown. `typed` is there from the
    start; each of the `answers` is typed once its question is shown, in turn (Ctrl-C is a signal).
    A signal that comes between the question and the wait for its answer is not heard before the
    next key, so whoever sees nothing happen presses Ctrl-C again.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env={**process_environment(folder, {**NO_TERMINAL, **(env or {})})},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, left, seen, asked = b"", list(answers), 0, False
    until = time.monotonic() + _LONGEST
    try:
        if typed:
            os.write(ours, typed.encode())
        while True:
            if not select.select([ours], [], [], _PATIENCE)[0]:
                assert time.monotonic() < until, f"it does not end: {shown[-500:]!r}"
                if asked:
                    process.send_signal(signal.SIGINT)
                continue
            try:
                some = os.read(ours, 65536)
            except OSError:  # Linux: the other side was closed
                break
            if not some:
                break
            shown += some
            while left and (at := shown.find(left[0][0].encode(), seen)) >= 0:
                seen = at + len(left[0][0].encode())
                answer = left.pop(0)[1]
                if answer == CTRL_C:
                    asked = True
                    process.send_signal(signal.SIGINT)
                else:
                    os.write(ours, answer.encode())
        return process.wait(30), shown.decode().replace("\r\n", "\n")
    finally:
        process.kill()
        process.wait()
        os.close(ours)
