"""io.kestra.plugin.core.flow.Sequential"""

from typing import Annotated

from kestrel_cli.tasks.base import Expansion, Filled, FlowableTask, RunContext, Tasks, one_lane


class Sequential(FlowableTask):
    """Run tasks one after the other; the first that fails ends it."""

    tasks: Annotated[Tasks, Filled]

    def expand(self, ctx: RunContext) -> Expansion:
        return Expansion(one_lane("tasks", self.blocks["tasks"]))
