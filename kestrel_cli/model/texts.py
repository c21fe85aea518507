"""The texts of tasks and of their values: those that may be templates."""

from collections.abc import Iterator

from kestrel_cli.model.fields import Model
from kestrel_cli.model.task import Task


def texts_of(task: Task) -> Iterator[str]:
    """Every text of a task's properties, in order, without those of the tasks it holds."""
    waiting: list[object] = [
        getattr(task, declared.attribute)
        for declared in reversed(task.properties.values())
        if not declared.holds_tasks and declared.name not in ("id", "type", "description")
    ]
    yield from texts_in(waiting)


def texts_in(waiting: list[object]) -> Iterator[str]:
    """Every text in these values, the last one first."""
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case dict() as held:
                waiting.extend(part for pair in reversed(held.items()) for part in reversed(pair))
            case list() | tuple() as held:
                waiting.extend(reversed(held))
            case Model() as held:
                waiting.extend(getattr(held, one.attribute) for one in held.properties.values())
            case _:
                pass
