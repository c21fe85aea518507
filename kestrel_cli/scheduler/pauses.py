"""Task runs that stand still: a Pause until somebody resumes it, a LoopUntil between two passes."""

from kestrel_cli.model.effect import Effect, Expand, WaitUntil
from kestrel_cli.model.event import Judged, Resumed
from kestrel_cli.model.execution import Progress, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.state import State
from kestrel_cli.model.task import FlowableTask, one_lane, tolerated
from kestrel_cli.scheduler.endings import exit_execution
from kestrel_cli.scheduler.frames import is_one_worker, pump
from kestrel_cli.scheduler.states import advance, advance_execution, at_work, stands_open
from kestrel_cli.scheduler.values import record, remove_below


def resumed(flow: Flow, progress: Progress, event: Resumed) -> list[Effect]:
    """A Pause goes on: RUNNING with its tasks, or at once to its end where it has none."""
    run = progress.runs[event.run]
    if run.state is not State.PAUSED:
        return []  # killed meanwhile
    task, frame = run.task, progress.frames[run.number]
    assert isinstance(task, FlowableTask)  # only flowables pause
    run.outputs = {**(run.outputs or {}), **event.outputs}
    record(progress, run)
    progress.paused.pop(run.number, None)
    run.error = event.error
    if progress.state is State.PAUSED:
        advance_execution(progress, State.RESTARTED, event.at)
        advance_execution(progress, State.RUNNING, event.at)
    if event.state is State.CANCELLED:
        return exit_execution(flow, progress, run, State.CANCELLED, event.at)
    if any(task.blocks.get(name) for name in ("tasks", "errors", "finally")):
        advance(run, State.RUNNING, event.at)
    frame.phase, frame.worst = Phase.BODY, tolerated(task, event.state)
    # A failure that is allowed lets its tasks run; where there are none, its errors do.
    allowed = frame.worst is not State.FAILED and bool(task.blocks.get("tasks"))
    frame.failed = event.state is State.FAILED and not allowed
    frame.lanes, frame.opened = one_lane("tasks", task.blocks.get("tasks", ())), 0
    return pump(flow, progress, run.number, None, event.at)


def judged(flow: Flow, progress: Progress, event: Judged) -> list[Effect]:
    """A flowable has looked at its body: it begins again later, or goes on as after any body."""
    run, frame = progress.runs[event.run], progress.frames[event.run]
    stands_open(progress, run.number)
    if progress.ending is not None:
        return pump(flow, progress, run.number, None, event.at)
    run.outputs = {**(run.outputs or {}), **event.outputs}
    record(progress, run)
    if event.again is not None:
        advance(run, State.PAUSED, event.at)
        progress.paused[run.number] = None
        return [WaitUntil(run.number, event.again)]
    if event.error is not None:
        run.error, frame.worst, frame.failed = event.error, State.FAILED, True
        frame.refused = not is_one_worker(run)
    return pump(flow, progress, run.number, None, event.at)


def begin_again(progress: Progress, run: TaskRun, at: int) -> list[Effect]:
    """The next pass of a LoopUntil: what the last one made is taken out of the list, so that it
    shows the last pass only.
    """
    remove_below(progress, run.number, progress.frames[run.number].first)
    progress.paused.pop(run.number, None)
    del progress.frames[run.number]
    run.iteration = (run.iteration or 0) + 1
    run.attempts.clear()
    at_work(progress, run.number)
    if progress.state is State.PAUSED:
        advance_execution(progress, State.RUNNING, at)
    return [Expand(run.number)]
