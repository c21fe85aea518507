"""Somebody who ends our children when we can't: a small shell that outlives a SIGKILL of ours.

It reads from a pipe which process groups and containers are under way. When the pipe closes, we are
gone, however that came about; what is under way then is killed. Where there is no shell, nobody
watches.
"""

import atexit
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from typing import Final

# `+ GROUP/MARK` begins and `- GROUP/MARK` ends a process group (0: not known yet), `c ENGINE NAME`
# and `d ENGINE NAME` a container. Who is not in the group is found by the mark (kin.py) where there
# is a /proc. It ignores the signals that a terminal or a CI job sends to all of its processes.
_PROGRAM: Final = """\
trap '' INT TERM HUP QUIT
without() { kept=; for one in $1; do [ "$one" = "$2" ] || kept="$kept $one"; done; }
groups= boxes=
while read -r what one name; do
  case $what in
    +) groups="$groups $one" ;;
    -) without "$groups" "$one"; groups=$kept ;;
    c) boxes="$boxes $name"; engine=$one ;;
    d) without "$boxes" "$name"; boxes=$kept ;;
  esac
done
for one in $groups; do
  [ "${one%/*}" = 0 ] || kill -KILL "-${one%/*}" 2>/dev/null
  for place in /proc/[0-9]*; do
    tr '\\0' '\\n' 2>/dev/null <"$place/environ" | grep -qx "KESTREL_CHILD=${one#*/}" &&
      kill -KILL "${place##*/}" 2>/dev/null
  done
done
for one in $boxes; do "$engine" rm --force "$one" >/dev/null 2>&1; done
"""


class Watcher:
    """The shell, started with the first process group or container."""

    def __init__(self) -> None:
        self._shell: dict[str, subprocess.Popen[bytes] | None] = {}  # one at most

    def expect(self, mark: str) -> None:
        """A child is about to be started."""
        self._tell(f"+ 0/{mark}\n")

    def begin(self, group: int, mark: str) -> None:
        """From now on this process group goes when we go, and who carries the mark."""
        self._tell(f"+ {group}/{mark}\n- 0/{mark}\n")

    def end(self, group: int, mark: str) -> None:
        """It has ended, or (0) could not be started."""
        self._tell(f"- {group}/{mark}\n")

    def begin_container(self, engine: str, name: str) -> None:
        """From now on this container is removed when we go."""
        self._tell(f"c {engine} {name}\n")

    def end_container(self, engine: str, name: str) -> None:
        """It has ended."""
        self._tell(f"d {engine} {name}\n")

    def _prepare(self) -> None:
        # No lock: an exception out of a signal could come while it is held. Of two shells that
        # are started at the same time one is sent away.
        if not self._shell:
            made = _started()
            if self._shell.setdefault("shell", made) is not made and made is not None:
                _dismissed(made)

    def _tell(self, line: str) -> None:
        self._prepare()
        shell = self._shell.get("shell")
        if shell is not None and shell.stdin is not None:
            with suppress(OSError, ValueError):
                os.write(shell.stdin.fileno(), line.encode())  # whole: it is short


def _started() -> subprocess.Popen[bytes] | None:
    if sys.platform == "win32":
        return None
    program = shutil.which("sh", path=os.defpath) or shutil.which("sh")
    if program is None:
        return None
    try:
        shell = subprocess.Popen(
            [program, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            bufsize=0,
        )
    except OSError:
        return None
    atexit.register(_dismissed, shell)
    return shell


def _dismissed(shell: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError, subprocess.TimeoutExpired):
        if shell.stdin is not None:
            shell.stdin.close()
        shell.wait(5)


WATCHER: Final = Watcher()
