"""The executions in a state directory, as tasks may ask for them and take them away."""

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kestrel_cli.app.history import is_running, journals, summary_of
from kestrel_cli.app.prune import remove, stored_folders
from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.event import AttemptEnded, LogLine
from kestrel_cli.model.file_names import slug
from kestrel_cli.model.history import Summary
from kestrel_cli.model.reach import Past, Purged, Swept, Those
from kestrel_cli.store.directory import journal_path
from kestrel_cli.store.files import STORAGE
from kestrel_cli.store.journal import read
from kestrel_cli.store.storage import files_below

_RUNNING: Final = "RUNNING"
# Where the files of an execution are, below the folder of internal storage.
_FOLDER: Final = re.compile(
    r"(?:(?P<space>.+)/)?(?P<flow>[^/]+)/executions/(?P<id>[0-9A-Za-z]{22})"
)


class PastExecutions:
    """Those that have a journal below `state`; `environ` is for programs of ours, secrets and
    all.
    """

    def __init__(self, state: Path, environ: Mapping[str, str]) -> None:
        self._state = state
        self._environ = environ

    def listed(self) -> list[Past]:
        """All of them, the latest first."""
        found = [past for _, past in self._known()]
        return sorted(found, key=lambda past: past.started, reverse=True)

    def purge(self, those: Those, *, journals: bool, files: bool) -> Purged:
        """Take away journals and files of those that do not run."""
        found = Purged()
        for path, past in list(self._known()):
            if past.state == _RUNNING or not _meant(those, past):
                continue
            folders = stored_folders(self._state, path) if files else []
            count = sum(len(files_below(folder)) for folder in folders)
            logs, metrics = _lines(path) if journals else (0, 0)
            try:
                if not journals:
                    for folder in folders:
                        shutil.rmtree(folder)
                elif not remove(path, [path.parent, *folders]):
                    continue  # somebody has begun to work on it
            except OSError as error:
                raise TaskFailed(f"the execution {past.id} can't be taken away: {error}") from None
            found.executions += journals
            found.files += count
            found.logs += logs
            found.metrics += metrics
        return found

    def sweep(self, those: Those, *, dry: bool) -> Swept:
        """Take away the files that were last written between the moments."""
        found = Swept()
        wanted = None if those.flow is None else slug(those.flow)
        for folder, space, flow, execution in self._folders():
            if not _below(those.namespace, space) or wanted not in (None, flow):
                continue
            if is_running(journal_path(self._state, execution)):
                continue
            found.scanned += 1
            names = [name for name in files_below(folder) if _within(those, folder / name)]
            found.purged += bool(names)
            if not dry:
                found.deleted += sum(_gone(folder / name) for name in names)
                _tidy(folder)
        return found

    def going_on(
        self, execution: str, inputs: Iterable[str]
    ) -> tuple[list[str], Mapping[str, str]]:
        """The command that goes on with a paused execution, and its environment."""
        given = [part for one in inputs for part in ("--input", one)]
        program = [sys.executable, "-m", "kestrel_cli", "resume", execution]
        return [*program, "--state-dir", str(self._state.absolute()), *given], self._environ

    def _known(self) -> Iterator[tuple[Path, Past]]:
        for path in journals(self._state):
            summary = summary_of(path)
            if summary is not None:
                yield path, _past(summary)

    def _folders(self) -> Iterator[tuple[Path, str, str, str]]:
        """The folders of executions in storage: namespace, flow (as paths spell it) and id."""
        root = self._state / STORAGE
        for folder, names, _ in os.walk(root):
            place = Path(folder).relative_to(root).as_posix()
            if (found := _FOLDER.fullmatch(place)) is not None:
                names.clear()  # what is below belongs to it
                space = (found["space"] or "").replace("/", ".")
                yield Path(folder), space, found["flow"], found["id"]


def _past(summary: Summary) -> Past:
    ended = summary.ended_at
    return Past(
        summary.id,
        summary.namespace,
        summary.flow_id,
        summary.state,
        _moment(summary.started_at),
        None if ended is None else _moment(ended),
    )


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def _meant(those: Those, past: Past) -> bool:
    if those.flow is None:
        here = _below(those.namespace, past.namespace)
    else:
        here = those.flow == past.flow and those.namespace in (None, past.namespace)
    return (
        here
        and (not those.states or past.state in those.states)
        and (those.after is None or past.started >= those.after)
        and (those.before is None or past.started <= those.before)
    )


def _below(above: str | None, space: str) -> bool:
    return above is None or space == above or space.startswith(f"{above}.")


def _within(those: Those, place: Path) -> bool:
    """Whether a file was last written between the moments."""
    with suppress(OSError):
        written = datetime.fromtimestamp(place.lstat().st_mtime, UTC)
        after = those.after is None or written > those.after
        return after and (those.before is None or written < those.before)
    return False


def _gone(place: Path) -> bool:
    with suppress(OSError):
        place.unlink()
        return True
    return False


def _tidy(folder: Path) -> None:
    """Take away folders in which nothing is left."""
    for below, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):
            Path(below).rmdir()


def _lines(path: Path) -> tuple[int, int]:
    """How many entries and metrics a journal holds."""
    logs = metrics = 0
    with suppress(ValueError, OSError):  # damaged: what is known until there
        for _, _, line in read(path):
            logs += isinstance(line, LogLine)
            metrics += len(line.metrics) if isinstance(line, AttemptEnded) else 0
    return logs, metrics
