"""The outside of one execution, opened when a task or an expression first asks for it."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.event import LogLine
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.worker.context import Reached
from kestrel_cli.worker.services import Given

if TYPE_CHECKING:
    from kestrel_cli.app.outside import Outside
    from kestrel_cli.app.reach import Reach
    from kestrel_cli.model.reach import Entry

Lines = Callable[[str | None], tuple[Execution, Iterable[LogLine]]]


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
    ) -> None:
        self._execution = execution
        self._given = given
        self._environ = environ
        self._state_dir = state_dir
        self._warn = warn
        self.lines: Lines | None = None

    @cached_property
    def outside(self) -> "Outside":
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
        """The same and more, for one attempt."""
        return self._shared.of(run)

    @cached_property
    def _shared(self) -> "Reach":
        from kestrel_cli.app.reach import Reach

        return Reach(
            self._execution, self.outside, self._given, self._environ, entries=self._entries
        )

    def _entries(self, execution_id: str | None) -> "Iterable[Entry]":
        from datetime import UTC, datetime

        from kestrel_cli.model.reach import Entry

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
