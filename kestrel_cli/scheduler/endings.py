"""Ends before the time: a kill, an Exit task, a broken service level, a pause that cancels."""

from kestrel_cli.model.effect import Effect, Kill
from kestrel_cli.model.event import Violated
from kestrel_cli.model.execution import Progress, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Frame, Phase
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.scheduler.calls import interrupted
from kestrel_cli.scheduler.frames import pump, settle
from kestrel_cli.scheduler.states import advance, advance_execution


def exit_execution(
    flow: Flow, progress: Progress, run: TaskRun, state: State, at: int
) -> list[Effect]:
    """The task run, the flowables around it and the execution end in `state`; what else is under
    way is killed. So ends an Exit task, a Pause that cancels, and a failure that is to be retried
    by a new execution.
    """
    around = []
    above = run.parent
    while above is not None:
        around.append(above)
        above = progress.runs[above].parent
    if run.number in progress.frames:  # a Pause, whose onPause may still be under way
        around.append(run.number)
    else:
        if state is State.KILLED:
            advance(run, State.KILLING, at)
        advance(run, state, at)
        settle(progress, run)
    progress.exits = frozenset(around)
    return ended_early(flow, progress, state, at)


def ended_early(flow: Flow, progress: Progress, state: State, at: int) -> list[Effect]:
    """The execution is to end in `state`: nothing new starts, what is under way is killed."""
    if progress.ending is not None:
        return []
    progress.ending = state
    if state is State.KILLED:
        progress.exits = frozenset()
        if progress.state not in TERMINAL:  # afterExecution may be killed: the state is final then
            advance_execution(progress, State.KILLING, at)
    effects: list[Effect] = []
    for number in list(progress.active):
        run = progress.runs[number]
        if run.number not in progress.exits:
            effects += _kill(progress, run, at)
    return effects + _close(flow, progress, at)


def _close(flow: Flow, progress: Progress, at: int) -> list[Effect]:
    """Close the frames of which nothing is under way, innermost first."""
    effects: list[Effect] = []
    for key in reversed(list(progress.frames)):
        if progress.ending is None:
            break  # one has climbed to the flow's own end: once more would end its listeners
        frame = progress.frames.get(key)
        if frame is not None and not frame.active and frame.phase is not Phase.CLOSED:
            effects += pump(flow, progress, key, None, at)
    return effects


def _kill(progress: Progress, run: TaskRun, at: int) -> list[Effect]:
    frame = progress.frames.get(run.number)
    if run.state is State.RUNNING:
        advance(run, State.KILLING, at)
        return [] if run.task.flowable else _interrupted(progress, run)
    if run.state is State.PAUSED and frame is not None and frame.active:
        advance(run, State.KILLING, at)
        progress.paused.pop(run.number, None)
        return []
    if run.state is State.PAUSED:
        if run.attempts:  # a LoopUntil whose next pass was about to begin has none
            run.attempts[-1].history.append((State.KILLED, at))
        progress.frames.pop(run.number, None)
    advance(run, State.KILLED, at)
    settle(progress, run)
    return []


def violated(flow: Flow, progress: Progress, event: Violated) -> list[Effect]:
    """A service level is broken; the first one ends the execution, unless it only labels it (NONE).
    With FAIL the latest task run under way has to be what failed; the others are killed.
    """
    known = {name for name, _ in event.labels}
    progress.labels = [pair for pair in progress.labels if pair[0] not in known] + event.labels
    if event.behavior == "NONE" or progress.ending is not None or progress.state in TERMINAL:
        return []
    state = State.FAILED if event.behavior == "FAIL" else State.CANCELLED
    if None not in progress.frames:  # it is broken before anything begins: nothing does
        progress.frames[None] = Frame(None, [])
    running = [n for n in progress.active if progress.runs[n].state is State.RUNNING]
    around = {number for number in running if progress.runs[number].task.flowable}
    latest = None
    if state is State.FAILED:  # one has to be what failed
        latest = max((number for number in running if number not in around), default=None)
    progress.exits = frozenset(around if latest is None else {*around, latest})
    effects = ended_early(flow, progress, state, event.at)
    return effects if latest is None else effects + _interrupted(progress, progress.runs[latest])


def _interrupted(progress: Progress, run: TaskRun) -> list[Effect]:
    return interrupted(progress, run) if run.task.executable else [Kill(run.number)]
