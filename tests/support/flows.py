"""Flows made in Python, for tests that need no file."""

from typing import Any

from kestrel_cli.diagnostic import Position
from kestrel_cli.model.fields import DOUBT, accept_all, made_of
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import index
from kestrel_cli.model.schema import judge
from kestrel_cli.model.task import Task
from kestrel_cli.tasks.registry import find

CORE = "io.kestra.plugin.core."


def task(type_name: str, task_id: str, **properties: Any) -> Task:
    """A task of one of the core types, by the last parts of its name (`flow.If`), or of any type
    by its whole name.
    """
    name = type_name if type_name.startswith("io.") else CORE + type_name
    cls = find(name)
    assert cls is not None, type_name
    made = made_of(cls, {"id": task_id, "type": name, **properties})
    made.__dict__["where"] = Position("test.yaml", 1, 1)
    assert isinstance(made, Task)
    return made


def written(type_name: str, **properties: Any) -> Task:
    """A task of any type, by its whole name, with its properties as a flow file says them."""
    cls = find(type_name)
    assert cls is not None, type_name
    values = {"id": "task", "type": type_name, **properties}
    made = accept_all(cls, values)
    if made is DOUBT:
        made, flaws = judge(cls, values)
        assert not flaws, flaws
    made.__dict__["where"] = Position("test.yaml", 1, 1)
    return made


def leaf(task_id: str, **properties: Any) -> Task:
    """A task that does nothing of interest."""
    return task("debug.Return", task_id, **properties)


def sequence(task_id: str, *tasks: Task, **properties: Any) -> Task:
    """Tasks one after the other."""
    return task("flow.Sequential", task_id, tasks=tasks, **properties)


def flow(*tasks: Task, **properties: Any) -> Flow:
    """A flow of these tasks, indexed as the loader does it."""
    made = made_of(Flow, {"id": "test", "namespace": "company.team", "tasks": tasks, **properties})
    assert isinstance(made, Flow)
    made.__dict__.update(where=Position("test.yaml", 1, 1), label_pairs=[])
    index(made)
    return made
