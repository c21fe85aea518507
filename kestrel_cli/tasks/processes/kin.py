"""Who belongs to a child process: its group, its session, its descendants, and those that went
their own way but still carry its mark in their environment.
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

MARK: Final = "KESTREL_CHILD"  # a variable in the environment of every child; its value is unique


class Row(NamedTuple):
    """A process that is no zombie. `began` tells it from a later one of the same number."""

    pid: int
    parent: int
    group: int
    session: int
    began: str


def kin_of(leader: int, mark: str) -> dict[int, str]:
    """Processes that live and belong to the child that was started as `leader`, and when each of
    them began.
    """
    rows = {row.pid: row for row in _rows() if row.pid != os.getpid()}
    sign = f"{MARK}={mark}".encode()
    found = {
        row.pid
        for row in rows.values()
        if leader in (row.pid, row.group, row.session) or _carries(row.pid, sign)
    }
    grown = True
    while grown:
        below = {row.pid for row in rows.values() if row.parent in found} - found
        found |= below
        grown = bool(below)
    return {pid: rows[pid].began for pid in found}


def still_there(known: dict[int, str]) -> set[int]:
    """Those of the known ones that live and are the same."""
    rows = {row.pid: row.began for row in _rows()} if known else {}
    return {pid for pid, began in known.items() if rows.get(pid) == began}


def _rows() -> list[Row]:
    return _rows_of_proc() if sys.platform == "linux" else _rows_of_ps()


def _rows_of_proc() -> list[Row]:
    rows = []
    for name in os.listdir("/proc"):  # noqa: PTH208  five times as quick, while we wait to kill
        if name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                # The command stands in parentheses and may hold anything, parentheses too.
                text = Path("/proc", name, "stat").read_bytes().rpartition(b") ")[2]
                state, parent, group, session, *more = text.split()
                if state not in (b"Z", b"X"):
                    began = more[15].decode()
                    rows.append(Row(int(name), int(parent), int(group), int(session), began))
    return rows


def _carries(pid: int, sign: bytes) -> bool:
    if sys.platform != "linux":
        return False
    with suppress(OSError):
        return sign in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return False


def _rows_of_ps() -> list[Row]:
    """The processes as `ps` lists them, which every Unix but Linux needs; it knows of no
    sessions.
    """
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
