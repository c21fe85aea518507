"""io.kestra.plugin.core.flow.EachSequential"""

from typing import Annotated, Any

from kestrel_cli.tasks.base import Dynamic, Expansion, Filled, FlowableTask, RunContext, Tasks
from kestrel_cli.tasks.flow.loops import loop_values, value_lanes


class EachSequential(FlowableTask):
    """Run the tasks once for each value, one value after the other.

    Deprecated in Kestra: use ForEach.
    """

    value: Dynamic[str | list[Any] | dict[str, Any]]
    tasks: Annotated[Tasks, Filled]

    def expand(self, ctx: RunContext) -> Expansion:
        return Expansion(value_lanes(loop_values(ctx, self.value), self.blocks["tasks"]))
