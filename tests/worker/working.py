"""A worker on its own: one task run, the scheduler's fold, and everything that was noticed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kestrel_cli.expressions.scope import BareServices
from kestrel_cli.expressions.variables import RunScope, Surroundings
from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Begun, Event, LogLine
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.task import Outcome, RunContext, RunnableTask, Task
from kestrel_cli.scheduler.step import step
from kestrel_cli.worker.attempt import Worker
from kestrel_cli.worker.context import AttemptContext
from kestrel_cli.worker.interrupts import Interrupts
from tests.support.births import execution_of
from tests.support.flows import flow
from tests.support.reach import ReachingContext
from tests.support.stored import content


class Work:
    """The first task of a flow, created and about to be worked on."""

    def __init__(
        self, *tasks: Task, inputs: dict[str, Any] | None = None, **properties: Any
    ) -> None:
        self.flow = flow(*tasks, **properties)
        self.execution = execution_of(self.flow, inputs=inputs or {})
        self.services = BareServices({})
        self.services.random.seed(1)
        self.around = Surroundings(self.execution, self.services)
        self.interrupts = Interrupts()
        self.lines: list[LogLine] = []
        self.at = 0
        self.worker = Worker(self.around, self.now, self.interrupts, noticed=self.lines.append)
        self.fold(Begun(self.now()))

    def now(self) -> int:
        self.at += 1
        return self.at

    def fold(self, event: Event) -> None:
        step(self.flow, self.execution, event)

    def last(self, events: Iterator[Event]) -> Any:
        """The last of these events, which is not folded; the beginning of the attempt is."""
        for event in events:
            if not isinstance(event, AttemptStarted):
                return event
            self.fold(event)
        return None

    @property
    def run(self) -> TaskRun:
        """The task run that was created last."""
        return self.execution.runs[-1]

    def attempt(self) -> Any:
        return self.last(self.worker.attempt(self.run))

    def expand(self) -> Any:
        return self.worker.expander.expand(self.run)

    def logs(self) -> list[tuple[str, str]]:
        return [(line.level, line.message) for line in self.lines]

    def context(self) -> AttemptContext:
        """A context as an attempt has it, writing to `lines`."""

        def write(level: Any, message: str) -> None:
            self.lines.append(LogLine(0, 0, level, message))

        return AttemptContext(self.run, RunScope(self.around, self.run), write, self.interrupts)


class Kept(Work):
    """The same with a storage and key-values in a folder; `mock` stands in for every task."""

    def __init__(self, folder: Path, *tasks: Task, mock: Mock | None = None, **more: Any) -> None:
        super().__init__(*tasks, **more)
        self.ctx = ReachingContext(folder)
        self.worker = Worker(
            self.around,
            self.now,
            self.interrupts,
            noticed=self.lines.append,
            reach=lambda _: self.ctx._reach,
            mock_of=None if mock is None else lambda _: mock,
        )

    def levels(self, ended: AttemptEnded) -> list[str]:
        """The level of each line in the log file of an attempt."""
        return [line.split()[1] for line in content(self.ctx, ended.log_file).splitlines()]


class Doing(RunnableTask):
    """A task that does what its `work` says."""

    def run(self, ctx: RunContext) -> Outcome:
        return self.__dict__["work"](ctx) or Outcome()


def doing(work: Any, **properties: Any) -> Doing:
    """A task `t` that does `work(ctx)`."""
    return Doing(id="t", type="test.Doing", work=work, **properties)
