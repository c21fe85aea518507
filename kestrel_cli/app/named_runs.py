"""Task runs by their names: `TASK`, or `TASK[outer][inner]` with the loop values around it.

A name is looked for in the execution that the user asked for; where that has no such run, in those
that its task runs have started: the iterations of a Loop, the batches of a ForEachItem, subflows.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from kestrel_cli.app.parts import selected
from kestrel_cli.app.story import Story, Told
from kestrel_cli.errors import NothingMatched, UsageError
from kestrel_cli.model.execution import Execution, TaskRun, item_text

T = TypeVar("T")
Finder = Callable[[Execution], TaskRun]
Place = tuple[Told, TaskRun]


def run_named(selector: str) -> Finder:
    """Finds the task run of an execution that `TASK[value]` names. Raises NothingMatched,
    UsageError.
    """

    def find(execution: Execution) -> TaskRun:
        task, values = selected(selector)
        runs = [run for run in execution.listed() if run.task.id == task]
        named = [(list(execution.values_above(run)), run) for run in runs]
        found = _fitting(selector, named, values)
        if found is None:
            raise _nothing(selector, {run.task.id for run in execution.listed()})
        return found

    return find


def run_named_in(selector: str) -> Callable[[Story], Place]:
    """Finds the task run of a story that `TASK[value]` names, and the execution that it is of.
    Raises NothingMatched, UsageError.
    """
    task, values = selected(selector)

    def find(story: Story) -> Place:
        root = story.root
        try:
            return root, run_named(selector)(root.execution)
        except NothingMatched:
            pass
        places = list(_below(story))
        named = [
            (_values_to(story, told, run), (told, run))
            for told, run in places
            if run.task.id == task
        ]
        found = _fitting(selector, named, values)
        if found is None:
            known = {run.task.id for run in root.execution.listed()}
            raise _nothing(selector, known | {run.task.id for _, run in places})
        return found

    return find


def path_to(story: Story, place: Place) -> list[Place]:
    """The task runs, with their executions, that lead from the one that the user asked for to this:
    each has started the execution of the next; the place itself is the last. Empty when it does not
    belong to what that execution shows.
    """
    path = [place]
    told, _ = place
    while told is not story.root:
        caller = told.execution.birth.caller
        if caller is None:
            return []  # of an execution that was RETRIED
        above = story.told[caller.execution]
        run = above.execution.runs[caller.run]
        if run.gone or told.execution not in above.execution.called.get(caller.run, ()):
            return []
        path.append((above, run))
        told = above
    path.reverse()
    return path


def _below(story: Story) -> Iterator[Place]:
    """The task runs of all executions that were started by others."""
    for told in story.told.values():
        if told is story.root or told.execution.birth.caller is None:
            continue
        for run in told.execution.listed():
            if path_to(story, (told, run)):
                yield told, run


def _values_to(story: Story, told: Told, run: TaskRun) -> list[str]:
    """The loop values around a task run, those of the executions around its own first."""
    found: list[str] = []
    for above, one in path_to(story, (told, run)):
        item = above.execution.item
        found += [] if item is None else [item_text(item.get("value"))]
        found += above.execution.values_above(one)
    return found


def _fitting(selector: str, named: list[tuple[list[str], T]], values: list[str]) -> T | None:
    """The only one with these values around it: all of them, or one that may be any of them."""
    found = [one for one in named if not values or one[0] == values]
    if not found and len(values) == 1:
        found = [one for one in named if values[0] in one[0]]
    if len(found) > 1:
        task, _ = selected(selector)
        paths = ", ".join(
            f"`{task}{''.join(f'[{value}]' for value in around)}`" for around, _ in found[:5]
        )
        raise UsageError(f"`{selector}` ran more than once: name one of them, such as {paths}")
    return found[0][1] if found else None


def _nothing(selector: str, known: set[str]) -> NothingMatched:
    names = ", ".join(sorted(known))
    return NothingMatched(f"the execution has no task run `{selector}`; there are runs of: {names}")
