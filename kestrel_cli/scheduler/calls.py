"""Task runs that start executions: a call is a frame whose lanes are executions.

    Called        opens the frame: Launch for as many as may run at once
    Launched      the execution is under way; one that is not waited for leaves its lane at once
    CalledEnded   the lane is done: Launch the next, unless this one said `stop`
    (nothing runs and nothing is to be started)   Gather, which is answered with AttemptEnded

    a kill        no further one is started; Kill for each that runs. They still end one by one
    a restart     the results of the attempt before are taken up: what succeeded stays, what had
                  failed goes on (Launch again), what was never started is started

The frame goes with its attempt; of one that failed the results stay until it is known that no
restart wants them: until the next attempt, or the end of the process.
"""

from collections.abc import Iterable

from kestrel_cli.model.call import CallResult
from kestrel_cli.model.effect import Effect, Gather, Kill, Launch
from kestrel_cli.model.event import Called, CalledEnded, Launched, OpenCall
from kestrel_cli.model.execution import Progress, TaskRun
from kestrel_cli.model.frame import CallFrame
from kestrel_cli.model.state import State

_AGAIN = frozenset({State.FAILED, State.KILLED})  # what a restart goes on with


def called(progress: Progress, event: Called) -> list[Effect]:
    """The frame opens."""
    run = progress.runs[event.run]
    known = progress.calls.get(event.run)
    frame = CallFrame(event.calls, event.limit, event.wait)
    if known is not None:
        frame.before, frame.again = known.before, known.again
    # Killed, or to end with its execution, while it was rendered.
    frame.stopped = run.state is not State.RUNNING or progress.ending is not None
    progress.calls[event.run] = frame
    return _go_on(frame, event.run)


def launched(progress: Progress, event: Launched) -> list[Effect]:
    """An execution is under way."""
    frame = progress.calls.get(event.run)
    if frame is None or event.nth not in frame.running:
        return []
    if frame.wait:
        frame.running[event.nth] = event.execution
        return []
    del frame.running[event.nth]
    call = frame.calls[event.nth]
    frame.results[event.nth] = CallResult(call, State.CREATED, event.execution)
    return _go_on(frame, event.run)


def called_ended(progress: Progress, event: CalledEnded) -> list[Effect]:
    """An execution has ended, or could not be started."""
    frame = progress.calls.get(event.run)
    if frame is None or event.nth not in frame.running:
        return []  # nobody waits for it
    del frame.running[event.nth]
    frame.results[event.nth] = CallResult(
        frame.calls[event.nth], event.state, event.execution, event.outputs, event.error
    )
    frame.stopped |= event.stop
    return _go_on(frame, event.run)


def _go_on(frame: CallFrame, run: int) -> list[Effect]:
    effects: list[Effect] = []
    while (
        not frame.stopped
        and frame.opened < len(frame.calls)
        and (not frame.limit or len(frame.running) < frame.limit)
    ):
        nth = frame.opened
        frame.opened += 1
        before = frame.before.get(nth)
        if before is not None and nth not in frame.again:
            frame.results[nth] = before
            continue
        frame.running[nth] = None
        again = before is not None and before.execution is not None
        effects.append(Launch(run, nth, again))
    return effects if frame.running else [*effects, Gather(run)]


def interrupted(progress: Progress, run: TaskRun) -> list[Effect]:
    """The attempt is to end: its executions are killed, no further one is started."""
    frame = progress.calls.get(run.number)
    if frame is None or (frame.before and not frame.calls):
        return []  # it has not said yet what it starts: it will not start any
    frame.stopped = True
    running = {nth: one for nth, one in frame.running.items() if one is not None}
    frame.running = dict(running)  # a wish to start one is void
    return [Kill(run.number, nth) for nth in running] or [Gather(run.number)]


def left(progress: Progress, run: TaskRun) -> None:
    """The attempt of a task that starts executions is over."""
    frame = progress.calls.pop(run.number, None)
    if frame is None or run.attempts[-1].state not in _AGAIN:
        return
    results = {**frame.before, **frame.results}
    progress.calls[run.number] = CallFrame([], stopped=True, results=results)


def tried_anew(progress: Progress, run: TaskRun) -> None:
    """A retry starts executions of its own: what the attempt before has left is forgotten."""
    progress.calls.pop(run.number, None)


def take_up(progress: Progress, run: TaskRun) -> None:
    """A restart takes up the results of the attempt before, unless its task wants new ones."""
    frame = progress.calls.pop(run.number, None)
    if frame is not None and getattr(run.task, "restartBehavior", None) != "NEW_EXECUTION":
        again = [nth for nth, one in frame.results.items() if one.state in _AGAIN]
        _take_up(progress, run.number, frame.results, again)


def take_up_these(progress: Progress, call: OpenCall) -> None:
    """What a plan has worked out is taken up in place of that."""
    _take_up(progress, call.run, call.results, call.again)


def _take_up(
    progress: Progress, run: int, results: dict[int, CallResult], again: Iterable[int]
) -> None:
    progress.calls[run] = CallFrame([], stopped=True, before=results, again=frozenset(again))
