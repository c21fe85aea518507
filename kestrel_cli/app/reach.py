"""What the attempts of one execution may reach outside (`model/reach.py`), put together."""

import os
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from kestrel_cli.app.outside import Outside
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.file_names import slug
from kestrel_cli.model.reach import About, Entry, NewFile
from kestrel_cli.model.task import RunnableTask
from kestrel_cli.store.files import confine, open_confined
from kestrel_cli.store.namespace import NamespaceFolder
from kestrel_cli.store.secrets import without_secrets
from kestrel_cli.store.storage import Storage, copy_into
from kestrel_cli.store.work import Scratch, temporary
from kestrel_cli.worker.services import Given

if TYPE_CHECKING:
    from kestrel_cli.app.past import PastExecutions

_MOST_SPARE: Final = 16
_NEW: Final = stat.S_IFDIR | 0o700


class Reach:
    """Shared by the attempts of one execution. `entries` gives log entries (None: its own), `work`
    the work folder of the run (None: there is none).
    """

    def __init__(
        self,
        execution: Execution,
        outside: Outside,
        given: Given,
        environ: Mapping[str, str],
        *,
        entries: Callable[[str | None], Iterable[Entry]],
        shared_folder: Callable[[TaskRun], Path | None] = lambda _: None,
        work: Callable[[], Path | None] = lambda: None,
    ) -> None:
        self.execution = execution
        self.outside = outside
        self.given = given
        self.environ = without_secrets(environ)
        self.entries = entries
        self.shared_folder = shared_folder
        self.work = work
        self._scratch: Scratch | None = None
        self._kept: dict[str, Path] = {}
        self._spare: deque[Path] = deque()  # working directories that are as good as new

    def of(self, run: TaskRun) -> "AttemptReach":
        """What one attempt reaches."""
        work = self.work()
        if self._scratch is None and work is not None:
            self._scratch = Scratch(work)
        return AttemptReach(self, run, Scratch(work))

    def store_input(self, name: str, path: Path) -> str:
        """Copy the file of an input into storage; returns its address. Raises TaskFailed."""
        folder = f"{self.execution_folder}/inputs/{slug(name)}"
        with self.storage().create(folder, path.name) as file:
            copy_into(file.stream, path.resolve())
            return file.uri

    def storage(self) -> Storage:
        """Internal storage. Raises TaskFailed when there is no place for one."""
        return Storage(self.outside.storage(), self.drafts())

    def drafts(self) -> Path | None:
        """Where files are written before they are moved to their places."""
        work = self.work()
        return None if work is None else temporary(work)

    def kept(self, name: str) -> Path | None:
        """A folder that the attempts share; None where nothing stays from one to the next: in the
        system's folder for temporary files. Raises TaskFailed.
        """
        if self._scratch is None:
            return None
        place = self._kept.get(name)
        if place is None or not os.path.isdir(place):  # noqa: PTH112  half of the time
            place = self._kept[name] = self._scratch.new(name)
        return place

    def spare_folder(self) -> Path | None:
        """A working directory that an attempt has left empty, if there is one."""
        try:
            return self._spare.popleft()
        except IndexError:
            return None

    def give_back(self, place: Path) -> bool:
        """Keep a working directory for the next attempt when it is empty; to make a new one and to
        remove it takes as long as a small script.
        """
        if self._scratch is None or len(self._spare) >= _MOST_SPARE or not _is_as_new(place):
            return False
        self._spare.append(place)
        return True

    def close(self) -> None:
        """The execution has ended, or is left to another process."""
        while (place := self.spare_folder()) is not None:
            with suppress(OSError):
                place.rmdir()
        if self._scratch is not None:
            self._scratch.close()
        self._kept.clear()

    @property
    def execution_folder(self) -> str:
        """Where the files of the execution are in storage."""
        flow = self.execution.flow
        space = flow.namespace.replace(".", "/")
        return f"{space}/{slug(flow.id)}/executions/{self.execution.id}"


