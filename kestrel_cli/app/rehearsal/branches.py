"""The branches of a flow that a rehearsal walks, and how one is taken by force."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from kestrel_cli.app.coverage.ways import Way, ways_of
from kestrel_cli.app.reading.loops import kind_of
from kestrel_cli.app.rehearsal.walk import Walk
from kestrel_cli.model.fields import Model, is_template
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import declared_blocks, walk
from kestrel_cli.model.task import FlowableTask, Task

_FLOW: Final = "io.kestra.plugin.core.flow."
_OTHER: Final = "another value"  # of a Switch: none of its cases
Key = tuple[str, str]


class Branch(NamedTuple):
    """One way that a flow can go. `task` is what decides; None: the flow itself (its `errors`)."""

    flow: Key
    task: str | None
    way: str

    def __str__(self) -> str:
        where = "the flow" if self.task is None else f"`{self.task}`"
        return f"{self.way} of {where}"


# Ways that a rehearsal can make a flow go; the cases of a Switch besides.
_WALKED: Final = frozenset(
    [
        "then",
        "else",
        "defaults",
        "values",
        "no values",
        "errors",
        "runIf",
        "no runIf",
        "allowed failure",
    ]
)


def branches_of(flow: Flow) -> Iterator[Branch]:
    """All of a flow that can be walked, in file order."""
    key = (flow.namespace, flow.id)
    return (Branch(key, *way) for way in ways_of(flow) if is_walked(way))


def is_walked(way: Way) -> bool:
    """Whether a rehearsal can make a flow go this way."""
    return way.name in _WALKED or way.name.startswith("case ")


@contextmanager
def forced(walk_: Walk, branch: Branch) -> Iterator[bool]:
    """While this lasts, the flow goes this way, as far as that can be made so: false when not."""
    flow = walk_.world.flows[branch.flow].flow
    changes: list[tuple[Task, str, Any]] = []
    failing: set[tuple[Key, str]] = set()
    holders = {id(task): holder for holder, task in walk(flow)}
    target = None if branch.task is None else flow.by_id.get(branch.task)
    if target is not None:
        _open(target, holders, changes)
        change = _change(target, branch.way)
        if change is not None:
            changes.append((target, *change))
    if branch.way == "errors":
        victim = _victim(flow if target is None else target)
        if victim is None:
            yield False
            return
        _open(victim, holders, changes)
        failing.add((branch.flow, victim.id))
    elif branch.way == "allowed failure" and target is not None:
        failing.add((branch.flow, target.id))
    before = [(task, name, task.__dict__.get(name)) for task, name, _ in changes]
    try:
        for task, name, value in changes:
            task.__dict__[name] = value
        walk_.failing |= failing
        yield True
    finally:
        walk_.failing -= failing
        for task, name, value in reversed(before):
            task.__dict__[name] = value


def _change(task: Task, way: str) -> tuple[str, Any] | None:
    match way:
        case "then" | "else":
            return "condition", "true" if way == "then" else "false"
        case "runIf" | "no runIf":
            return "runIf", "true" if way == "runIf" else "false"
        case "values" | "no values":
            name = "values" if hasattr(task, "values") else "value"
            return name, '["one", "two"]' if way == "values" else "[]"
        case "defaults":
            return "value", _OTHER
        case _ if way.startswith("case "):
            return "value", way.removeprefix("case ")
        case _:
            return None


def _open(task: Task, holders: dict[int, Model], changes: list[tuple[Task, str, Any]]) -> None:
    """Let everything around a task lead to it."""
    here: Task = task
    while isinstance(holder := holders.get(id(here)), Task):
        block = next(
            (
                name
                for name, tasks in declared_blocks(holder).items()
                if any(one is here for one in tasks)
            ),
            "",
        )
        kind = kind_of(holder)
        if is_template(str(holder.runIf)):
            changes.append((holder, "runIf", "true"))
        if kind == f"{_FLOW}If" and block in ("then", "else"):
            changes.append((holder, "condition", "true" if block == "then" else "false"))
        elif kind == f"{_FLOW}Switch" and block.startswith("cases."):
            changes.append((holder, "value", block.removeprefix("cases.")))
        elif kind == f"{_FLOW}Switch" and block == "defaults":
            changes.append((holder, "value", _OTHER))
        here = holder
    if is_template(str(task.runIf)):
        changes.append((task, "runIf", "true"))


def _victim(owner: Flow | Task) -> Task | None:
    """The first task in a body that can be made to fail."""
    waiting = list(declared_blocks(owner).get("tasks", ()))
    while waiting:
        task = waiting.pop(0)
        if task.disabled or task.allowFailure is True:
            continue
        if not isinstance(task, FlowableTask):
            return task
        waiting = [*declared_blocks(task).get("tasks", ()), *waiting]
    return None
