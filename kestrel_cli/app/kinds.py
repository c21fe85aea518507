"""Types of tasks by the names that they have today."""

from typing import Final

from kestrel_cli.model.task import Task
from kestrel_cli.tasks import registry

FLOWABLES: Final = "io.kestra.plugin.core.flow."
LOOPS: Final = frozenset(
    f"{FLOWABLES}{one}" for one in ("ForEach", "EachSequential", "EachParallel")
)


def kind_of(task: Task) -> str:
    """The type of a task, by the name that it has today."""
    return registry.canonical(task.type)
