"""io.kestra.plugin.core.flow.EachParallel"""

from typing import Annotated, Any

from kestrel_cli.tasks.base import (
    Dynamic,
    Expansion,
    Filled,
    FlowableTask,
    Lane,
    Limit,
    RunContext,
    Tasks,
)
from kestrel_cli.tasks.flow.loops import loop_values


class EachParallel(FlowableTask):
    """Run every task of every value side by side.

    Deprecated in Kestra: use ForEach with concurrencyLimit 0.
    """

    value: Dynamic[str | list[Any] | dict[str, Any]]
    concurrent: Dynamic[Limit] = 0
    tasks: Annotated[Tasks, Filled]

    def expand(self, ctx: RunContext) -> Expansion:
        tasks = range(len(self.blocks["tasks"]))
        lanes = [
            Lane("tasks", task, task + 1, value, number)
            for number, value in enumerate(loop_values(ctx, self.value))
            for task in tasks
        ]
        return Expansion(lanes, limit=ctx.integer(self.concurrent))
