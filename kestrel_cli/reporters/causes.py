"""Which task runs made an execution end as it did, in it or in the executions that it started."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.reporters.family import called_by
from kestrel_cli.reporters.paths import below, place_by_value, within


class Cause(NamedTuple):
    """A task run that failed; without one the outputs of the flow did. `outer` is the path of its
    execution.
    """

    execution: Execution
    run: TaskRun | None
    outer: str


class _Called(NamedTuple):
    """A failed execution, and the task run that started it."""

    execution: Execution
    by: Cause


def causes(root: Execution) -> Iterator[Cause]:
    """The failed leaves that made the execution fail: everything around them failed too."""
    todo: list[Cause | _Called] = list(reversed(_inside(root, "")))
    while todo:
        item = todo.pop()
        if isinstance(item, Cause):
            yield item
            continue
        call = item.by.run
        assert call is not None  # executions are started by task runs
        path = within(item.by.outer, place_by_value(item.by.execution, call))
        inside = _inside(item.execution, below(path, call, item.execution, by_value=True))
        todo += reversed(inside or [item.by])


def _inside(execution: Execution, outer: str) -> list[Cause | _Called]:
    counts = bytearray(len(execution.runs))
    failed = [run for run in execution.listed() if run.state is State.FAILED]
    for run in failed:
        if run.parent is None or counts[run.parent]:
            counts[run.number] = 1
    around = {run.parent for run in failed}
    found: list[Cause | _Called] = []
    for run in failed:
        if not counts[run.number] or run.number in around:
            continue
        cause = Cause(execution, run, outer)
        called = called_by(execution, run.number)
        inner = [_Called(one, cause) for one in called if one.state is State.FAILED]
        found += inner or [cause]
    if execution.error is not None:
        found.append(Cause(execution, None, outer))
    return found


def tally(executions: Iterable[Execution]) -> Counter[State]:
    """How many task runs are in which state, SUCCESS aside, and did not get it from below."""
    counts: Counter[State] = Counter()
    for execution in executions:
        runs = [run for run in execution.listed() if run.state is not State.SUCCESS]
        of_children = {(run.parent, run.state) for run in runs}
        for number, called in execution.called.items():
            of_children.update((number, one.state) for one in called)
        counts.update(run.state for run in runs if (run.number, run.state) not in of_children)
    return counts
