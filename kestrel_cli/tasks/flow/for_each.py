"""io.kestra.plugin.core.flow.ForEach"""

from typing import Annotated, Any

from kestrel_cli.tasks.base import (
    Dynamic,
    Expansion,
    Filled,
    FlowableTask,
    Limit,
    RunContext,
    Tasks,
)
from kestrel_cli.tasks.flow.loops import loop_values, value_lanes


class ForEach(FlowableTask):
    """Run the tasks once for each value, `concurrencyLimit` values at once (0: all).

    Values are rendered once, when the loop starts; Kestra renders them again at every step.
    """

    values: Dynamic[str | list[Any] | dict[str, Any]]
    concurrencyLimit: Limit = 1
    tasks: Annotated[Tasks, Filled]

    def expand(self, ctx: RunContext) -> Expansion:
        lanes = value_lanes(loop_values(ctx, self.values), self.blocks["tasks"])
        return Expansion(lanes, limit=self.concurrencyLimit)
