"""The loop that performs effects and turns what happened into events.

Each event goes to the journal, is folded by the scheduler, and is then shown; so nothing is ever
shown that a journal does not hold.
"""

import heapq
from collections.abc import Callable, Sequence

from kestrel_cli.app.agenda import Agenda
from kestrel_cli.app.clock import Clock
from kestrel_cli.app.recorder import Recorder
from kestrel_cli.expressions.variables import Surroundings
from kestrel_cli.model.effect import Conclude, Effect, End, Expand, Kill, RunAttempt, WaitUntil
from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Event,
    KillRequested,
    LogLine,
    TimerFired,
)
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.scheduler.step import step
from kestrel_cli.worker.attempt import Point, Worker
from kestrel_cli.worker.conclude import conclude
from kestrel_cli.worker.context import Reached
from kestrel_cli.worker.interrupts import AttemptKilled, Interrupts


class Driver:
    """Runs one execution to its end."""

    def __init__(
        self,
        around: Surroundings,
        recorder: Recorder,
        clock: Clock,
        interrupts: Interrupts,
        point: Point = lambda _, __: "",
        reach: Callable[[TaskRun], Reached] | None = None,
    ) -> None:
        self.execution: Execution = around.execution
        self._around = around
        self._recorder = recorder
        self._clock = clock
        self._interrupts = interrupts
        self._todo = Agenda(self.execution)
        self._told_of_kill = False
        self._timers: list[tuple[int, int]] = []
        self._worker = Worker(
            around,
            clock.now,
            interrupts,
            started=self._started,
            noticed=recorder.noticed,
            point=point,
            reach=reach,
        )

    def run(self, warnings: Sequence[str] = ()) -> None:
        """Begin the execution and return when it has ended. `warnings` open its log."""
        for warning in warnings:
            self._recorder.noticed(LogLine(None, self._clock.now(), "WARN", warning))
        self._happened(Begun(self._clock.now()))
        while self._step():
            pass

    def _step(self) -> bool:
        if self._interrupts.pending and not self._told_of_kill:
            self._kill(self._clock.now())
        try:
            if self._todo:
                return self._perform(self._todo.next())
            self._wait()
        except AttemptKilled:  # before an attempt began: the effect is void, its task run is killed
            self._interrupts.end()
        return True

    def _perform(self, effect: Effect) -> bool:
        match effect:
            case RunAttempt():
                self._attempt(effect.run)
            case Expand():
                run = self.execution.runs[effect.run]
                if run.state is State.CREATED:
                    self._happened(self._worker.expand(run))
            case WaitUntil():
                heapq.heappush(self._timers, (effect.at, effect.run))
            case Conclude():
                self._conclude()
            case Kill():
                pass  # the one attempt under way was interrupted by the request itself
            case End():
                return False
        return True

    def _conclude(self) -> None:
        try:
            self._interrupts.begin()
            event = conclude(self._around, self._clock.now, self._recorder.noticed)
        finally:
            self._interrupts.end()
        self._happened(event)

    def _attempt(self, number: int) -> None:
        run = self.execution.runs[number]
        if run.state is not State.CREATED:
            return  # killed before its turn came
        event = self._worker.attempt(run)
        if isinstance(event, AttemptEnded) and event.state is State.KILLED:
            self._kill(event.at)
        self._happened(event)

    def _kill(self, at: int) -> None:
        self._told_of_kill = True
        if self.execution.state in TERMINAL and not self.execution.active:
            return  # it has ended: there is nothing to kill
        reason = f"the execution is killed: {self._interrupts.reason}"
        self._recorder.noticed(LogLine(None, at, "WARN", reason))
        self._happened(KillRequested(at))

    def _started(self, event: AttemptStarted) -> None:
        self._recorder.journal(event)
        step(self.execution.flow, self.execution, event)
        self._recorder.show(event)

    def _happened(self, event: Event) -> None:
        self._recorder.journal(event)
        effects = step(self.execution.flow, self.execution, event)
        self._recorder.show(event)
        self._todo.add(effects)

    def _wait(self) -> None:
        """Nothing can be done before the next timer."""
        at, number = self._timers[0]
        left = (at - self._clock.now()) / 1_000_000
        if left > 0 and not self._interrupts.sleep(left):
            return
        heapq.heappop(self._timers)
        self._happened(TimerFired(number, self._clock.now()))
