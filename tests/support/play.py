"""The scheduler stepped by hand: one method for each event, with moments that count up from 1."""

from collections.abc import Sequence
from typing import Any

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.effect import Effect
from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Concluded,
    Event,
    Expanded,
    KillRequested,
    Refused,
    Skipped,
    TimerFired,
)
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.retry import Constant, Exponential, Random, Retry
from kestrel_cli.model.state import State
from kestrel_cli.scheduler.step import step

SECOND = 1_000_000


class Play:
    """One execution. Every method folds one event and returns the effects; `work` folds two."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.execution = Execution("test", flow, [(State.CREATED, 0)])
        self.at = 0

    def fold(self, event: Event) -> list[Effect]:
        return step(self.flow, self.execution, event)

    def tick(self) -> int:
        self.at += 1
        return self.at

    def begin(self) -> list[Effect]:
        return self.fold(Begun(self.tick()))

    def start(self, run: int) -> list[Effect]:
        return self.fold(AttemptStarted(run, self.tick()))

    def end(self, run: int, state: State = State.SUCCESS, **more: Any) -> list[Effect]:
        return self.fold(AttemptEnded(run, self.tick(), state, **{"outputs": {}, **more}))

    def work(self, run: int, state: State = State.SUCCESS, **more: Any) -> list[Effect]:
        self.start(run)
        return self.end(run, state, **more)

    def expand(
        self, run: int, lanes: Sequence[Lane], limit: int = 1, outputs: dict[str, Any] | None = None
    ) -> list[Effect]:
        return self.fold(Expanded(run, self.tick(), list(lanes), limit, outputs or {}))

    def skip(self, run: int) -> list[Effect]:
        return self.fold(Skipped(run, self.tick()))

    def refuse(self, run: int, error: str = "no") -> list[Effect]:
        """A flowable's own refusal; of a runnable, that its `runIf` failed."""
        attempted = self.execution.runs[run].task.flowable
        return self.fold(Refused(run, self.tick(), error, attempted))

    def fire(self, run: int) -> list[Effect]:
        return self.fold(TimerFired(run, self.tick()))

    def kill(self) -> list[Effect]:
        return self.fold(KillRequested(self.tick()))

    def conclude(self, **more: Any) -> list[Effect]:
        return self.fold(Concluded(self.tick(), **more))

    def runs(self) -> list[str]:
        """`id STATE` of every task run, in order; `id[value]` inside a loop."""
        return [
            f"{run.task.id}{'' if run.value is None else f'[{run.value}]'} {run.state}"
            for run in self.execution.runs
        ]

    def steps(self, run: int) -> list[str]:
        """The states a task run has gone through."""
        return [str(state) for state, _ in self.execution.runs[run].history]

    def execution_steps(self) -> list[str]:
        """The states the execution has gone through."""
        return [str(state) for state, _ in self.execution.history]


def constant(seconds: float = 1, **more: Any) -> Retry:
    """A policy that waits the same time each time."""
    interval = Duration(round(seconds * 1_000_000_000))
    return _policy(Constant, type="constant", interval=interval, **more)


def exponential(seconds: float, most: float, **more: Any) -> Retry:
    """A policy that waits longer each time."""
    interval, longest = Duration(round(seconds * 1e9)), Duration(round(most * 1e9))
    return _policy(Exponential, type="exponential", interval=interval, maxInterval=longest, **more)


def chance(least: float, most: float, **more: Any) -> Retry:
    """A policy that waits a random time."""
    shortest, longest = Duration(round(least * 1e9)), Duration(round(most * 1e9))
    return _policy(Random, type="random", minInterval=shortest, maxInterval=longest, **more)


def _policy(kind: Any, **fields: Any) -> Retry:
    made = made_of(kind, fields)
    assert isinstance(made, (Constant, Exponential, Random))
    return made
