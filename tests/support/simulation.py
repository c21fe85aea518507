"""The scheduler driven without a worker: leaves end as a table says, and so do the executions that
tasks start; flowables hold what their own `expand` says. Whatever happens is taken down as lines of
a journal, from which it can go on.
"""

import json
import random
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kestrel_cli.app.engine.todo import Todo
from kestrel_cli.app.story import Told
from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.birth import Birth
from kestrel_cli.model.call import Call, CallResult, Calls
from kestrel_cli.model.effect import (
    Ask,
    Conclude,
    Effect,
    End,
    Expand,
    Follow,
    Gather,
    Hear,
    Judge,
    Kill,
    Launch,
    RunAttempt,
    WaitUntil,
)
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
    Followed,
    Heard,
    Judged,
    Launched,
    LogLine,
    Lost,
    Refused,
    Resumed,
    Skipped,
    TimerFired,
)
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Change, Outcome
from kestrel_cli.scheduler.step import step
from kestrel_cli.store.journal_lines import entry_of, line_of
from tests.support.births import execution_of
from tests.support.context import FakeContext

StateOf = Callable[
    [str, int], State
]  # task id and attempt number (from 1) -> how that attempt ends
FRESH = (State.CREATED, State.RESTARTED)
EXITS = "exit "  # how the `description` of a leaf begins that ends the execution
ENOUGH = 3_000  # events of a flow that is small
CALLED = "killed"  # the `description` of a task that starts an execution that is killed
ENDED = "ended"  # the output of a task that says how the executions ended that it started
BATCHES = 3  # of every ForEachItem
PASSES = "pass "  # how the `condition` of a LoopUntil begins: how many passes it makes


Flying = tuple[TaskRun, int | None]  # an attempt, or an execution of its call


def calls_of(run: TaskRun) -> Calls:
    """What a task run starts."""
    task: Any = run.task
    if type(task).__name__ != "ForEachItemItems":
        found: Calls = task.calls(SimContext(run))
        return found
    calls = [Call(task.owner.namespace, task.owner.flowId, {"n": n}) for n in range(BATCHES)]
    return Calls(calls, limit=0, wait=task.owner.wait)


class SimContext(FakeContext):
    """What flowables ask of a run context."""

    def __init__(self, run: TaskRun) -> None:
        super().__init__()
        self._run = run
        self.files: Any = SimpleNamespace(folder=Path)

    def typed(self, value: object) -> Any:
        return None if value == "{{ item ?? null }}" else super().typed(value)

    def iteration(self) -> int | None:
        return self._run.iteration

    def own(self) -> dict[str, Any]:
        return self._run.outputs or {}

    def truthy(self, condition: object) -> bool:
        text = self.text(condition)
        if text.startswith(PASSES):
            return bool(self.own()["iterationCount"] >= int(text[len(PASSES) :]))
        return super().truthy(condition)


