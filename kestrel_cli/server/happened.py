"""What happened between two pictures of an execution, as the events of a local run."""

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

Before = tuple[History, list[History]]  # of a task run, and of each of its attempts


def happened(execution: Execution, before: History, changed: dict[int, Before]) -> list[Event]:
    """The events since the execution had this history and the task runs that changed had those, in
    the order of their moments. Flowables have no attempts of their own here: they end with what is
    in them.
    """
    found = _of_execution(execution, before)
    around = {run.parent for run in execution.runs}
    for number, known in changed.items():
        run = execution.runs[number]
        found += _of_run(run, known, flowable=run.task.flowable or number in around)
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


def _of_run(run: TaskRun, before: Before, *, flowable: bool) -> list[Event]:
    history, attempts = before
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
    if flowable:
        return found
    for number, attempt in enumerate(run.attempts):
        known = attempts[number] if number < len(attempts) else []
        found += _of_attempt(run, attempt, known)
    return found


def _of_attempt(run: TaskRun, attempt: Attempt, before: History) -> list[Event]:
    found: list[Event] = []
    for state, at in attempt.history[len(before) :]:
        if state is State.RUNNING:
            found.append(AttemptStarted(run.number, at))
        elif state in TERMINAL:
            error = run.error if attempt is run.attempts[-1] and state is State.FAILED else None
            outputs = run.outputs if attempt is run.attempts[-1] else None
            log = attempt.log_file
            found.append(AttemptEnded(run.number, at, state, outputs, error=error, log_file=log))
    return found


def _resumed(run: TaskRun, at: int, state: State) -> Event:
    return Resumed(run.number, at, state, run.outputs or {}, run.error)


def _waits_for_somebody(run: TaskRun) -> bool:
    """Whether a pause has no end of its own, as far as the flow says."""
    said = run.task.__dict__
    return all(said.get(name) is None for name in ("pauseDuration", "delay", "timeout"))
