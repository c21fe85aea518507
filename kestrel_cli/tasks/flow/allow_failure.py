"""io.kestra.plugin.core.flow.AllowFailure"""

from typing import Annotated

from kestrel_cli.tasks.base import (
    Expansion,
    Filled,
    FlowableTask,
    RunContext,
    State,
    Tasks,
    one_lane,
    tolerated,
)


class AllowFailure(FlowableTask):
    """Like Sequential, but a failure inside ends it WARNING, after its `errors` ran."""

    tasks: Annotated[Tasks, Filled]

    def expand(self, ctx: RunContext) -> Expansion:
        return Expansion(one_lane("tasks", self.blocks["tasks"]))

    def final_state(self, worst: State) -> State:
        """FAILED becomes WARNING even with allowWarning, which Kestra looks at before."""
        return State.WARNING if worst is State.FAILED else tolerated(self, worst)