class Simulation:
    """One execution. `lines` tells of everything that was folded, `at` counts up with each."""

    def __init__(
        self,
        flow: Flow,
        state_of: StateOf,
        execution: Execution | None = None,
        most: int = ENOUGH,
    ) -> None:
        self.flow = flow
        self.most = most
        self.state_of = state_of
        self.execution = execution or execution_of(flow)
        self.lines: list[str] = []
        self.at = self.execution.created_at
        self.ended: State | None = None
        self.todo = Todo()
        self.waited = False  # something went on later than it was created
        self.later: deque[Effect] = deque()  # what waits for a moment, or for an answer
        self.killed: set[tuple[int, int]] = set()  # executions of calls

    def tick(self) -> int:
        self.at += 1
        assert len(self.lines) <= self.most, "it does not end"
        return self.at

    def fold(self, event: Event) -> list[Effect]:
        """Take one event down, then fold it: the lanes in it move on with what is made of them."""
        self.lines.append(line_of(event))
        return step(self.flow, self.execution, event)

    def run(self) -> "Simulation":
        """To the end, in the order of the real driver."""
        self.todo.add(self.fold(Begun(self.tick())))
        return self.go_on()

    def go_on(self) -> "Simulation":
        """From what is to be done to the end."""
        while self.ended is None:
            effect = self.todo.next() if self.todo else None
            if effect is None:
                self.todo.add(list(self.perform(self.later.popleft())))
            elif isinstance(effect, (Ask, WaitUntil)):
                self.later.append(effect)
                self.waited = True
            else:
                self.todo.add(list(self.perform(effect)))
        return self

    def run_shuffled(
        self,
        luck: random.Random,
        check: Callable[[], None] = lambda: None,
        end: "tuple[int, Callable[[int], Event]] | None" = None,
    ) -> "Simulation":
        """To the end, with attempts in flight at the same time that end in any order. `end` is an
        event from outside, and the number of the step before which it happens.
        """
        todo: list[Effect] = [*self.fold(Begun(self.tick()))]
        flying: list[Flying] = []
        steps = 0
        while self.ended is None:
            steps += 1
            if end is not None and end[0] == steps:
                todo += self.fold(end[1](self.tick()))
            check()
            pick = luck.randrange(len(todo) + len(flying))
            if pick < len(todo):
                effect = todo.pop(pick)
                if isinstance(effect, RunAttempt):
                    todo += self.depart(effect.run, flying)
                elif isinstance(effect, Launch):
                    todo += self.launch(effect, flying)
                elif not isinstance(effect, Kill) or effect.nth is not None:
                    todo += self.perform(effect)
            else:
                todo += self.land(*flying.pop(pick - len(todo)))
        return self

    def depart(self, number: int, flying: list[Flying]) -> list[Effect]:
        """An attempt takes off, unless the task is skipped or was killed."""
        run = self.execution.runs[number]
        if run.gone or run.state not in FRESH:
            return []
        if run.task.runIf == "false":
            return self.fold(Skipped(number, self.tick()))
        self.fold(AttemptStarted(number, self.tick()))
        flying.append((run, None))
        return []

    def land(self, run: TaskRun, nth: int | None) -> list[Effect]:
        """An attempt ends, or says what it calls; or an execution of its call ends."""
        if nth is not None:
            return self.fold(self.called_ending(run, nth)) if self.waits_for(run, nth) else []
        if run.task.executable and run.state is State.RUNNING:
            called = calls_of(run)
            return self.fold(
                Called(run.number, self.tick(), called.calls, called.limit, called.wait)
            )
        return self.fold(self.ending(run))

    def waits_for(self, run: TaskRun, nth: int) -> bool:
        frame = self.execution.calls.get(run.number)
        return frame is not None and nth in frame.running

    def launch(self, effect: Launch, flying: list[Flying]) -> list[Effect]:
        """An execution is started, unless a kill was quicker; some can't be."""
        run, nth = self.execution.runs[effect.run], effect.nth
        if not self.waits_for(run, nth):
            return []
        assert not self.execution.killing, "nothing starts when the end is near"
        known = self.execution.calls[run.number].before.get(nth)
        assert effect.again == (known is not None and known.execution is not None)
        if self.state_of(f"{run.task.id}/{nth}/start", len(run.attempts)) is State.FAILED:
            return self.fold(self.called_ending(run, nth, "it can't be started"))
        effects = self.fold(Launched(run.number, self.tick(), nth, f"{run.task.id}/{nth}"))
        flying.append((run, nth))
        return effects

    def called_ending(self, run: TaskRun, nth: int, error: str | None = None) -> CalledEnded:
        """How the table says that an execution ends."""
        state = self.state_of(f"{run.task.id}/{nth}", len(run.attempts))
        if (run.number, nth) in self.killed or run.task.description == CALLED:
            state = State.KILLED
        if error is not None:
            state = State.FAILED
        call = self.execution.calls[run.number].calls[nth]
        name = f"{run.task.id}/{nth}" if error is None else None
        result = CallResult(call, state, name, None, error)
        stop = run.task.stops(SimContext(run), result)  # type: ignore[attr-defined]  # an executable
        return CalledEnded(run.number, self.tick(), nth, state, name, None, error, stop)

    def gather(self, run: TaskRun) -> list[Effect]:
        """All executions of a call have ended: what its task makes of them."""
        frame = self.execution.calls.get(run.number)
        if frame is None or run.state not in (State.RUNNING, State.KILLING):
            return []
        assert not frame.running
        if run.state is State.KILLING or self.execution.killing:
            return self.fold(AttemptEnded(run.number, self.tick(), State.KILLED))
        results = [frame.results[nth] for nth in sorted(frame.results)]
        assert [one.call for one in results] == frame.calls[: len(results)]
        try:
            outcome = run.task.outcome(SimContext(run), results)  # type: ignore[attr-defined]
        except TaskFailed:
            outcome = Outcome({}, State.FAILED)
            assert any(one.error is not None for one in results)
        # Of a run that is restarted in a loop the maps are merged: what it says is a list.
        outputs = {ENDED: [one.state.value for one in results]}
        return self.fold(AttemptEnded(run.number, self.tick(), outcome.state, outputs))

    def perform(self, effect: Effect) -> Iterator[Effect]:  # noqa: C901, PLR0912  a case for each effect
        """What a worker would do, at once."""
        match effect:
            case RunAttempt():
                flying: list[Flying] = []
                yield from self.depart(effect.run, flying)
                for one in flying:
                    yield from self.land(*one)
            case Launch():
                flying = []
                yield from self.launch(effect, flying)
                for one in flying:
                    yield from self.land(*one)
            case Gather():
                yield from self.gather(self.execution.runs[effect.run])
            case Expand():
                yield from self.expand(self.execution.runs[effect.run])
            case WaitUntil():
                self.at = max(self.at, effect.at)
                yield from self.fold(self.fired(self.execution.runs[effect.run]))
            case Ask():
                run = self.execution.runs[effect.run]
                if run.state is State.PAUSED:
                    yield from self.fold(self.resumed(run, self.answer(run)))
            case Judge():
                yield from self.judge(self.execution.runs[effect.run])
            case Conclude():
                yield from self.fold(Concluded(self.tick()))
            case Hear():
                yield from self.fold(Heard(self.tick(), list(range(len(self.flow.listeners)))))
            case Follow():
                birth = Birth(1, "follower", effect.at, 0, follows=0)
                yield from self.fold(Followed(self.tick(), birth))
            case End():
                self.ended = effect.state
            case Kill():
                assert effect.nth is not None, "nothing is in flight here"
                self.killed.add((effect.run, effect.nth))
            case _:
                raise AssertionError(effect)

    def expand(self, run: TaskRun) -> list[Effect]:
        """What the flowable holds."""
        if run.gone or run.number not in self.execution.active:
            return []
        if run.task.runIf == "false":
            return self.fold(Skipped(run.number, self.tick()))
        try:
            found = run.task.expand(SimContext(run))  # type: ignore[attr-defined]  # a flowable
        except TaskFailed as error:
            said = str(error), True, error.outputs, error.soft
            refused = Refused(run.number, self.tick(), *said)
            return self.fold(refused)
        now, pause = self.tick(), None
        if found.pause is not None:
            pause = FOREVER if found.pause < 0 else now + round(found.pause * 1e6)
        return self.fold(
            Expanded(run.number, now, found.lanes, found.limit, found.outputs, found.needs, pause)
        )

    def fired(self, run: TaskRun) -> Event:
        """A moment has come: for a pause that is over, or for anything else."""
        frame = self.execution.frames.get(run.number)
        if run.state is State.PAUSED and frame is not None and frame.phase is Phase.HELD:
            return self.resumed(run, run.task.elapsed(SimContext(run)))  # type: ignore[attr-defined]
        return TimerFired(run.number, self.tick())

    def answer(self, run: TaskRun) -> State:
        """What somebody says who is asked about a pause."""
        failed = self.state_of(run.task.id, 1) is State.FAILED
        return State.FAILED if failed else State.SUCCESS

    def resumed(self, run: TaskRun, state: State) -> Resumed:
        return Resumed(run.number, self.tick(), state, {"resumed": {"to": state.value}})

    def judge(self, run: TaskRun) -> list[Effect]:
        """LoopUntil goes on until it has made its passes; WorkingDirectory keeps nothing."""
        frame = self.execution.frames.get(run.number)
        if frame is None:
            return []
        if type(run.task).__name__ != "LoopUntil":
            return self.fold(Judged(run.number, self.tick(), {}))
        verdict = run.task.judge(SimContext(run), frame.worst)  # type: ignore[attr-defined]
        now = self.tick()
        again = None if verdict.again is None else now + round(verdict.again * 1e6)
        return self.fold(Judged(run.number, now, verdict.outputs, again))

    def ending(self, run: TaskRun) -> AttemptEnded:
        said = run.task.description or ""
        killed = run.state is State.KILLING or said == CALLED
        state = State.KILLED if killed else self.state_of(run.task.id, len(run.attempts))
        ended = AttemptEnded(run.number, self.tick(), state, {"value": run.task.id})
        if said.startswith(EXITS) and state is State.SUCCESS:
            ended.change = Change(exit=State(said[len(EXITS) :]))
        return ended

    def shape(self) -> list[tuple[Any, ...]]:
        """The listed task runs as plain facts."""
        listed = self.execution.listed()
        place = {run.number: number for number, run in enumerate(listed)}
        return [
            (
                run.task.id,
                None if run.parent is None else place[run.parent],
                run.value,
                run.iteration,
                run.state,
                (run.outputs or {}).get(ENDED),
                len(run.attempts),
            )
            for run in listed
        ]

    def facts(self) -> list[tuple[Any, ...]]:
        """The same without attempts, for runs that may have needed more of them, in the order of
        one worker.
        """
        self.execution.progress.concurrent = True
        return [one[:-1] for one in self.shape()]


