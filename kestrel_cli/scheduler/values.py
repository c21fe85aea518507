"""What `outputs` shows, kept up as task runs end; and how task runs are taken out again.

Values lie under the id of their task; under that, when loops stand around the run, under each loop
value, the outermost first: `outputs.task.outer.inner`.
"""

from typing import Any

from kestrel_cli.model.execution import Progress, TaskRun
from kestrel_cli.model.outputs import put


def path_of(progress: Progress, run: TaskRun) -> tuple[str, ...]:
    """Loop values around a task run whose flowable is open, outermost first, its own last."""
    above = progress.frames[run.parent].path
    return above if run.value is None else (*above, run.value)


def record(progress: Progress, run: TaskRun) -> None:
    """Show a run's outputs: under its task id, then under each loop value around it."""
    if run.outputs is None:
        return
    progress.recorded.append(run.number)
    put(progress.values, (run.task.id, *path_of(progress, run)), run.outputs)


def remove_below(progress: Progress, owner: int, first: int) -> None:
    """Take out every task run below a flowable's; none of them is older than `first`."""
    below = {owner}
    for run in progress.runs[first:]:
        if run.parent in below and not run.gone:
            below.add(run.number)
    for number in sorted(below - {owner}, reverse=True):
        remove(progress, progress.runs[number])


def remove_tree(progress: Progress, run: TaskRun) -> None:
    """Take out a task run and all below it."""
    remove_below(progress, run.number, run.number + 1)
    remove(progress, run)


def remove(progress: Progress, run: TaskRun) -> None:
    """Take a task run out of the list, and its outputs out of what `outputs` shows."""
    run.gone = True
    numbers = progress.runs_of.get(run.task.id, [])
    if numbers and numbers[-1] == run.number:  # the usual case: the newest goes first
        numbers.pop()
    elif run.number in numbers:
        numbers.remove(run.number)
    if progress.active.pop(run.number, False):
        progress.working -= 1
    progress.paused.pop(run.number, None)
    progress.seen.pop(run.number, None)
    progress.removals += 1
    progress.frames.pop(run.number, None)
    progress.calls.pop(run.number, None)
    progress.stopped.discard(run.number)
    run.attempts.clear()
    run.outputs = None
    _take_out(progress, (run.task.id, *_values_above(progress, run)))


def _values_above(progress: Progress, run: TaskRun) -> list[str]:
    """The loop values around a run, outermost first; its flowables may have closed."""
    values = []
    at: TaskRun | None = run
    while at is not None:
        if at.value is not None:
            values.append(at.value)
        at = None if at.parent is None else progress.runs[at.parent]
    values.reverse()
    return values


def _take_out(progress: Progress, path: tuple[str, ...]) -> None:
    """Take outputs out, and the maps around them that hold nothing else."""
    shelves: list[Any] = [progress.values]
    for part in path[:-1]:
        shelf = shelves[-1].get(part)
        if not isinstance(shelf, dict):
            return
        shelves.append(shelf)
    for shelf, part in zip(reversed(shelves), reversed(path), strict=True):
        shelf.pop(part, None)
        if shelf:
            return
