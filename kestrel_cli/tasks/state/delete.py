"""io.kestra.plugin.core.state.Delete"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.state.state_task import StateTask, state_key


class Delete(StateTask):
    """Take the state away; the output `deleted` says whether there was one.

    Deprecated in Kestra: use the key-value store.
    """

    errorOnMissing: Dynamic[bool] = False

    gives: ClassVar[dict[str, str]] = {"deleted": "whether there was a state"}
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        deleted = ctx.kv.delete(state_key(ctx, self), ctx.about.namespace)
        if not deleted and ctx.boolean(self.errorOnMissing):
            raise TaskFailed(f"Unable to find the state file '{ctx.text(self.name)}'")
        return Outcome({"deleted": deleted})
