"""What the loader works out once about a tree of tasks: blocks, tasks by id, retry policies."""

from collections.abc import Iterator

from kestrel_cli.model.fields import Model
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.retry import Retry
from kestrel_cli.model.task import FlowableTask, Task

Blocks = dict[str, tuple[Task, ...]]


def declared_blocks(owner: Model) -> Blocks:
    """Every block of a flow or flowable, with its disabled tasks; `cases.x` for a map of blocks."""
    blocks: Blocks = {}
    for declared in owner.properties.values():
        if declared.holds_tasks:
            blocks.update(_blocks(declared.name, getattr(owner, declared.attribute)))
    if isinstance(owner, FlowableTask) and (hidden := owner.hidden()):
        blocks["hidden"] = hidden
    return blocks


def _blocks(name: str, held: object) -> Iterator[tuple[str, tuple[Task, ...]]]:
    match held:
        case Task():
            yield name, (held,)
        case dict():
            for key, tasks in held.items():
                yield f"{name}.{key}", tuple(tasks)
        case tuple() if name == "listeners":
            for number, listener in enumerate(held):
                yield f"{name}.{number}", listener.tasks
        case tuple() | list():
            yield name, tuple(item if isinstance(item, Task) else item.task for item in held)
        case _:
            return


def enabled_blocks(owner: Model) -> Blocks:
    """The blocks without their disabled tasks: what can run."""
    return {
        name: tuple(task for task in tasks if not task.disabled)
        for name, tasks in declared_blocks(owner).items()
    }


def walk(owner: Model) -> Iterator[tuple[Model, Task]]:
    """Every task below `owner` with what holds it, parents first, in file order; any depth."""
    stack: list[tuple[Model, Task]] = _held_by(owner)
    while stack:
        holder, task = stack.pop()
        yield holder, task
        if task.flowable or task.executable:
            stack.extend(_held_by(task))


def _held_by(owner: Model) -> list[tuple[Model, Task]]:
    held = [(owner, task) for tasks in declared_blocks(owner).values() for task in tasks]
    held.reverse()
    return held


def index(flow: Flow) -> None:
    """Fill in the flow's internal tables; called once, by the loader."""
    by_id: dict[str, Task] = {}
    policies: dict[str, Retry] = {}
    for holder, task in walk(flow):
        by_id.setdefault(task.id, task)
        inherited = flow.retry if holder is flow else policies.get(holder.__dict__["id"])
        if policy := task.retry or inherited:
            policies[task.id] = policy
        if task.flowable or task.executable:
            task.__dict__["blocks"] = enabled_blocks(task)
    flow.__dict__.update(blocks=enabled_blocks(flow), by_id=by_id, policies=policies)


def enabled(flow: Flow) -> Iterator[Task]:
    """Every task that can run, parents first, in file order; any depth."""
    waiting = [task for tasks in reversed(flow.blocks.values()) for task in reversed(tasks)]
    while waiting:
        task = waiting.pop()
        yield task
        held: Blocks = task.__dict__.get("blocks", {})
        waiting.extend(below for tasks in reversed(held.values()) for below in reversed(tasks))


def body_flow(flow: Flow, task: Task) -> Flow:
    """The flow that an iteration of Loop is an execution of; made once for a task."""
    known: Flow | None = task.__dict__.get("body_flow")
    if known is not None:
        return known
    held = task.__dict__
    body = flow.changed(
        inputs=[],
        tasks=held["tasks"],
        errors=held["errors"],
        finally_=held["finally_"],
        listeners=(),
        afterExecution=(),
        outputs=held["outputs"],
        retry=None,
        sla=[],
        concurrency=None,
    )
    body.__dict__.update(
        where=task.where,
        blocks=held["blocks"],
        by_id=flow.by_id,
        policies=flow.policies,
        label_pairs=flow.label_pairs,
    )
    held["body_flow"] = body
    return body
