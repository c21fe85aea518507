"""Somebody who ends our children when we can't: a small shell that outlives a SIGKILL of ours.

It waits for the end of a pipe. When the pipe closes without a word, we are gone, however that came
about; what is under way then is killed. Where there is no shell, nobody watches.

On Linux the children under way stand in a table in memory, which the shell has open: to write into
it wakes nobody. The shell hands it to a Python (`kin.py`), which kills who is named there, who
carries a mark of ours, and what all of these have started. Elsewhere the pipe tells of process
groups, one after the other.
"""

import atexit
import os
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from kestrel_cli.tasks.processes import kin
from kestrel_cli.tasks.processes.kin import Row
from kestrel_cli.tasks.processes.orphans import ORPHANS, RUN

# `+ GROUP` begins and `- GROUP` ends a process group (where there is no table), `c ENGINE NAME` and
# `d ENGINE NAME` a container, `.` is the last word. The arguments are a Python, its program and
# what that is to know. If it fails, the groups in the table are killed at least. The shell ignores
# the signals that a terminal or a CI job sends to all of its processes.
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
    .) exit ;;
  esac
done
if [ $# -gt 0 ] && ! "$1" -I -S "$2" "$3" "$4" "$5"; then
  while read -r one name; do groups="$groups $one"; done <"/proc/self/fd/$4"
fi
for one in $groups; do kill -KILL "-$one" 2>/dev/null; done
for one in $boxes; do "$engine" rm --force "$one" >/dev/null 2>&1; done
"""
_LINE: Final = 512  # bytes of the table for each child; a folder with a longer name is left out


class Watcher:
    """The shell, started with the first process group or container."""

    def __init__(self) -> None:
        self._shell: dict[str, subprocess.Popen[bytes] | None] = {}  # one at most
        self._table = _new_table()
        self._places: dict[int, int] = {}  # the lines of the table by process group
        self._free: deque[int] = deque()
        self._lines = count()
        self._orphans: dict[tuple[int, str], int] = {}
        self._lock = threading.Lock()  # never held by the main thread, which exceptions come into

    def begin(self, group: int, began: int, folder: Path) -> None:
        """From now on this process group goes when we go."""
        self.prepare()
        if self._table is None:
            self._tell(f"+ {group}\n")
            return
        line = os.fsencode(f"{group} {began} {folder}")
        if len(line) >= _LINE or b"\n" in line:
            line = f"{group} {began} /dev/null".encode()
        self._places[group] = self._added(line)

    def orphans(self, rows: Iterable[Row]) -> None:
        """These go when we go, too; those that were told of before, and are no more, do not."""
        if self._table is None:
            return
        now = {(row.pid, row.began) for row in rows}
        with self._lock:
            for gone in self._orphans.keys() - now:
                self._removed(self._orphans.pop(gone))
            for new in now - self._orphans.keys():
                self._orphans[new] = self._added("{} {}".format(*new).encode())

    def end(self, group: int) -> None:
        """It has ended."""
        if self._table is None:
            self._tell(f"- {group}\n")
            return
        self._removed(self._places.pop(group))

    def begin_container(self, engine: str, name: str) -> None:
        """From now on this container is removed when we go."""
        self.prepare()
        self._tell(f"c {engine} {name}\n")

    def end_container(self, engine: str, name: str) -> None:
        """It has ended."""
        self._tell(f"d {engine} {name}\n")

    def prepare(self) -> None:
        """Somebody watches from now on: who carries a mark of ours goes when we go."""
        # No lock: an exception out of a signal could come while it is held. Of two shells that
        # are started at the same time one is sent away.
        if not self._shell:
            made = _started(self._table)
            if self._shell.setdefault("shell", made) is not made and made is not None:
                _told(made, ".\n")
                _dismissed(made)

    def _added(self, line: bytes) -> int:
        try:
            place = self._free.popleft()
        except IndexError:
            place = next(self._lines)
        self._write(place, line)
        return place

    def _removed(self, place: int) -> None:
        self._write(place, b"")
        self._free.append(place)

    def _write(self, place: int, line: bytes) -> None:
        assert self._table is not None  # asked by who calls
        with suppress(OSError):
            os.pwrite(self._table, line.ljust(_LINE - 1) + b"\n", place * _LINE)

    def _tell(self, line: str) -> None:
        shell = self._shell.get("shell")
        if shell is not None:
            _told(shell, line)


def _new_table() -> int | None:
    if sys.platform != "linux" or not sys.executable:
        return None
    try:
        return os.memfd_create("kestrel-children")
    except OSError:
        return None


def _started(table: int | None) -> "subprocess.Popen[bytes] | None":
    if sys.platform == "win32":
        return None
    program = shutil.which("sh", path=os.defpath) or shutil.which("sh")
    if program is None:
        return None
    argv = [program, "-c", _PROGRAM, "kestrel-watcher"]
    if table is not None:
        argv += [sys.executable, str(kin.__file__), RUN, str(table), str(os.getsid(0))]
    try:
        shell = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            bufsize=0,
            pass_fds=() if table is None else (table,),
        )
    except OSError:
        return None
    ORPHANS.started(shell.pid)
    atexit.register(_relieved, shell)
    return shell


def _told(shell: "subprocess.Popen[bytes]", line: str) -> None:
    if shell.stdin is not None:
        with suppress(OSError, ValueError):
            os.write(shell.stdin.fileno(), line.encode())  # whole: it is short


def _relieved(shell: "subprocess.Popen[bytes]") -> None:
    if not ORPHANS.expected:  # else it is to end them
        _told(shell, ".\n")
    _dismissed(shell)


def _dismissed(shell: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError, subprocess.TimeoutExpired):
        if shell.stdin is not None:
            shell.stdin.close()
        shell.wait(5)


WATCHER: Final = Watcher()
