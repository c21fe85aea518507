"""Taking away executions of the past: their journals, and the files they left in storage.

One that a process is at work on stays, and so does one whose journal can't be read: nobody knows
what would be lost with it.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from kestrel_cli.app.history import INCOMPLETE, LOST, Environ, journals, state_folder, summary_of
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import KestrelError, RenderError
from kestrel_cli.model.file_names import slug
from kestrel_cli.model.history import Summary
from kestrel_cli.model.record import frozen
from kestrel_cli.model.state import TERMINAL
from kestrel_cli.store.files import STORAGE, confine
from kestrel_cli.store.journal import Birth, read
from kestrel_cli.store.locks import hold

_OVER: Final = (*TERMINAL, LOST, INCOMPLETE)


@frozen
class Wanted:
    """Which executions are to go: those that stand still since before a moment (in microseconds
    since 1970; None: whenever), except for the `keep` latest; PAUSED ones only with `paused`.
    """

    before: int | None = None
    keep: int = 0
    paused: bool = False


@frozen
class Removed:
    """An execution that was taken away, and the bytes that were freed with it."""

    summary: Summary
    size: int


def prune(
    wanted: Wanted, state_dir: str | None, environ: Environ, *, dry: bool = False
) -> Iterator[Removed]:
    """Take executions away, the oldest first; when it is `dry`, only tell of them. Raises
    CannotStart, OSError.
    """
    state = state_folder(state_dir, environ)
    for path, summary in _chosen(state, wanted):
        folders = [path.parent, *stored_folders(state, path)]
        size = sum(size_of(folder) for folder in folders)
        if dry or remove(path, folders):
            yield Removed(summary, size)


def keep_at_most(request: RunRequest) -> None:
    """Keep as many executions as the user wants, the latest. At the end of a run: what goes wrong
    is a warning.
    """
    if request.executions_keep is None or not request.journaled:
        return
    wanted = Wanted(keep=request.executions_keep)
    try:
        for _ in prune(wanted, request.state_dir, request.environ):
            pass
    except (KestrelError, OSError) as error:
        request.warn(f"executions of the past can't be taken away: {error}")


def _chosen(state: Path, wanted: Wanted) -> list[tuple[Path, Summary]]:
    """The journals of the executions that are to go, the oldest first."""
    found = []
    for path in journals(state):
        summary = summary_of(path)
        if summary is not None:
            found.append((_last_at(path, summary), path, summary))
    found.sort(key=lambda one: one[0])
    return [
        (path, summary)
        for at, path, summary in found[: max(len(found) - wanted.keep, 0)]
        if (wanted.before is None or at < wanted.before)
        and (summary.state in _OVER or (wanted.paused and summary.state == "PAUSED"))
    ]


def _last_at(path: Path, summary: Summary) -> int:
    """When something happened to an execution for the last time."""
    if summary.ended_at is not None:
        return summary.ended_at
    with suppress(OSError):
        return path.stat().st_mtime_ns // 1000
    return summary.started_at


def stored_folders(state: Path, path: Path) -> list[Path]:
    """The folders in storage of all executions of a journal."""
    found = []
    with suppress(ValueError):  # damaged: what is known until there
        for _, _, line in read(path):
            birth = line if isinstance(line, Birth) else getattr(line, "birth", None)
            if birth is not None and birth.id.isalnum():
                space = birth.namespace.replace(".", "/")
                folder = f"{space}/{slug(birth.flow_id)}/executions/{birth.id}"
                with suppress(RenderError):  # a link that leads elsewhere
                    found.append(confine(state / STORAGE, folder))
    return [one for one in found if one.is_dir()]


def size_of(folder: Path) -> int:
    """The bytes of all files in it."""
    found = 0
    for above, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                found += os.lstat(Path(above, name)).st_size
    return found


def remove(path: Path, folders: list[Path]) -> bool:
    """Take the folders away, the journal last, so that an execution is listed until all of it is
    gone; whether nobody is at work on it. Raises OSError.
    """
    own, *stored = folders
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:  # somebody else has taken it away
        return False
    try:
        hold(file)
    except BlockingIOError:
        return False
    try:
        for folder in stored:
            shutil.rmtree(folder)
        for place in own.iterdir():
            if place != path:
                _take_away(place)
        if sys.platform != "win32":  # there, nothing that is open can go
            shutil.rmtree(own)
    finally:
        os.close(file)
    if sys.platform == "win32":
        shutil.rmtree(own)
    return True


def _take_away(place: Path) -> None:
    remove: Callable[[Path], object] = Path.unlink
    if place.is_dir() and not place.is_symlink():
        remove = shutil.rmtree
    remove(place)
