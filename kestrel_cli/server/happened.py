"""What happened between two pictures of an execution, as the events of a local run."""

from collections.abc import Callable

from kestrel_cli.model.event import (
    FOREVER,
    AttemptEnded,
    AttemptStarted,
    Begun,
    Concluded,
    Event,
    Expanded,
    KillRequested,
    Queued,
    Resumed,
    Skipped,
)
from kestrel_cli.model.execution import Attempt, Execution, History, TaskRun
from kestrel_cli.model.state import TERMINAL, State

Why = Callable[[TaskRun, int], str | None]  # why an attempt failed, by its number
Before = tuple[History, list[History]]  # of a task run, and of each of its attempts


def happened(
    execution: Execution, before: History, changed: dict[int, Before], why: Why
) -> list[Event]:
    """The events since the execution had this history and the task runs that changed had those, in
    the order of their moments. Flowables have no attempts of their own here: they end with what is
    in them.
    """
    found = _of_execution(execution, before)
    around = {run.parent for run in execution.runs}
    for number, known in changed.items():
        run = execution.runs[number]
        found += _of_run(run, known)
        if not (run.task.flowable or number in around):
            for nth, attempt in enumerate(run.attempts):
                had = known[1][nth] if nth < len(known[1]) else []
                found += _of_attempt(run, attempt, had, why(run, nth))
    return sorted(found, key=lambda event: event.at)  # equal moments keep their order


def _of_execution(execution: Execution, before: History) -> list[Event]:
    found: list[Event] = []
    for state, at in execution.history[len(before) :]:
        if state is State.RUNNING and not any(one is State.RUNNING for one, _ in before):
            found.append(Begun(at))
        elif state is State.QUEUED:
            found.append(Queued(at))
        elif state is State.KILLING:
            found.append(KillRequested(at))
        elif state in TERMINAL:
            found.append(Concluded(at, execution.outputs, execution.error))
    return found


def _of_run(run: TaskRun, before: Before) -> list[Event]:
    history, _ = before
    found: list[Event] = []
    last = history[-1][0] if history else None
    for state, at in run.history[len(history) :]:
        if state is State.SKIPPED:
            found.append(Skipped(run.number, at))
        elif state in (State.PAUSED, State.BREAKPOINT) and _waits_for_somebody(run):
            found.append(Expanded(run.number, at, [], 0, {}, pause=FOREVER))
        elif last is State.PAUSED:
            found.append(_resumed(run, at, state))
        last = state
    return found


def _of_attempt(run: TaskRun, attempt: Attempt, before: History, error: str | None) -> list[Event]:
    found: list[Event] = []
    for state, at in attempt.history[len(before) :]:
        if state is State.RUNNING:
            found.append(AttemptStarted(run.number, at))
        elif state in TERMINAL:
            ended = AttemptEnded(run.number, at, state, log_file=attempt.log_file)
            if state is State.FAILED:
                ended.error = error
            if attempt is run.attempts[-1]:
                ended.outputs = run.outputs
            found.append(ended)
    return found


def _resumed(run: TaskRun, at: int, state: State) -> Event:
    return Resumed(run.number, at, state, run.outputs or {}, run.error)


def _waits_for_somebody(run: TaskRun) -> bool:
    """Whether a pause has no end of its own, as far as the flow says."""
    said = run.task.__dict__
    return all(said.get(name) is None for name in ("pauseDuration", "delay", "timeout"))
