"""Which loops are around each task of a flow: their values come first in what `outputs` shows."""

from typing import Final, NamedTuple

from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import walk
from kestrel_cli.model.task import Task
from kestrel_cli.tasks import registry

FLOWABLES: Final = "io.kestra.plugin.core.flow."
LOOPS: Final = frozenset(
    f"{FLOWABLES}{one}" for one in ("ForEach", "EachSequential", "EachParallel")
)


class Places(NamedTuple):
    """Where tasks stand, by their ids: the loops around each, the innermost last; what holds it."""

    around: dict[str, list[Task]]
    holders: dict[str, Task]


def kind_of(task: Task) -> str:
    """The type of a task, by the name that it has today."""
    return registry.canonical(task.type)


def places_of(flow: Flow) -> Places:
    """The places of all tasks of a flow, those that are disabled too."""
    around: dict[str, list[Task]] = {}
    holders: dict[str, Task] = {}
    for holder, task in walk(flow):
        if not isinstance(holder, Task):
            around[task.id] = []
            continue
        above = around.get(holder.id, [])
        around[task.id] = [*above, holder] if kind_of(holder) in LOOPS else above
        holders[task.id] = holder
    return Places(around, holders)
