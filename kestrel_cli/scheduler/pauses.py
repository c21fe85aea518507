"""Task runs that stand still: a Pause until somebody resumes it, a LoopUntil between two passes."""

from kestrel_cli.model.effect import Effect, Expand, WaitUntil
from kestrel_cli.model.event import Judged, Resumed
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.state import State
from kestrel_cli.model.task import FlowableTask, one_lane, tolerated
from kestrel_cli.scheduler.endings import exit_execution
from kestrel_cli.scheduler.frames import pump
from kestrel_cli.scheduler.states import advance, advance_execution


def resumed(flow: Flow, execution: Execution, event: Resumed) -> list[Effect]:
    """A Pause goes on: with its tasks, or to its end (spec/engine.md 3.14)."""
    run = execution.runs[event.run]
    if run.state is not State.PAUSED:
        return []  # killed meanwhile
    task, frame = run.task, execution.frames[run.number]
    assert isinstance(task, FlowableTask)  # only flowables pause
    run.outputs = {**(run.outputs or {}), **event.outputs}
    execution.record(run)
    execution.paused.pop(run.number, None)
    run.error = event.error
    if execution.state is State.PAUSED:
        advance_execution(execution, State.RESTARTED, event.at)
        advance_execution(execution, State.RUNNING, event.at)
    if event.state is State.CANCELLED:
        return exit_execution(flow, execution, run, State.CANCELLED, event.at)
    if any(task.blocks.get(name) for name in ("tasks", "errors", "finally")):
        advance(run, State.RUNNING, event.at)
        run.attempts[-1].history.append((State.RUNNING, event.at))
    frame.phase, frame.worst = Phase.BODY, tolerated(task, event.state)
    frame.failed = frame.worst is State.FAILED
    frame.lanes, frame.opened = one_lane("tasks", task.blocks.get("tasks", ())), 0
    return pump(flow, execution, run.number, None, event.at)


def judged(flow: Flow, execution: Execution, event: Judged) -> list[Effect]:
    """A flowable has looked at its body: it begins again later, or goes on as after any body."""
    run, frame = execution.runs[event.run], execution.frames[event.run]
    if execution.ending is not None:
        return pump(flow, execution, run.number, None, event.at)
    run.outputs = {**(run.outputs or {}), **event.outputs}
    execution.record(run)
    if event.again is not None:
        advance(run, State.PAUSED, event.at)
        run.attempts[-1].history.append((State.PAUSED, event.at))
        execution.paused[run.number] = None
        return [WaitUntil(run.number, event.again)]
    if event.error is not None:
        run.error, frame.worst, frame.failed = event.error, State.FAILED, True
    return pump(flow, execution, run.number, None, event.at)


def begin_again(execution: Execution, run: TaskRun, at: int) -> list[Effect]:
    """The next pass of a LoopUntil: what the last one made is taken out of the list
    (spec/engine.md 3.8).
    """
    execution.remove_below(run.number, execution.frames[run.number].first)
    execution.paused.pop(run.number, None)
    del execution.frames[run.number]
    run.iteration = (run.iteration or 0) + 1
    run.attempts.clear()
    advance(run, State.CREATED, at)
    execution.active[run.number] = True
    execution.working += 1
    if execution.state is State.PAUSED:
        advance_execution(execution, State.RUNNING, at)
    return [Expand(run.number)]
