"""Ends before the time: a kill, an Exit task, a broken service level, a pause that cancels."""

from kestrel_cli.model.effect import Effect, Kill
from kestrel_cli.model.event import Violated
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.scheduler.frames import pump, settle
from kestrel_cli.scheduler.states import advance, advance_execution


def exit_execution(
    flow: Flow, execution: Execution, run: TaskRun, state: State, at: int
) -> list[Effect]:
    """The task run, the flowables around it and the execution end in `state`; what else is under
    way is killed (spec/engine.md 10, Exit; 5, CREATE_NEW_EXECUTION).
    """
    around = []
    above = run.parent
    while above is not None:
        around.append(above)
        above = execution.runs[above].parent
    if run.number in execution.frames:  # a Pause, whose onPause may still be under way
        around.append(run.number)
    else:
        if state is State.KILLED:
            advance(run, State.KILLING, at)
        advance(run, state, at)
        settle(execution, run)
    execution.exits = frozenset(around)
    return ended_early(flow, execution, state, at)


def ended_early(flow: Flow, execution: Execution, state: State, at: int) -> list[Effect]:
    """The execution is to end in `state`: nothing new starts, what is under way is killed."""
    if execution.ending is not None:
        return []
    execution.ending = state
    if state is State.KILLED:
        execution.exits = frozenset()
        if execution.state not in TERMINAL:  # afterExecution may be killed: the state is final then
            advance_execution(execution, State.KILLING, at)
    effects: list[Effect] = []
    for number in list(execution.active):
        run = execution.runs[number]
        if run.number not in execution.exits:
            effects += _kill(execution, run, at)
    for key in reversed(list(execution.frames)):  # innermost first
        frame = execution.frames.get(key)
        if frame is None or frame.active or frame.phase is Phase.CLOSED:
            continue
        effects += pump(flow, execution, key, None, at)
    return effects


def _kill(execution: Execution, run: TaskRun, at: int) -> list[Effect]:
    frame = execution.frames.get(run.number)
    if run.state is State.RUNNING:
        advance(run, State.KILLING, at)
        return [] if run.task.flowable else [Kill(run.number)]
    if run.state is State.PAUSED and frame is not None and frame.active:
        advance(run, State.KILLING, at)
        execution.paused.pop(run.number, None)
        return []
    if run.state is State.PAUSED:
        run.attempts[-1].history.append((State.KILLED, at))
        execution.frames.pop(run.number, None)
    advance(run, State.KILLED, at)
    settle(execution, run)
    return []


def violated(flow: Flow, execution: Execution, event: Violated) -> list[Effect]:
    """A service level is broken (spec/engine.md 6.10). The task run under way fails with it."""
    known = {name for name, _ in event.labels}
    execution.labels = [pair for pair in execution.labels if pair[0] not in known] + event.labels
    if event.behavior == "NONE" or execution.ending is not None or execution.state in TERMINAL:
        return []
    state = State.FAILED if event.behavior == "FAIL" else State.CANCELLED
    running = [n for n in execution.active if execution.runs[n].state is State.RUNNING]
    around = {number for number in running if execution.runs[number].task.flowable}
    latest = None
    if state is State.FAILED:  # one has to be what failed
        latest = max((number for number in running if number not in around), default=None)
    execution.exits = frozenset(around if latest is None else {*around, latest})
    interrupted: list[Effect] = [] if latest is None else [Kill(latest)]
    return ended_early(flow, execution, state, event.at) + interrupted