def told_of(flow: Flow, lines: list[str]) -> Told:
    """The execution that these lines tell of."""
    told = Told(execution_of(flow), {})
    for line in lines:
        entry = entry_of(json.loads(line))
        assert line_of(entry) == line
        assert not isinstance(entry, LogLine)
        told.fold(entry)
    return told


def went_on(flow: Flow, state_of: StateOf, lines: list[str]) -> Simulation:
    """The execution that these lines tell of, in a new process, to its end."""
    told = told_of(flow, lines)
    after = later(flow, state_of, told)
    if told.ended:  # what was taken down after that changes nothing
        after.ended = told.execution.state
        return after
    if None not in told.execution.frames and not told.execution.runs:
        return after.run()
    for number in told.under_way:
        run = told.execution.runs[number]
        if number in told.execution.active and not run.ended:
            after.todo.add(after.fold(Lost(number, after.tick())))
    for effect in told.left():
        after.todo.add([effect])
    for run in told.execution.runs:
        frame = told.execution.calls.get(run.number)
        for nth, name in [] if frame is None else list(frame.running.items()):
            if name is not None and not run.ended and frame is not None and nth in frame.running:
                after.todo.add(after.land(run, nth))
    return after.go_on()


def later(flow: Flow, state_of: StateOf, told: Told) -> Simulation:
    """What goes on with an execution that was read back, a day later."""
    after = Simulation(flow, state_of, told.execution)
    after.at = 86_400_000_000
    return after
