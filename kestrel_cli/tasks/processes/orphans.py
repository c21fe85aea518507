"""Orphans of our children come to us (Linux), and not to the first process of the system: whoever a
child leaves is found, even without its group, its session and its mark.

Theory of operation
-------------------
While children are under way this process is a *subreaper*: when the parent of a descendant ends,
we are its next parent. The kernel gives orphans to the main thread, and lists the children of each
thread by itself; our children are started by other threads (`pump.py`). So in the list of the main
thread there is nobody as a rule, and a look at it tells that all children that have ended left
nobody behind.

Whose orphan one is, tells its group, session or mark; an orphan that has none of them belongs to
the only child that may have started it: that was under way when it began, else that works where
the orphan does. Where several are left it is put off (`_unsure`) until one is, or none; with the
last one all go.

Who is in our own session is no orphan of a child, for children have sessions of their own: somebody
else in this process started it. Nor is who was there before the first child was.
"""

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from kestrel_cli.tasks.processes.kin import (
    MARK,
    Row,
    children_of,
    environ_of,
    row_of,
    works_below,
)

_SET_CHILD_SUBREAPER: Final = 36  # of prctl
_MUCH: Final = 1 << 14
_DEATH: Final = 1.0  # seconds that it may take after a SIGKILL
_LINUX: Final = sys.platform == "linux"


def ticks() -> int:
    """The moment as /proc tells when processes began."""
    if not _LINUX:
        return 0
    since = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    return since * os.sysconf("SC_CLK_TCK") // 1_000_000_000


class Orphans:
    """Those of all children that are under way, which are named by their marks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # never held by the main thread, which exceptions come into
        self._under_way: dict[str, tuple[int, str]] = {}  # since when, and where
        self._known: set[int] = set()  # children that we started ourselves
        self._unsure: dict[int, str] = {}
        self._before: set[tuple[int, str]] = set()  # who was there before the first child
        self._prctl: Any = None
        self.come = False  # whether orphans come to us, so that none can be left anywhere else

    def begin(self, mark: str, folder: Path) -> int:
        """A child is about to be started; the moment, in clock ticks."""
        now = ticks()
        with self._lock:
            if not self._under_way:
                rows = [row_of(pid) or row_of(pid, zombie=True) for pid in _adopted()]
                self._before = {(row.pid, row.began) for row in rows if row is not None}
                self._adopt(1)
            self._under_way[mark] = now, str(folder)
        return now

    def started(self, pid: int) -> None:
        """It was started, as this process."""
        self._known.add(pid)

    def end(self, mark: str, pid: int = 0) -> None:
        """It has ended, or (0) could not be started; so have those that it left."""
        self._known.discard(pid)
        with self._lock:
            self._under_way.pop(mark, None)
            if not self._under_way:
                if self._unsure:
                    self._kill_all()
                self._adopt(0)
                self._unsure.clear()

    @property
    def expected(self) -> bool:
        """Whether children are under way."""
        return bool(self._under_way)

    def all(self) -> list[Row]:
        """Those that live. Those that have ended are taken off the system's list."""
        found = []
        for pid in _adopted() if self.come else ():
            if pid in self._known:
                continue
            row = row_of(pid)
            if row is not None and self._is_one(row):
                found.append(row)
            elif row is None and (gone := row_of(pid, zombie=True)) and self._is_one(gone):
                with suppress(OSError):
                    os.waitpid(pid, os.WNOHANG)
        return found

    def of(self, leader: int, mark: str) -> set[int]:
        """Those that this child left behind so far."""
        found = set()
        for row in self.all():
            if leader in (row.group, row.session) or self._bears(row, mark):
                found.add(row.pid)
        return found

    def _is_one(self, row: Row) -> bool:
        return (row.pid, row.began) not in self._before and row.session != os.getsid(0)

    def _bears(self, row: Row, mark: str) -> bool:
        """Whether it has the child's mark; or none of ours, and can be of this child alone."""
        signs = [one for one in environ_of(row.pid) if one.startswith(_ANY)]
        if any(one.startswith(_OURS) for one in signs):
            return _ANY + mark.encode() in signs
        return self._is_of(row, mark)

    def _is_of(self, row: Row, mark: str) -> bool:
        may = {
            one: folder
            for one, (since, folder) in list(self._under_way.items())
            if since <= int(row.began)
        }
        if len(may) > 1:
            may = {one: at for one, at in may.items() if works_below(row.pid, at)} or may
        if mark in may and len(may) > 1:
            self._unsure[row.pid] = row.began
        return may.keys() == {mark} or (not may and self._unsure.get(row.pid) == row.began)

    def _kill_all(self) -> None:
        """End those who were put off until nobody was left to whom they could belong: the last
        children ended at the same time, and each left them to another.
        """
        until = time.monotonic() + _DEATH
        while (rows := self.all()) and time.monotonic() < until:
            for row in rows:
                with suppress(OSError):
                    os.kill(row.pid, signal.SIGKILL)
            time.sleep(0.001)

    def _adopt(self, whether: int) -> None:
        if not _LINUX:
            return
        if self._prctl is None:
            self._prctl = _prctl_of_the_system()
        self.come = self._prctl(_SET_CHILD_SUBREAPER, whether, 0, 0, 0) == 0 and bool(whether)


def _prctl_of_the_system() -> Any:
    try:
        import ctypes

        return ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return lambda *_: -1


def _adopted() -> list[int]:
    """The children of the main thread; of all threads where the kernel does not tell them apart."""
    if not _LINUX:
        return []
    main = threading.main_thread().native_id
    with suppress(OSError):
        descriptor = os.open(f"/proc/self/task/{main}/children", os.O_RDONLY)
        try:
            text = data = os.read(descriptor, _MUCH)
            while data:  # most often there is nobody
                data = os.read(descriptor, _MUCH)
                text += data
        finally:
            os.close(descriptor)
        return [int(pid) for pid in text.split()]
    return children_of(os.getpid())


RUN: Final = os.urandom(8).hex()  # how the marks of our children begin
_ANY: Final = f"{MARK}=".encode()
_OURS: Final = f"{MARK}={RUN}.".encode()
ORPHANS: Final = Orphans()
