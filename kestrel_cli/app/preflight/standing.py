"""Which tasks of a flow run whatever happens, which in a loop, and which only maybe."""

import json
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Final

from kestrel_cli.model.fields import is_template
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.record import frozen
from kestrel_cli.model.task import Task

Covers = Callable[[Task], bool]


class Level(IntEnum):
    """How surely something is reached, if nothing before it fails."""

    SURE = 0
    LOOPED = 1  # in a loop over values that only the run knows: hardly ever none
    MAYBE = 2


@frozen
class Standing:
    """An enabled task. It is soft when the execution goes on after its failure; `inside_soft` when
    that is so for what is around it.
    """

    task: Task
    level: Level
    soft: bool
    inside_soft: bool


# Flowables that run all that they hold, and those that do so for each value.
_ALL: Final = frozenset(
    (
        "AllowFailure",
        "Dag",
        "ForEachItem",
        "LoopUntil",
        "Parallel",
        "Pause",
        "Sequential",
        "WorkingDirectory",
    )
)
_EACH: Final = frozenset(("EachParallel", "EachSequential", "ForEach", "Loop"))
_SOFT: Final = "AllowFailure"
_ENDS: Final = frozenset(("Exit", "Fail"))
_AFTERWARDS: Final = frozenset(("finally", "afterExecution"))


def standings(
    flow: Flow,
    covers: Covers = lambda _: False,
    level: Level = Level.SURE,
    *,
    soft: bool = False,
) -> Iterator[Standing]:
    """The enabled tasks of a flow that is reached so, in file order; none that a mock `covers`, and
    nothing that such a one holds.
    """
    waiting = _below(flow.blocks, level, level, soft=soft)
    ended = False
    while waiting:
        task, level, soft = waiting.pop()
        if covers(task):
            continue
        if ended or task.runIf != "true":
            level = Level.MAYBE
        inside_soft = soft
        soft = soft or task.allowFailure or task.allowWarning
        yield Standing(task, level, soft, inside_soft)
        name = _own_name(task)
        ended = ended or name in _ENDS
        held = task.__dict__.get("blocks")
        if held:
            inside = _inside(task, name, level)
            waiting += _below(held, level, inside, soft=soft or name == _SOFT)


def _below(
    blocks: dict[str, tuple[Task, ...]], own: Level, inside: Level, *, soft: bool
) -> list[tuple[Task, Level, bool]]:
    """The tasks of blocks, the first one last: `inside` is how surely the body is reached."""
    found = []
    for name, tasks in blocks.items():
        if name in _AFTERWARDS:
            found += [(task, own, True) for task in tasks]
        else:
            level = inside if name in ("tasks", "hidden") else Level.MAYBE
            found += [(task, level, soft) for task in tasks]
    return found[::-1]


def _inside(task: Task, name: str | None, level: Level) -> Level:
    if name in _ALL:
        return level
    if name in _EACH:
        return max(level, _of_loop(task))
    return Level.MAYBE


def _of_loop(task: Task) -> Level:
    values = getattr(task, "values", None) or getattr(task, "value", None)
    if isinstance(values, str) and not is_template(values):
        try:
            values = json.loads(values)
        except ValueError:
            return Level.MAYBE
    if isinstance(values, str):
        return Level.LOOPED
    return Level.SURE if values else Level.MAYBE


def _own_name(task: Task) -> str | None:
    """The name of a class of ours: other packages may have types of the same name."""
    kind = type(task)
    return kind.__name__ if kind.__module__.startswith("kestrel_cli.tasks.") else None
