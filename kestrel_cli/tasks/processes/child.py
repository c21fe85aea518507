"""One child process, in a session and process group of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO, Any, Final

from kestrel_cli.tasks.processes.kin import MARK, kin_of, still_there
from kestrel_cli.tasks.processes.orphans import ORPHANS, RUN
from kestrel_cli.tasks.processes.watcher import WATCHER

_WINDOWS: Final = sys.platform == "win32"
_DEATH: Final = 1.0  # seconds that it may take after a SIGKILL
_numbers: Final = count()


class Child:
    """A process that was just started; its input is empty. Raises OSError when it can't be. `end`
    is a descriptor, where there is one, that becomes readable when it has ended.
    """

    def __init__(self, argv: Sequence[str], folder: Path, environ: Mapping[str, str]) -> None:
        self._mark = f"{RUN}.{next(_numbers)}"
        apart: dict[str, Any] = {"start_new_session": True}
        if _WINDOWS:
            apart = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        WATCHER.prepare()
        began = ORPHANS.begin(self._mark, folder)
        try:
            self._process = subprocess.Popen(
                list(argv),
                cwd=folder,
                env={**environ, MARK: self._mark},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                **apart,
            )
        except BaseException:
            ORPHANS.end(self._mark)
            raise
        self.end = _end_of(self.pid)
        ORPHANS.started(self.pid)
        WATCHER.begin(self.pid, began, folder)

    @property
    def pid(self) -> int:
        """Its number, which is that of its group and session as well."""
        return self._process.pid

    @property
    def pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        """Its output and its error output."""
        assert self._process.stdout is not None  # asked for above
        assert self._process.stderr is not None
        return self._process.stdout, self._process.stderr

    def exit_code(self) -> int | None:
        """None while it lives; after a signal 128 and its number, as shells have it."""
        code = self._process.poll()
        return code if code is None or code >= 0 else 128 - code

    def has_left_somebody(self) -> bool:
        """Whether anybody lives whom it has started; to be asked once it has ended."""
        if _WINDOWS:
            return False
        if ORPHANS.come:  # who has lost a parent has come to us, whatever its group
            return bool(ORPHANS.of(self.pid, self._mark))
        try:
            os.killpg(self.pid, 0)
        except OSError:
            return False
        # Zombies are members too, for as long as their parent (in a container: a lazy init) does
        # not look at them; only a look at all processes tells.
        return bool(self.kin())

    def reap(self) -> None:
        """Take orphans that have ended off the system's list, and have the others watched."""
        WATCHER.orphans(ORPHANS.all())

    def interrupt(self, known: dict[int, str]) -> None:
        """Ask the whole group to end, and the `known` others; one that is stopped has to go on to
        hear of it.
        """
        if _WINDOWS:
            self._process.terminate()
            return
        for number in (signal.SIGTERM, signal.SIGCONT):
            with suppress(OSError):
                os.killpg(self.pid, number)
            for pid in known:
                with suppress(OSError):
                    os.kill(pid, number)

    def kin(self) -> dict[int, str]:
        """Everybody who belongs to it and lives, and when each of them began."""
        if _WINDOWS:
            return {}
        return kin_of(self.pid, self._mark, ORPHANS.of(self.pid, self._mark))

    def kill(self, known: dict[int, str]) -> None:
        """End it, its group, and who else belongs to it or is `known` to have done so."""
        if _WINDOWS:
            _kill_tree(self.pid)
            return
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        # Who is found late may have started somebody in the meantime; and who is killed lives for a
        # moment yet.
        until, wait = time.monotonic() + _DEATH, 0.0005
        while alive := set(self.kin()) | still_there(known):
            for pid in alive:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > until:
                break
            time.sleep(wait)
            wait = min(wait * 2, 0.05)
        ORPHANS.all()  # the last of them ended just now

    def close(self) -> None:
        """Nobody is left, or nobody can be found."""
        if self.end is not None:
            os.close(self.end)
        WATCHER.end(self.pid)
        ORPHANS.end(self._mark, self.pid)


def _end_of(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends; None where there is no such."""
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _kill_tree(pid: int) -> None:
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            ["taskkill", "/T", "/F", "/PID", str(pid)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=10,
        )
