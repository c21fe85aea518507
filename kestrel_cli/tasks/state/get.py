"""io.kestra.plugin.core.state.Get"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.state.state_task import StateTask, state_key, state_of


class Get(StateTask):
    """Read the state as the output `data`, empty when there is none, and the `count` of its
    entries. Deprecated in Kestra: use the key-value store.
    """

    errorOnMissing: Dynamic[bool] = False

    gives: ClassVar[dict[str, str]] = {
        "count": "how many entries it has",
        "data": "the state, empty when there is none",
    }

    def run(self, ctx: RunContext) -> Outcome:
        key = state_key(ctx, self)
        state = state_of(ctx, key)
        if state is None and ctx.boolean(self.errorOnMissing):
            raise TaskFailed(f"State {key} not found")
        return Outcome({"count": len(state or {}), "data": state or {}})
