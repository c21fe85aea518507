"""The scheduler driven without a worker: leaves end as a table says, flowables expand as their
properties say.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

from kestrel_cli.app.agenda import Agenda
from kestrel_cli.model.effect import Conclude, Effect, End, Expand, Kill, RunAttempt, WaitUntil
from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Concluded,
    Event,
    Expanded,
    KillRequested,
    Skipped,
    TimerFired,
)
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from kestrel_cli.scheduler.step import step

StateOf = Callable[
    [str, int], State
]  # task id and attempt number (from 1) -> how that attempt ends


def lanes_of(task: Task) -> tuple[list[Lane], int]:
    """What a flowable of the simulation holds: loops loop over their literal values."""
    body = task.blocks["tasks"]  # type: ignore[attr-defined]
    match type(task).__name__:
        case "Parallel":
            return [Lane("tasks", n, n + 1) for n in range(len(body))], task.concurrent  # type: ignore[attr-defined]
        case "ForEach":
            values = task.values if body else []  # type: ignore[attr-defined]
            lanes = [Lane("tasks", 0, len(body), value, n) for n, value in enumerate(values)]
            return lanes, task.concurrencyLimit  # type: ignore[attr-defined]
        case _:
            return ([Lane("tasks", 0, len(body))] if body else []), 1


class Simulation:
    """One execution. `events` holds everything that was folded, `at` counts up with each."""

    def __init__(self, flow: Flow, state_of: StateOf) -> None:
        self.flow = flow
        self.state_of = state_of
        self.execution = Execution("test", flow, [(State.CREATED, 0)])
        self.events: list[Event] = []
        self.at = 0
        self.ended: State | None = None

    def tick(self) -> int:
        self.at += 1
        return self.at

    def fold(self, event: Event) -> list[Effect]:
        """Fold one event and remember it."""
        self.events.append(event)
        return step(self.flow, self.execution, event)

    def run(self) -> "Simulation":
        """To the end, in the order of the real driver."""
        todo = Agenda(self.execution)
        todo.add(self.fold(Begun(self.tick())))
        while self.ended is None:
            todo.add(list(self.perform(todo.next())))
        return self

    def run_shuffled(
        self, luck: random.Random, check: Callable[[], None], kill_at: int = -1
    ) -> "Simulation":
        """To the end, with attempts in flight at the same time that end in any order."""
        todo: list[Effect] = [*self.fold(Begun(self.tick()))]
        flying: list[TaskRun] = []
        steps = 0
        while self.ended is None:
            steps += 1
            if steps == kill_at:
                todo += self.fold(KillRequested(self.tick()))
            check()
            pick = luck.randrange(len(todo) + len(flying))
            if pick < len(todo):
                effect = todo.pop(pick)
                if isinstance(effect, RunAttempt):
                    run = self.execution.runs[effect.run]
                    if run.state is State.CREATED and run.task.runIf == "false":
                        todo += self.fold(Skipped(run.number, self.tick()))
                    elif run.state is State.CREATED:
                        self.fold(AttemptStarted(run.number, self.tick()))
                        flying.append(run)
                elif not isinstance(effect, Kill):
                    todo += self.perform(effect)
            else:
                run = flying.pop(pick - len(todo))
                todo += self.fold(self.ending(run))
        return self

    def perform(self, effect: Effect) -> Iterator[Effect]:
        """What a worker would do, at once."""
        match effect:
            case RunAttempt():
                run = self.execution.runs[effect.run]
                if run.state is State.CREATED:
                    if run.task.runIf == "false":
                        yield from self.fold(Skipped(run.number, self.tick()))
                    else:
                        self.fold(AttemptStarted(run.number, self.tick()))
                        yield from self.fold(self.ending(run))
            case Expand():
                run = self.execution.runs[effect.run]
                if run.state is State.CREATED:
                    lanes, limit = lanes_of(run.task)
                    yield from self.fold(Expanded(run.number, self.tick(), lanes, limit, {}))
            case WaitUntil():
                self.at = max(self.at, effect.at)
                yield from self.fold(TimerFired(effect.run, self.tick()))
            case Conclude():
                yield from self.fold(Concluded(self.tick()))
            case End():
                self.ended = effect.state
            case Kill():
                raise AssertionError("nothing is in flight here")

    def ending(self, run: TaskRun) -> AttemptEnded:
        killed = run.state is State.KILLING
        state = State.KILLED if killed else self.state_of(run.task.id, len(run.attempts))
        return AttemptEnded(run.number, self.tick(), state, {})

    def shape(self) -> list[tuple[Any, ...]]:
        """The task runs as plain facts."""
        return [
            (
                run.number,
                run.task.id,
                run.parent,
                run.value,
                run.iteration,
                run.state,
                len(run.attempts),
            )
            for run in self.execution.runs
        ]
