"""io.kestra.plugin.core.flow.Parallel"""

from typing import Annotated

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


class Parallel(FlowableTask):
    """Run tasks side by side, at most `concurrent` at once (0: all). A failure stops only those
    that have not begun.
    """

    tasks: Annotated[Tasks, Filled]
    concurrent: Dynamic[Limit] = 0

    def expand(self, ctx: RunContext) -> Expansion:
        lanes = [Lane("tasks", n, n + 1) for n in range(len(self.blocks["tasks"]))]
        return Expansion(lanes, limit=ctx.integer(self.concurrent))