class AttemptReach:
    """One attempt's way out: `about`, `files`, `kv`, `logged`, `executions`, `make`."""

    def __init__(self, shared: Reach, run: TaskRun, scratch: Scratch) -> None:
        self._shared = shared
        self._run = run
        self._scratch = scratch
        self._folder: Path | None = None

    @cached_property
    def about(self) -> About:
        """Which attempt this is."""
        shared, run = self._shared, self._run
        flow = shared.execution.flow
        return About(
            namespace=flow.namespace,
            flow=flow.id,
            execution=shared.execution.id,
            task=run.task.id,
            type=run.task.type,
            task_run=shared.execution.run_id(run.number),
            value=run.value,
            attempt=max(len(run.attempts) - 1, 0),
            environ=shared.environ,
            offline=shared.given.offline,
            settings=shared.given.settings,
        )

    @cached_property
    def files(self) -> "TaskFiles":
        """Storage, namespace files, the working directory."""
        return TaskFiles(self._shared, self._run, self._working, self._scratch)

    @property
    def kv(self) -> "Outside":
        return self._shared.outside

    @property
    def logged(self) -> "TaskLogs":
        return TaskLogs(self._shared.entries)

    @property
    def executions(self) -> "PastExecutions":
        from kestrel_cli.app.past import PastExecutions

        outside = self._shared.outside
        return PastExecutions(outside.state(), outside.environ_with_secrets())

    def make(self, text: str) -> RunnableTask:
        """The runnable task that a YAML text describes."""
        from kestrel_cli.flowfile.single import runnable_task

        return runnable_task(text, self._run.task)

    def _working(self) -> Path:
        shared = self._shared.shared_folder(self._run)
        if shared is not None:
            return shared
        if self._folder is None:
            spare = self._shared.spare_folder()
            if spare is not None:
                self._scratch.take_over(spare)
                self._folder = spare
            else:
                self._folder = self._scratch.new("wd")
        return self._folder

    def close(self) -> None:
        """The attempt is over: its own working directory goes, and what else it made."""
        folder, self._folder = self._folder, None
        if folder is not None and self._shared.give_back(folder):
            self._scratch.hand_over(folder)
        self._scratch.close()


class TaskLogs:
    """The log entries of executions."""

    def __init__(self, entries: Callable[[str | None], Iterable[Entry]]) -> None:
        self._entries = entries

    def entries(self, execution: str | None = None) -> Iterable[Entry]:
        """Oldest first."""
        return self._entries(execution)


class TaskFiles:
    """Files as one attempt sees them. What `scratch` makes goes at the latest with the attempt."""

    def __init__(
        self, shared: Reach, run: TaskRun, working: Callable[[], Path], scratch: Scratch
    ) -> None:
        self._shared = shared
        self._run = run
        self._working = working
        self._scratch = scratch
        self._kept: dict[str, Path] = {}

    def folder(self) -> Path:
        """The working directory."""
        return self._working()

    @contextmanager
    def scratch(self, name: str) -> Iterator[Path]:
        """A new folder of one's own, until the block ends."""
        place = self._scratch.new(name)
        try:
            yield place
        finally:
            self._scratch.remove(place)

    def kept(self, name: str) -> Path:
        """A folder that attempts share; of this one alone where they can't."""
        place = self._shared.kept(name) or self._kept.get(name)
        if place is None:
            place = self._kept[name] = self._scratch.new(name)
        return place

    def open(self, uri: str) -> BinaryIO:
        """Read the file at an address."""
        folder, name = self._shared.outside.place(uri, None)
        return os.fdopen(open_confined(folder, name)[0], "rb")

    def local(self, uri: str) -> Path:
        """A path with the content of the file at an address."""
        folder, name = self._shared.outside.place(uri, None)
        os.close(open_confined(folder, name)[0])
        return confine(folder, name)

    @contextmanager
    def create(self, name: str = "") -> Iterator[NewFile]:
        """A new file in storage."""
        with self._storage.create(self._own, name) as file:
            yield file

    def put(self, source: Path | bytes, name: str = "") -> str:
        """Copy a file or bytes into storage."""
        if not name and isinstance(source, Path):
            name = source.name
        with self._storage.create(self._own, name) as file:
            copy_into(file.stream, source, None if isinstance(source, bytes) else self._working())
            return file.uri

    def delete(self, uri: str) -> bool:
        """Take a file out of storage."""
        return self._storage.delete(uri)

    def size(self, uri: str) -> int:
        """In bytes."""
        return self._shared.outside.file_size(uri)

    def exists(self, uri: str) -> bool:
        """Whether there is a regular file."""
        return self._shared.outside.file_exists(uri)

    def purge(self) -> list[str]:
        """Take away every file of the execution."""
        return self._storage.purge(self._shared.execution_folder)

    def namespace(self, name: str | None = None) -> NamespaceFolder:
        """The files of a namespace."""
        space = name or self._shared.execution.flow.namespace
        return NamespaceFolder(space, self._shared.outside.files_of(space), self._shared.drafts())

    @property
    def _own(self) -> str:
        """The attempt's folder in storage."""
        # Kestra's path: tasks/<task>/<task run>/<file>, all in its spelling of ids.
        run_id = self._shared.execution.run_id(self._run.number)
        below = f"tasks/{slug(self._run.task.id)}/{run_id}"
        return f"{self._shared.execution_folder}/{below}"

    @cached_property
    def _storage(self) -> Storage:
        return self._shared.storage()


def _is_as_new(place: Path) -> bool:
    """Whether nothing can be seen of those who have worked in a directory."""
    try:
        with os.scandir(place) as entries:
            mode = os.lstat(place).st_mode
            return mode == _NEW and next(entries, None) is None
    except OSError:
        return False
