"""The scheduler stepped by hand: one method for each event, with moments that count up from 1."""

from collections.abc import Sequence
from typing import Any

from kestrel_cli.model.call import Call
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.effect import Effect
from kestrel_cli.model.event import (
    FOREVER,
    AttemptEnded,
    AttemptStarted,
    Begun,
    Called,
    CalledEnded,
    Concluded,
    Event,
    Expanded,
    Heard,
    Judged,
    KillRequested,
    Launched,
    Lost,
    Queued,
    Refused,
    Reopened,
    Resumed,
    Skipped,
    StoodIn,
    TimerFired,
    Violated,
)
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.retry import Constant, Exponential, Random, Retry
from kestrel_cli.model.state import State
from kestrel_cli.scheduler.reopen import plan_change, plan_replay, plan_restart
from kestrel_cli.scheduler.step import step
from tests.support.births import execution_of

SECOND = 1_000_000


class Play:
    """One execution. Every method folds one event and returns the effects; `work` folds two."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.execution = execution_of(flow)
        self.at = 0
        self.expansions: dict[int, Expanded] = {}  # as they were, for restarts

    def fold(self, event: Event) -> list[Effect]:
        return step(self.flow, self.execution, event)

    def tick(self) -> int:
        self.at += 1
        return self.at

    def hear(self, *listeners: int) -> list[Effect]:
        return self.fold(Heard(self.tick(), list(listeners)))

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
        self,
        run: int,
        lanes: Sequence[Lane],
        limit: int = 1,
        outputs: dict[str, Any] | None = None,
        needs: list[list[int]] | None = None,
        pause: int | None = None,
    ) -> list[Effect]:
        at = self.tick()
        made = [
            Expanded(run, at, [_copied(lane) for lane in lanes], limit, outputs or {}, needs, pause)
            for _ in range(2)
        ]
        self.expansions[run] = made[0]
        return self.fold(made[1])

    def call(self, run: int, count: int = 1, limit: int = 1, *, wait: bool = True) -> list[Effect]:
        """The attempt of a task that starts executions says which: `count` of the flow `other`."""
        calls = [Call("company.team", "other", {"n": nth}) for nth in range(count)]
        return self.fold(Called(run, self.tick(), calls, limit, wait))

    def launch(self, run: int, nth: int = 0) -> list[Effect]:
        """The execution `e<nth>` is under way."""
        return self.fold(Launched(run, self.tick(), nth, f"e{nth}"))

    def end_call(
        self, run: int, nth: int = 0, state: State = State.SUCCESS, **more: Any
    ) -> list[Effect]:
        """It has ended; with an `error` and without an execution it was never started."""
        execution = None if "error" in more else f"e{nth}"
        return self.fold(
            CalledEnded(run, self.tick(), nth, state, **{"execution": execution, **more})
        )

    def called(self, run: int, nth: int = 0, state: State = State.SUCCESS) -> list[Effect]:
        """One execution from its start to its end."""
        return [*self.launch(run, nth), *self.end_call(run, nth, state)]

    def results(self, run: int) -> dict[int, State]:
        """How the executions of the call ended so far, by their numbers."""
        return {nth: one.state for nth, one in self.execution.calls[run].results.items()}

    def pause(self, run: int, until: int = FOREVER) -> list[Effect]:
        """The run is a Pause: it begins."""
        return self.expand(run, [], pause=until)

    def resume(self, run: int, state: State = State.SUCCESS, **outputs: Any) -> list[Effect]:
        return self.fold(Resumed(run, self.tick(), state, outputs))

    def judge(
        self, run: int, again: int | None = None, error: str | None = None, **outputs: Any
    ) -> list[Effect]:
        return self.fold(Judged(run, self.tick(), outputs, again, error))

    def lose(self, run: int) -> list[Effect]:
        return self.fold(Lost(run, self.tick()))

    def violate(self, behavior: Any = "FAIL", *labels: tuple[str, str]) -> list[Effect]:
        return self.fold(Violated(self.tick(), "sla", behavior, list(labels), "too late"))

    def queue(self, refused: State | None = None) -> list[Effect]:
        return self.fold(Queued(self.tick(), refused))

    def restart(self) -> list[Effect]:
        return self.reopen(plan_restart(self.execution, self.expansions, self.tick()))

    def replay(self, *runs: int) -> list[Effect]:
        chosen = [self.execution.runs[run] for run in runs]
        return self.reopen(plan_replay(self.execution, self.expansions, chosen, self.tick()))

    def change(self, run: int, state: State) -> list[Effect]:
        chosen = self.execution.runs[run]
        return self.reopen(plan_change(self.execution, self.expansions, chosen, state, self.tick()))

    def reopen(self, plan: Reopened) -> list[Effect]:
        return self.fold(plan)

    def skip(self, run: int) -> list[Effect]:
        return self.fold(Skipped(run, self.tick()))

    def refuse(self, run: int, error: str = "no", **more: Any) -> list[Effect]:
        """A flowable's own refusal; of a runnable, that its `runIf` failed."""
        attempted = self.execution.runs[run].task.flowable
        return self.fold(Refused(run, self.tick(), error, **{"attempted": attempted, **more}))

    def stand_in(self, run: int, state: State = State.SUCCESS, **more: Any) -> list[Effect]:
        """The fixture of a test ends the run."""
        return self.fold(StoodIn(run, self.tick(), state, **more))

    def fire(self, run: int) -> list[Effect]:
        return self.fold(TimerFired(run, self.tick()))

    def kill(self) -> list[Effect]:
        return self.fold(KillRequested(self.tick()))

    def conclude(self, **more: Any) -> list[Effect]:
        return self.fold(Concluded(self.tick(), **more))

    def runs(self) -> list[str]:
        """`id STATE` of every task run that is there, in order; `id[value]` inside a loop."""
        return [
            f"{run.task.id}{'' if run.value is None else f'[{run.value}]'} {run.state}"
            for run in self.execution.listed()
        ]

    def steps(self, run: int) -> list[str]:
        """The states a task run has gone through."""
        return [str(state) for state, _ in self.execution.runs[run].history]

    def execution_steps(self) -> list[str]:
        """The states the execution has gone through."""
        return [str(state) for state, _ in self.execution.history]


def _copied(lane: Lane) -> Lane:
    return Lane(lane.block, lane.next, lane.stop, lane.value, lane.iteration)


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
