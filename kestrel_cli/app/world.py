"""The outside of one execution, opened when a task or an expression first asks for it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Protocol

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.expressions.variables import directory_around
from kestrel_cli.model.event import LogLine
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.reach import Entry
from kestrel_cli.model.task import FlowableTask
from kestrel_cli.store.work import Scratch
from kestrel_cli.worker.context import Reached
from kestrel_cli.worker.services import Given, Sources

Lines = Callable[[str | None], tuple[Execution, Iterable[LogLine]]]


class _Reach(Protocol):
    """What `app/reach.py` makes, which is imported when a task first reaches outside."""

    def of(self, run: TaskRun) -> Reached:
        """What one attempt reaches."""

    def store_input(self, name: str, path: Path) -> str:
        """Copy the file of an input into storage; returns its address."""

    def close(self) -> None:
        """No attempt follows."""


class World:
    """Where the expressions and the tasks of an execution find files, key-values and logs.

    `lines` gives an execution (None: this one) and what it has logged so far.
    """

    def __init__(
        self,
        execution: Execution,
        given: Given,
        environ: Mapping[str, str],
        state_dir: str | None,
        warn: Callable[[str], None],
        *,
        lines: Lines | None = None,
        work: Callable[[], Path | None] = lambda: None,
    ) -> None:
        """`work` gives where directories outlive the process; None: nowhere."""
        self._execution = execution
        self._given = given
        self._environ = environ
        self._state_dir = state_dir
        self._warn = warn
        self.lines = lines
        self._directories: dict[int, Path] = {}
        self.work = work

    @cached_property
    def outside(self) -> Sources:
        """Secrets, key-values, files and HTTP, for expressions."""
        from kestrel_cli.app.outside import Outside

        return Outside(
            self._given,
            self._environ,
            flow=self._execution.flow,
            state_dir=self._state_dir,
            warn=self._warn,
        )

    def reach(self, run: TaskRun) -> Reached:
        """All that one attempt reaches: files and logs besides."""
        return self._shared.of(run)

    @cached_property
    def _shared(self) -> _Reach:
        from kestrel_cli.app.outside import Outside
        from kestrel_cli.app.reach import Reach

        outside = self.outside
        assert isinstance(outside, Outside)  # it was made above
        return Reach(
            self._execution,
            outside,
            self._given,
            self._environ,
            entries=self._entries,
            shared_folder=self._directory,
            work=self._work,
        )

    def store_input(self, name: str, path: str) -> str:
        """Copy the file of an input into storage; returns its address. Raises OSError."""
        try:
            return self._shared.store_input(name, Path(path))
        except (TaskFailed, RenderError) as error:
            raise OSError(str(error)) from error

    def _directory(self, run: TaskRun) -> Path | None:
        """The directory that a WorkingDirectory shares with its tasks."""
        owner: TaskRun | None = run
        if not (isinstance(run.task, FlowableTask) and run.task.one_worker):
            owner = directory_around(self._execution, run)
        if owner is None:
            return None
        known = self._directories.get(owner.number)
        return known if known is not None and known.is_dir() else self._made(owner.number)

    def _made(self, number: int) -> Path:
        from kestrel_cli.store.directory import make_private
        from kestrel_cli.store.work import directory, made_in

        work = self._work()
        if work is not None:
            # Noted before it is made: an exception raised by a signal may come right after.
            place = self._directories[number] = directory(work, self._execution.id, number)
            with suppress(OSError):
                made_in(work, lambda: make_private(place))
                return place
        place = self._directories[number] = self._scratch.new("wd")
        return place

    @cached_property
    def _scratch(self) -> Scratch:
        """Where no journal is kept, or there is no room beside it."""
        return Scratch()

    def _work(self) -> Path | None:
        """The run's work folder, by a path that is good in any current directory."""
        work = self.work()
        return None if work is None else work.absolute()

    def forget(self, number: int) -> None:
        """A WorkingDirectory has ended."""
        place = self._directories.pop(number, None)
        if place is not None:
            import shutil

            shutil.rmtree(place, ignore_errors=True)

    def leave(self) -> None:
        """No attempt follows in this process."""
        if "_shared" in self.__dict__:  # it is made when it is asked for
            self._shared.close()

    def close(self) -> None:
        """The execution has ended."""
        self.leave()
        for number in list(self._directories):
            self.forget(number)
        work = self._work()
        if work is not None:
            from kestrel_cli.store.work import leave

            leave(work)

    def _entries(self, execution_id: str | None) -> Iterable[Entry]:
        from datetime import UTC, datetime

        if self.lines is None:
            raise TaskFailed("no journal is kept of this run, so its log can't be fetched")
        execution, lines = self.lines(execution_id)
        flow = execution.flow
        for line in lines:
            run = None if line.run is None else execution.runs[line.run]
            yield Entry(
                at=datetime.fromtimestamp(line.at / 1_000_000, UTC),
                level=line.level,
                message=line.message,
                namespace=flow.namespace,
                flow=flow.id,
                execution=execution.id,
                task=run.task.id if run else None,
                task_run=execution.run_id(run.number) if run else None,
                value=run.value if run else None,
                attempt=line.attempt,
            )
