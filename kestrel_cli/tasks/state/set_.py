"""io.kestra.plugin.core.state.Set"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, merged
from kestrel_cli.tasks.state.state_task import StateTask, state_key, state_of


class Set(StateTask):
    """Merge `data` into the state; outputs its `key` and the `count` of its entries.

    Deprecated in Kestra: use the key-value store.
    """

    data: Dynamic[dict[str, Any]] | None = None

    gives: ClassVar[dict[str, str]] = {
        "count": "how many entries it has now",
        "key": "the key in the key-value store",
    }
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        from kestrel_cli.tasks.base import to_plain

        key = state_key(ctx, self)
        data: Any = {} if self.data is None else to_plain(ctx.structure(self.data))
        state = merged(state_of(ctx, key) or {}, data)
        ctx.kv.set(key, state, ctx.about.namespace)
        return Outcome({"count": len(state), "key": key})
