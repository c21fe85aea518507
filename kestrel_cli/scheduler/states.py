"""Steps of task runs, attempts and executions from state to state.

Illegal ones are refused here and nowhere else.
"""

from kestrel_cli.model.execution import Attempt, Progress, TaskRun
from kestrel_cli.model.state import EXECUTION_TRANSITIONS, TERMINAL, TRANSITIONS, State


class IllegalTransition(Exception):
    """A state was to follow another that it may not follow."""


def advance(run: TaskRun, state: State, at: int) -> None:
    """Take a task run to `state`. Raises IllegalTransition for a step that is not in the table."""
    if state not in TRANSITIONS.get(run.state, ()):
        raise IllegalTransition(f"task run {run.number} `{run.task.id}`: {run.state} -> {state}")
    if state is not run.state:
        run.state = state
        step = (state, at)
        if run.attempts and run.attempts[-1].history[-1] == step:
            step = run.attempts[-1].history[-1]  # one tuple for both: a long loop holds many
        run.history.append(step)


def advance_execution(progress: Progress, state: State, at: int) -> None:
    """Take the execution to `state`; staying where it is is no step. Raises IllegalTransition."""
    if state is progress.state:
        return
    if state not in EXECUTION_TRANSITIONS.get(progress.state, ()):
        raise IllegalTransition(f"execution: {progress.state} -> {state}")
    progress.state = state
    progress.history.append((state, at))


def at_work(progress: Progress, number: int) -> None:
    """Something is to be done for a task run: while it is, the execution does not stand still."""
    if not progress.active.get(number):
        progress.active[number] = True
        progress.working += 1


def stands_open(progress: Progress, number: int) -> None:
    """A flowable has only its children to wait for."""
    if progress.active.get(number):
        progress.active[number] = False
        progress.working -= 1


def begin_attempt(run: TaskRun, at: int) -> None:
    """The task run is being worked on: RUNNING, with one more attempt. A flowable that was opened
    again is so already. Raises IllegalTransition for a run that has ended, or is being worked on.
    """
    if run.state in TERMINAL or (run.attempts and run.attempts[-1].state is State.RUNNING):
        raise IllegalTransition(
            f"task run {run.number} `{run.task.id}`: {run.state} -> {State.RUNNING}"
        )
    step = (State.RUNNING, at)
    if run.state is not State.RUNNING:
        advance(run, State.RUNNING, at)
        step = run.history[-1]
    created = (State.CREATED, at)
    run.attempts.append(Attempt([created] if run.task.told_late else [created, step]))


def end_attempt(run: TaskRun, state: State, at: int) -> Attempt:
    """The attempt under way is over."""
    attempt = run.attempts[-1]
    attempt.history.append((state, at))
    return attempt
