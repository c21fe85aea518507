"""One child process, in a session and process group of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from kestrel_cli.tasks.processes.kin import MARK, kin_of, still_there
from kestrel_cli.tasks.processes.watcher import WATCHER

_WINDOWS: Final = sys.platform == "win32"


class Child:
    """A process that was just started; its input is empty. Raises OSError when it can't be."""

    def __init__(self, argv: Sequence[str], folder: Path, environ: Mapping[str, str]) -> None:
        self._mark = os.urandom(8).hex()
        apart: dict[str, Any] = {"start_new_session": True}
        if _WINDOWS:
            apart = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        WATCHER.expect(self._mark)
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
            WATCHER.end(0, self._mark)
            raise
        WATCHER.begin(self.pid, self._mark)

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
        """Whether its group still has members that live."""
        if _WINDOWS:
            return False
        try:
            os.killpg(self.pid, 0)
        except OSError:
            return False
        # Zombies are members too, for as long as their parent (in a container: a lazy init) does
        # not look at them; only a look at all processes tells.
        return bool(self.kin())

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
        return {} if _WINDOWS else kin_of(self.pid, self._mark)

    def kill(self, known: dict[int, str]) -> None:
        """End it, its group, and who else belongs to it or is `known` to have done so."""
        if _WINDOWS:
            _kill_tree(self.pid)
            return
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        # Who is found late may have started somebody in the meantime; three rounds see to them.
        for _ in range(3):
            alive = set(self.kin()) | still_there(known)
            if not alive:
                break
            for pid in alive:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """Nobody is left, or nobody can be found."""
        WATCHER.end(self.pid, self._mark)


def _kill_tree(pid: int) -> None:
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            ["taskkill", "/T", "/F", "/PID", str(pid)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=10,
        )
