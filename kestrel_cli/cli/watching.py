"""Waiting until a file changes: the few that a run reads are looked at every 0.2 seconds.

No library: to be told by the kernel takes one for each system, and misses network drives and
folders shared with a virtual machine. Looking at fifty files takes less than a millisecond.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kestrel_cli.app.watched import Watched
from kestrel_cli.flowfile.folders import Tree

PAUSE: Final = 0.2  # seconds; nothing may change for as long before it counts as changed
_MOST: Final = 10_000  # files in folders
Stamp = tuple[int, int, int]
Stamps = dict[str, Stamp]


class Looks:
    """How the files were at a moment."""

    def __init__(self, wanted: Watched) -> None:
        self.files = {str(path): _stamp(path) for path in wanted.files}
        self.inside = {
            name: stamp for folder in wanted.folders for name, stamp in _below(folder).items()
        }
        for folder in wanted.trees:
            self.inside |= {name: _stamp(Path(name)) for name in Tree(str(folder)).files()}

    def changed(self, now: "Looks") -> list[str]:
        """What is there now, or is not, and was otherwise. Files that nobody looked at before do
        not count.
        """
        files = [name for name, stamp in now.files.items() if self.files.get(name, stamp) != stamp]
        names = [*dict.fromkeys((*self.inside, *now.inside))]
        return files + [name for name in names if self.inside.get(name) != now.inside.get(name)]


def wait_for_change(
    before: Looks, look: Callable[[], Looks], leaves: Callable[[], bool], pause: float = PAUSE
) -> list[str]:
    """What has changed since `before`, once nothing changes any more: an editor writes several
    times. Empty when somebody `leaves`.
    """
    last = before
    while not leaves():
        now = look()
        changed = before.changed(now)
        if changed and not last.changed(now):
            return changed
        last = now
        time.sleep(pause)
    return []


def _stamp(path: Path) -> Stamp:
    try:
        found = os.stat(path)  # noqa: PTH116  hundreds of them five times a second
    except OSError:
        return 0, 0, 0  # it is not there
    return found.st_mtime_ns, found.st_size, found.st_ino


def _below(folder: Path) -> Stamps:
    found: Stamps = {}
    for above, _, names in os.walk(folder):
        for name in names:
            path = Path(above, name)
            found[str(path)] = _stamp(path)
        if len(found) > _MOST:
            break
    return found
