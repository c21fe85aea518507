"""The branches of a flow: which of them a run has taken, how another one is taken by force."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from kestrel_cli.app.reading.loops import LOOPS, kind_of
from kestrel_cli.app.rehearsal.walk import Walk
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.fields import Model, is_template
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.index import declared_blocks, walk
from kestrel_cli.model.state import State
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


def branches_of(flow: Flow) -> Iterator[Branch]:
    """All of a flow, in file order."""
    key = (flow.namespace, flow.id)
    if flow.blocks.get("errors"):
        yield Branch(key, None, "errors")
    for _, task in walk(flow):
        if not task.disabled:
            for way in _ways(task):
                yield Branch(key, task.id, way)


def _ways(task: Task) -> Iterator[str]:
    if is_template(str(task.runIf)):
        yield from ("runIf", "no runIf")
    kind = kind_of(task)
    blocks: dict[str, Any] = task.__dict__.get("blocks", {})
    if kind == f"{_FLOW}If":
        yield from ("then", "else")
    elif kind == f"{_FLOW}Switch":
        yield from (f"case {name}" for name in getattr(task, "cases", None) or ())
        if getattr(task, "defaults", None):
            yield "defaults"
    elif kind in LOOPS and is_template(str(_values(task))):
        yield from ("values", "no values")
    if blocks.get("errors"):
        yield "errors"
    if task.allowFailure is True and not task.flowable:
        yield "allowed failure"


def _values(task: Task) -> Any:
    return getattr(task, "values", None) or getattr(task, "value", None)


def taken(execution: Execution) -> set[Branch]:
    """The branches that an execution took, and those that it called."""
    found: set[Branch] = set()
    waiting = [execution]
    while waiting:
        one = waiting.pop()
        key = (one.flow.namespace, one.flow.id)
        for run in one.runs:
            found |= {Branch(key, *way) for way in _of_run(one, run)}
            waiting += one.called.get(run.number, ())
        waiting += one.earlier
    return found


def _of_run(execution: Execution, run: TaskRun) -> Iterator[tuple[str | None, str]]:
    task = run.task
    if run.phase is Phase.ERRORS:
        yield (None if run.parent is None else execution.runs[run.parent].task.id), "errors"
    yield task.id, "no runIf" if run.state is State.SKIPPED else "runIf"
    if run.state is State.SKIPPED:
        return
    if task.allowFailure is True and any(one.state is State.FAILED for one in run.attempts):
        yield task.id, "allowed failure"
    kind, outputs = kind_of(task), run.outputs or {}
    if kind == f"{_FLOW}If" and "evaluationResult" in outputs:
        yield task.id, "then" if outputs["evaluationResult"] else "else"
    elif kind == f"{_FLOW}Switch" and "value" in outputs:
        known = outputs["value"] in (getattr(task, "cases", None) or ())
        yield task.id, f"case {outputs['value']}" if known else "defaults"
    elif kind in LOOPS and run.attempts:
        held = any(one.parent == run.number for one in execution.runs[run.number + 1 :])
        yield task.id, "values" if held else "no values"


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
