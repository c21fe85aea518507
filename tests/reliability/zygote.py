"""A program that has Kestrel in memory and forks a process for each command line: as the real one,
but started in a few milliseconds.

It reads orders as JSON lines from stdin, and answers each with a line: the exit code, or minus the
signal that ended the process. An order is `{"folder", "arguments"}` and one of

    "kill": [n, "before" | "in" | "after"]   SIGKILL at the n-th write to the journal
    "signals": [[seconds, number], ...]      signals that come after a while, or a while after
    "until": [file, lines]                   this file of the folder has so many lines

or `"here": true`: no fork, so that what the command has imported is there for all that follow. What
a command prints is in the files `out` and `err` of its folder.
"""

import gc
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import kestrel_cli.app.resume
import kestrel_cli.cli.resume
import kestrel_cli.cli.run  # noqa: F401  what every command needs
from kestrel_cli.cli.main import run_command_line
from kestrel_cli.store import journal
from kestrel_cli.tasks.processes.watcher import WATCHER

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Serve orders until there are no more."""
    WATCHER._shell["shell"] = None  # the children here end by themselves, soon
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(f"{_served(json.loads(line))}\n")
        sys.stdout.flush()


def _served(order: dict[str, Any]) -> int:
    if order.get("here"):
        own = os.dup(1)
        _at_home(Path(order["folder"]))
        code = run_command_line(order["arguments"])
        sys.stdout.flush()
        os.dup2(own, 1)
        os.close(own)
        gc.freeze()
        return code
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # none comes before `_run` can take care of it
    process = os.fork()
    if not process:
        _run(order)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    if "until" in order:
        name, lines = order["until"]
        if not _awaited(Path(order["folder"], name), lines, process):
            os.kill(process, signal.SIGKILL)
    began = time.perf_counter()
    for seconds, number in order.get("signals", ()):
        time.sleep(max(began + seconds - time.perf_counter(), 0))
        with suppress(ProcessLookupError):
            os.kill(process, number)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


def _awaited(path: Path, lines: int, process: int) -> bool:
    """Whether it comes before the process ends, and soon."""
    until = time.perf_counter() + 20
    while not path.exists() or path.read_bytes().count(b"\n") < lines:
        ended = os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is not None or time.perf_counter() > until:
            return False
        time.sleep(0.002)
    return True


def _run(order: dict[str, Any]) -> None:
    code = 70
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        _at_home(Path(order["folder"]))
        if order.get("watched"):
            WATCHER._shell.clear()  # whoever is left goes with this process
        if "kill" in order:
            _die_at(*order["kill"])
        code = run_command_line(order["arguments"])
    except KeyboardInterrupt:  # before the command could take care of it
        code = 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # as the program does
        sys.stdout.flush()
        os._exit(code)


def _at_home(folder: Path) -> None:
    """In the folder, with its own state and its own streams."""
    os.chdir(folder)
    os.environ["XDG_STATE_HOME"] = str(folder / ".state")
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, number)
        os.close(file)


def _die_at(number: int, where: str) -> None:
    """From now on the journal's module writes by a function that counts."""
    written = 0

    def write(file: int, data: bytes) -> int:
        nonlocal written
        written += 1
        if written == number:
            if where != "before":
                os.write(file, data[: len(data) // 2] if where == "in" else data)
            os.kill(os.getpid(), signal.SIGKILL)
        return os.write(file, data)

    journal.os = SimpleNamespace(**{**vars(os), "write": write})  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
