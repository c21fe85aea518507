"""Who belongs to a child process: its group, its session, its descendants, and those that went
their own way but still carry its mark in their environment.

Run as a program it ends all children of a run that is no more (`watcher.py`): it imports nothing of
ours, and starts in a moment.
"""

import os
import signal
import sys
from collections.abc import Collection
from contextlib import suppress
from typing import Final, NamedTuple

MARK: Final = "KESTREL_CHILD"  # a variable in the environment of every child; its value is unique
_ROUNDS: Final = 5


class Row(NamedTuple):
    """A process that is no zombie. `began` tells it from a later one of the same number; on Linux
    it is a number of clock ticks.
    """

    pid: int
    parent: int
    group: int
    session: int
    began: str


def kin_of(leader: int, mark: str, others: Collection[int] = ()) -> dict[int, str]:
    """Processes that live and belong to the child that was started as `leader`, and when each of
    them began. `others` are known to belong to it as well.
    """
    rows = {row.pid: row for row in _rows() if row.pid != os.getpid()}
    sign = f"{MARK}={mark}".encode()
    found = {
        row.pid
        for row in rows.values()
        if leader in (row.pid, row.group, row.session) or row.pid in others
    }
    found |= {pid for pid in rows if pid not in found and sign in environ_of(pid)}
    return {pid: rows[pid].began for pid in with_descendants(found, rows.values())}


def with_descendants(found: set[int], rows: Collection[Row]) -> set[int]:
    """These, and all that they have started, as far as it can be told from `rows`."""
    found = set(found)
    grown = True
    while grown:
        below = {row.pid for row in rows if row.parent in found} - found
        found |= below
        grown = bool(below)
    return found


def still_there(known: dict[int, str]) -> set[int]:
    """Those of the known ones that live and are the same."""
    rows = {row.pid: row.began for row in _rows()} if known else {}
    return {pid for pid, began in known.items() if rows.get(pid) == began}


def _rows() -> list[Row]:
    return _rows_of_proc() if sys.platform == "linux" else _rows_of_ps()


def _rows_of_proc() -> list[Row]:
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208  much quicker
    return [row for pid in pids if (row := row_of(pid)) is not None]


def row_of(pid: int, *, zombie: bool = False) -> Row | None:
    """One process as Linux tells of it, or (`zombie`) what is left of it."""
    # The command stands in parentheses and may hold anything, parentheses too.
    text = _read(f"/proc/{pid}/stat").rpartition(b") ")[2]
    with suppress(ValueError, IndexError):
        state, parent, group, session, *more = text.split()
        if (state in (b"Z", b"X")) is zombie:
            return Row(pid, int(parent), int(group), int(session), more[15].decode())
    return None


def children_of(parent: int) -> list[int]:
    """All children of a process on Linux, zombies too."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    rows = [row_of(pid) or row_of(pid, zombie=True) for pid in pids]
    return [row.pid for row in rows if row is not None and row.parent == parent]


def environ_of(pid: int) -> list[bytes]:
    """The environment that a process was started with; empty where that is not known."""
    return _read(f"/proc/{pid}/environ").split(b"\0") if sys.platform == "linux" else []


def works_below(pid: int, folder: str) -> bool:
    """Whether the current directory of a process is this one, or lies in it."""
    try:
        place = os.readlink(f"/proc/{pid}/cwd")  # noqa: PTH115  pathlib takes long to import
    except OSError:
        return False
    place = place.removesuffix(" (deleted)")
    return any(f"{place}/".startswith(f"{one}/") for one in (folder, os.path.realpath(folder)))


def _read(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    parts = []
    try:
        while data := os.read(descriptor, 1 << 16):
            parts.append(data)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
    return b"".join(parts)


def _rows_of_ps() -> list[Row]:
    """The processes as `ps` lists them, which every Unix but Linux needs; it knows of no
    sessions.
    """
    import subprocess

    try:
        listed = subprocess.run(
            ["ps", "-axo", "pid=,ppid=,pgid=,stat=,lstart="],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=5,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    rows = []
    for line in listed.stdout.splitlines():
        with suppress(ValueError):
            pid, parent, group, state, began = line.split(None, 4)
            if not state.startswith("Z"):
                rows.append(Row(int(pid), int(parent), int(group), 0, began))
    return rows


def end_all(run: str, table: str, around: int) -> None:
    """Kill all children of a run that is no more, and all that they started.

    `run` is how their marks begin; `table` has a line `PID BEGAN FOLDER` for each child that was
    under way, and `PID BEGAN` for orphans; `around` is the session that the run was in.
    """
    lines = [line.rstrip().split(maxsplit=2) for line in table.splitlines()]
    for _ in range(_ROUNDS):
        rows = _rows_of_proc()
        found = with_descendants(_left_of(run, lines, rows, around), rows)
        found -= {os.getpid(), os.getppid()}
        if not found:
            break
        for pid in found:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def _left_of(run: str, lines: list[list[str]], rows: list[Row], around: int) -> set[int]:
    sign = f"{MARK}={run}.".encode()
    children = {int(line[0]): (int(line[1]), line[2]) for line in lines if len(line) == 3}
    orphans = {(int(line[0]), line[1]) for line in lines if len(line) == 2}
    # The run's orphans are where the watcher is now, for it was started by the run as well.
    (heir,) = [row.parent for row in rows if row.pid == os.getppid()] or [0]

    def is_one(row: Row) -> bool:
        if (row.pid, row.began) in orphans:
            return True
        if not children.keys().isdisjoint((row.pid, row.group, row.session)):
            return True
        if any(one.startswith(sign) for one in environ_of(row.pid)):
            return True
        # Without a mark: at least it is an orphan that works where a child was to work.
        return (row.parent == heir and row.session != around) and any(
            int(row.began) >= began and works_below(row.pid, folder)
            for began, folder in children.values()
        )

    return {row.pid for row in rows if is_one(row)}


if __name__ == "__main__":
    end_all(sys.argv[1], _read(f"/proc/self/fd/{sys.argv[2]}").decode(), int(sys.argv[3]))
