"""io.kestra.plugin.core.state.Set"""

from typing import Any, ClassVar

from kestrel_cli.model.task import Dynamic, Outcome, RunContext
from kestrel_cli.tasks.kv_types import storable
from kestrel_cli.tasks.merging import merged
from kestrel_cli.tasks.states import StateTask, state_key, state_of


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
        key = state_key(ctx, self)
        data = {} if self.data is None else storable(ctx.structure(self.data))
        state = merged(state_of(ctx, key) or {}, data)
        ctx.kv.set(key, state, ctx.about.namespace)
        return Outcome({"count": len(state), "key": key})
