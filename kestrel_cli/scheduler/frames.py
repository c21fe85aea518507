"""Frames at work: which task runs a frame may start, which phase comes next, how it closes."""

from kestrel_cli.model.effect import Conclude, Effect, End, Expand, RunAttempt
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Frame, Lane, Phase
from kestrel_cli.model.state import SEVERITY, State
from kestrel_cli.model.task import FlowableTask, Task, one_lane
from kestrel_cli.scheduler.states import advance, advance_execution, end_attempt

Blocks = dict[str, tuple[Task, ...]]

# What may follow a phase, first match with tasks wins. ERRORS is entered only after a failure.
_NEXT = {
    Phase.BODY: ((Phase.ERRORS, "errors"), (Phase.FINALLY, "finally")),
    Phase.ERRORS: ((Phase.FINALLY, "finally"),),
    Phase.FINALLY: (),
}


def pump(
    flow: Flow, execution: Execution, key: int | None, idle: int | None, at: int
) -> list[Effect]:
    """Start what frame `key` allows; close it once nothing of it is active, then go on in its
    parent.

    `idle` is the lane whose task run has just ended, if any. Returns the effects in the order of
    creation.
    """
    effects: list[Effect] = []
    while True:
        frame = execution.frames[key]
        blocks = _blocks(flow, execution, key)
        if not execution.killing:
            _start(execution, frame, blocks, idle, at, effects)
        if frame.active:
            return effects
        if not execution.killing and _next_phase(frame, blocks):
            idle = None
            continue
        if key is None:
            _end_of_flow(execution, frame, blocks, at, effects)
            if frame.phase is Phase.AFTER and not frame.opened and not execution.killing:
                idle = None
                continue
            return effects
        run = execution.runs[key]
        _close(execution, frame, run, at)
        key, idle = run.parent, settle(execution, run)


def settle(execution: Execution, run: TaskRun) -> int:
    """A task run reached its end: show its outputs, fold its state into its frame.

    Returns its lane.
    """
    frame = execution.frames[run.parent]
    execution.record(run)
    del execution.active[run.number]
    frame.active -= 1
    if frame.phase is Phase.BODY and SEVERITY[run.state] > SEVERITY[frame.worst]:
        frame.worst = run.state
    return frame.lane_numbers.pop(run.number)


def _blocks(flow: Flow, execution: Execution, key: int | None) -> Blocks:
    if key is None:
        return flow.blocks
    task = execution.runs[key].task
    assert isinstance(task, FlowableTask)  # only flowables have frames
    return task.blocks


def _start(
    execution: Execution,
    frame: Frame,
    blocks: Blocks,
    idle: int | None,
    at: int,
    effects: list[Effect],
) -> None:
    if frame.phase is Phase.BODY and SEVERITY[frame.worst] >= SEVERITY[State.FAILED]:
        return
    if idle is not None and frame.lanes[idle].next < frame.lanes[idle].stop:
        effects.append(_create(execution, frame, idle, blocks, at))
    while frame.opened < len(frame.lanes) and (not frame.limit or frame.active < frame.limit):
        frame.opened += 1
        effects.append(_create(execution, frame, frame.opened - 1, blocks, at))


def _create(execution: Execution, frame: Frame, number: int, blocks: Blocks, at: int) -> Effect:
    lane = frame.lanes[number]
    task = blocks[lane.block][lane.next]
    lane.next += 1
    run = TaskRun(
        len(execution.runs),
        task,
        frame.run,
        lane.value,
        lane.iteration,
        State.CREATED,
        [(State.CREATED, at)],
    )
    if execution.state is State.CREATED:
        advance_execution(execution, State.RUNNING, at)
    execution.runs.append(run)
    execution.active[run.number] = None
    execution.runs_of.setdefault(task.id, []).append(run.number)
    frame.active += 1
    frame.lane_numbers[run.number] = number
    return Expand(run.number) if task.flowable else RunAttempt(run.number)


def _next_phase(frame: Frame, blocks: Blocks) -> bool:
    """Go to the next phase that has tasks; false when there is none."""
    for phase, name in _NEXT.get(frame.phase, ()):
        if blocks.get(name) and (phase is not Phase.ERRORS or frame.worst is State.FAILED):
            _enter(frame, phase, one_lane(name, blocks[name]))
            return True
    return False


def _enter(frame: Frame, phase: Phase, lanes: list[Lane]) -> None:
    frame.phase, frame.lanes, frame.opened, frame.limit = phase, lanes, 0, 1


def _close(execution: Execution, frame: Frame, run: TaskRun, at: int) -> None:
    """The flowable's task run ends with the state that its children leave it."""
    task = run.task
    assert isinstance(task, FlowableTask)
    killed = run.state is State.KILLING
    state = State.KILLED if killed else task.final_state(frame.worst)
    frame.phase = Phase.CLOSED
    end_attempt(run, state, at)
    advance(run, state, at)
    del execution.frames[frame.run]


def _end_of_flow(
    execution: Execution, frame: Frame, blocks: Blocks, at: int, effects: list[Effect]
) -> None:
    """The flow's own way out: conclude, then afterExecution, then the end."""
    if execution.killing:
        if execution.state is State.KILLING:
            advance_execution(execution, State.KILLED, at)
        frame.phase = Phase.CLOSED
        effects.append(End(execution.state))
    elif frame.phase < Phase.CONCLUDING:
        frame.phase = Phase.CONCLUDING
        effects.append(Conclude())
    elif frame.phase is Phase.CONCLUDING and blocks.get("afterExecution"):
        _enter(frame, Phase.AFTER, one_lane("afterExecution", blocks["afterExecution"]))
    else:
        frame.phase = Phase.CLOSED
        effects.append(End(execution.state))
