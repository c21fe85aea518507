"""io.kestra.plugin.core.flow.Dag"""

from typing import Annotated

from kestrel_cli.tasks.base import (
    Children,
    Dynamic,
    Expansion,
    Filled,
    FlowableTask,
    Lane,
    Limit,
    Model,
    RunContext,
    Task,
)


class DagTask(Model):
    """A task of the graph, and the ids of those that have to end before it."""

    dependsOn: list[str] | None = None
    task: Annotated[Task, Children]


class Dag(FlowableTask):
    """Run tasks as soon as those they depend on have ended, in whatever state.

    `concurrent` is how many run at once (0: all that may). A FAILED task stops what has not begun.
    """

    concurrent: Dynamic[Limit] = 0
    tasks: Annotated[tuple[DagTask, ...], Children, Filled]

    def expand(self, ctx: RunContext) -> Expansion:
        tasks = self.blocks["tasks"]
        place = {task.id: number for number, task in enumerate(tasks)}
        depends = {one.task.id: one.dependsOn or [] for one in self.tasks}
        # A disabled task never ends in Kestra, so what needs it would wait for ever; here it counts
        # as ended.
        needs = [[place[name] for name in depends[task.id] if name in place] for task in tasks]
        lanes = [Lane("tasks", number, number + 1) for number in range(len(tasks))]
        return Expansion(lanes, limit=ctx.integer(self.concurrent), needs=needs)
