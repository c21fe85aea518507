"""Performs the effects of one execution and turns what happened into events.

Each event goes to the journal, is folded by the scheduler, and is then shown; so nothing is ever
shown that a journal does not hold. When to do what, among several executions and threads, is the
conductor's business.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kestrel_cli.app.agenda import Agenda
from kestrel_cli.app.clock import Clock
from kestrel_cli.app.recorder import Recorder
from kestrel_cli.expressions.variables import RunScope, Surroundings
from kestrel_cli.model.effect import (
    Ask,
    Conclude,
    Effect,
    End,
    Expand,
    Judge,
    Kill,
    RunAttempt,
    WaitUntil,
)
from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Event,
    KillRequested,
    LogLine,
    Queued,
    Reopened,
    TimerFired,
    Violated,
)
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import LogLevel, RunnableTask, Task
from kestrel_cli.scheduler.step import step
from kestrel_cli.worker.attempt import Worker
from kestrel_cli.worker.conclude import conclude, rendered
from kestrel_cli.worker.interrupts import Interrupts

if TYPE_CHECKING:
    from kestrel_cli.app.calls import Batch
    from kestrel_cli.app.conductor import Conductor
    from kestrel_cli.app.roles import Pauses, Watch
    from kestrel_cli.app.session import Session
    from kestrel_cli.app.turns import Place
    from kestrel_cli.app.world import World
    from kestrel_cli.model.flow import Input
    from kestrel_cli.model.task import Call
    from kestrel_cli.worker.flight import Flight, Landed

OnEnd = Callable[["Driver"], None]


class Driver:
    """Runs one execution. `on_end` is called when it has ended or stands still for good."""

    def __init__(
        self,
        around: Surroundings,
        recorder: Recorder,
        clock: Clock,
        interrupts: Interrupts,
        make_worker: "Callable[[Driver], Worker]",
        conductor: "Conductor",
        *,
        pauses: "Pauses",
        session: "Session",
        world: "World",
        watch: "Watch | None" = None,
    ) -> None:
        self.execution: Execution = around.execution
        self.around = around
        self.recorder = recorder
        self.clock = clock
        self.todo = Agenda(self.execution)
        self.ended = False
        self.on_end: OnEnd = lambda _: None
        self.warnings: Sequence[str] = ()  # what opens its log
        self.refused: str | None = None  # why it is to fail before it begins
        self.depth = 0  # executions around this one
        self.parent: Driver | None = None
        self.parent_run: int | None = None
        self.successor: Driver | None = None  # what follows it when it ended RETRIED
        self.place: Place | None = None  # among the executions of its flow that may run at once
        self.batches: dict[int, Batch] = {}
        self.flights: dict[int, Flight] = {}
        self._is_told = False  # the reporters know that it begins
        self._asked: list[int] = []
        self._complaints: set[str] = set()
        self._conductor = conductor
        self._interrupts = interrupts
        self._pauses = pauses
        self._watch = watch
        self._session = session
        self._world = world
        self.worker = make_worker(self)

    def begin(self) -> None:
        """Begin the execution, or let it wait for its turn."""
        if self._is_told:
            return  # it was killed before its time came
        self._told_begun()
        for warning in self.warnings:
            self.say("WARN", warning)
        if self.refused is not None:
            self.say("ERROR", self.refused)
            self.happened(Queued(self.clock.now(), State.FAILED))
        elif self.execution.flow.concurrency is None:
            self._begin()
        else:
            from kestrel_cli.app.turns import take_turn

            take_turn(self, self._session, self._begin)

    def _begin(self) -> None:
        if self._watch is not None:
            self._watch.begin(self)
        self.happened(Begun(self._moment()))

    def _moment(self) -> int:
        """Now; but an execution that is to begin later does nothing before."""
        return max(self.clock.now(), self.execution.created_at)

    def go_on(self, effects: Sequence[Effect]) -> None:
        """Go on with an execution that was read back."""
        self._told_begun()
        if self.execution.flow.concurrency is not None and self.place is None:
            from kestrel_cli.app.turns import go_on_with_turn

            go_on_with_turn(self, self._session)
        if self._watch is not None and self.execution.frames:
            self._watch.begin(self)
        for effect in effects:  # one by one: each goes before all that is older
            self._add([effect])

    def _told_begun(self) -> None:
        self._is_told = True
        parent = None if self.parent is None else self.parent.execution
        self.recorder.begun(parent, self.parent_run)

    def launch(self, run: TaskRun, nth: int, call: "Call") -> "Driver":
        """An execution that a task run of this one starts, not begun. Raises KestrelError."""
        return self._session.launch(self, run, nth, call)

    def called_before(self, run: TaskRun, nth: int) -> "Driver | Execution | None":
        """The execution that this attempt started before the run was resumed: its driver, or
        itself when it has ended.
        """
        return self._session.called_before(self.execution, run, nth)

    def leave(self) -> None:
        """The process ends before the execution does: it is resumed some day."""
        if self.place is not None:
            self.place.leave()

    def renderer_of(self, execution: Execution) -> Callable[[object], Any]:
        """Renders in the context of an execution that has ended."""
        around = self._session.prepared(execution).around
        return lambda value: rendered(value, RunScope(around))

    @property
    def is_journaled(self) -> bool:
        """Whether another process could go on with the execution."""
        return self._session.ledger.journal is not None

    def render(self, value: object) -> Any:
        """Render a value in the context of the execution itself. Raises RenderError."""
        return rendered(value, RunScope(self.around))

    def pause_inputs(
        self, run: TaskRun, declared: "list[Input]", given: Mapping[str, object]
    ) -> dict[str, Any]:
        """The typed inputs that resume a pause. Raises InputError."""
        from kestrel_cli.app.births import pause_inputs

        values, warnings = pause_inputs(
            self.execution, declared, given, self._session.request, self._world
        )
        for warning in warnings:
            self.say("WARN", warning, run.number)
        return values

    def say(self, level: LogLevel, message: str, run: int | None = None) -> None:
        """Write to the log: the execution's own, or that of a task run."""
        message = self.execution.masker.mask(message)
        self.recorder.noticed(LogLine(run, self.clock.now(), level, message))

    def complain(self, message: str) -> bool:
        """Warn once of something that goes on; whether it was new."""
        if message in self._complaints:
            return False
        self._complaints.add(message)
        self.say("WARN", message)
        return True

    def perform(self) -> None:
        """Do what is next. Raises AttemptKilled when a kill comes before an attempt began."""
        effect = self.todo.next()
        match effect:
            case RunAttempt():
                self._attempt(effect.run)
            case Expand():
                run = self.execution.runs[effect.run]
                if run.number in self.execution.active:
                    self.happened(self.worker.expand(run))
            case WaitUntil():
                self._wait(effect)
            case Conclude():
                self._conclude()
            case Judge():
                self._judge(effect.run)
            case Ask():
                self._asked.append(effect.run)
                self._conductor.ask(self)
            case Kill():
                self._end_attempt(effect.run)
            case End():
                self._end()

    def answer_one(self) -> bool:
        """Settle one question about a pause; false when the execution is left PAUSED."""
        number = self._asked.pop(0)
        if self.execution.runs[number].state is not State.PAUSED:
            return True
        try:
            self._interrupts.begin()  # somebody may be asked, and end it all instead
            event = self._pauses.answer(self, number)
        finally:
            self._interrupts.end()
        if event is None:
            return False
        self.happened(event)
        return True

    def kill(self, reason: str) -> None:
        """End the execution; `reason` completes "the execution is killed: ..."."""
        if self.ended or (self.execution.state in TERMINAL and not self.execution.active):
            return  # there is nothing to kill
        if not self._is_told:
            self._told_begun()
        self.say("WARN", f"the execution is killed: {reason}")
        if None not in self.execution.frames and not self.execution.runs:
            self._begin()  # it waited for its turn: it begins to be killed
        self.happened(KillRequested(self._moment()))

    def happened(self, event: Event) -> None:
        """An event: journal, fold, show; then do what follows from it."""
        self.recorder.journal(event)
        effects = step(self.execution.flow, self.execution, event)
        if isinstance(event, Reopened) or (
            isinstance(event, AttemptEnded) and event.change is not None
        ):
            self.around.refresh()
        self.recorder.show(event)
        self._add(effects)
        if self._watch is not None and self.execution.ending is None:
            broken = self._watch.look(self)
            if broken is not None:
                self.violated(broken)

    def violated(self, event: Violated) -> None:
        """A service level does not hold."""
        if event.behavior != "NONE":
            ended = "failed" if event.behavior == "FAIL" else "cancelled"
            self.say("ERROR", f"Execution {ended} due to SLA '{event.id}' violated: {event.reason}")
        self.happened(event)
        self.around.refresh()

    def started(self, event: AttemptStarted) -> None:
        """An attempt begins (from within it)."""
        self.recorder.journal(event)
        step(self.execution.flow, self.execution, event)
        self.recorder.show(event)

    def landed(self, landed: "Landed") -> None:
        """An attempt on a thread is over."""
        number = landed.flight.ctx.run.number
        if self.flights.pop(number, None) is landed.flight:
            self.happened(self.worker.landed(landed.flight, landed.result))

    def _add(self, effects: Sequence[Effect]) -> None:
        if effects:
            self.todo.add(effects)
            self._conductor.ready(self)

    def _wait(self, effect: WaitUntil) -> None:
        if self._pauses.hurries and self._is_held(effect.run):
            run = self.execution.runs[effect.run]
            self.happened(self._pauses.event(run, {}, State.SUCCESS))
        else:
            self._conductor.wake(effect.at, lambda: self._fire(effect.run))

    def _fire(self, number: int) -> None:
        if self.ended:
            return
        if self._is_held(number):
            run = self.execution.runs[number]
            event = self._pauses.event(run, {}, self.worker.elapsed(run))
            if event.state is State.FAILED:
                event.error = "nobody resumed it in time"
            self.happened(event)
        else:
            self.happened(TimerFired(number, self.clock.now()))

    def _is_held(self, number: int) -> bool:
        """Whether the run is a Pause that waits, and no LoopUntil between two passes."""
        frame = self.execution.frames.get(number)
        paused = self.execution.runs[number].state is State.PAUSED
        return paused and frame is not None and frame.phase is Phase.HELD

    def _attempt(self, number: int) -> None:
        run = self.execution.runs[number]
        if number not in self.execution.active:
            return  # killed before its turn came
        if run.task.executable:
            from kestrel_cli.app.calls import begin_batch

            begin_batch(self, run, self._conductor)
        elif not self._is_fresh(run):
            return
        elif self._may_fly(run.task):
            if self._is_fresh(run):  # it was not killed while it waited for its place
                self._depart(number)
        else:
            event = self.worker.attempt(run)
            if isinstance(event, AttemptEnded) and event.state is State.KILLED:
                self._conductor.heed()
                event.at = self.clock.now()  # not before the request
            self.happened(event)

    def _is_fresh(self, run: TaskRun) -> bool:
        """Whether an attempt of it may begin."""
        return run.number in self.execution.active and run.state in (State.CREATED, State.RESTARTED)

    def _may_fly(self, task: Task) -> bool:
        """Whether an attempt is to have a thread: when it waits, and others need not wait for it.
        One that may take an earlier result stays here, for that is decided here.
        """
        return (
            isinstance(task, RunnableTask)
            and task.blocking
            and task.taskCache is None
            and self._conductor.may_fly(self)
        )

    def _depart(self, number: int) -> None:
        from kestrel_cli.worker.flight import Flight

        found = self.worker.depart(self.execution.runs[number], self._conductor.inbox)
        if isinstance(found, Flight):
            self.flights[number] = found
            self._conductor.flying(self, found)
        else:
            self.happened(found)

    def _end_attempt(self, number: int) -> None:
        """Kill an attempt under way; the one on the main thread was ended by the request itself."""
        if flight := self.flights.get(number):
            from kestrel_cli.worker.flight import killed

            self._conductor.ground(self, flight, killed())
        if batch := self.batches.get(number):
            batch.kill()

    def _conclude(self) -> None:
        try:
            self._interrupts.begin()
            event = conclude(
                self.around, self.clock.now, self.recorder.noticed, self._world.store_input
            )
        finally:
            self._interrupts.end()
        self.happened(event)

    def _judge(self, number: int) -> None:
        run, frame = self.execution.runs[number], self.execution.frames.get(number)
        if frame is not None and self.execution.ending is None:
            self.happened(self.worker.judge(run, frame.worst))
            self._session.ledger.flush()  # what is taken away now must not be needed again
            self._world.forget(number)

    def _end(self) -> None:
        self.ended = True
        self._world.close()
        if self.place is not None:
            self.place.leave()
        if self.execution.state is State.RETRIED and self.execution.retry_at is not None:
            self.successor = self._session.follow(self)
            if self._interrupts.signal is not None:  # it came when there was nothing to kill
                self.successor.kill(self._interrupts.reason)
        self.on_end(self)
