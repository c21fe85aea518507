"""io.kestra.plugin.core.kv.Get"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.kv.keys import missing_key, namespace_of
from kestrel_cli.tasks.properties.keys import checked_key


class Get(RunnableTask):
    """Read the value of a key as the output `value`, which is not there when there is none.

    In the flow's own namespace its parents are asked as well, nearest first.
    """

    key: Dynamic[str]
    namespace: Dynamic[str] | None = None
    errorOnMissing: Dynamic[bool] = False

    gives: ClassVar[dict[str, str]] = {"value": "the value, when there is one"}

    def run(self, ctx: RunContext) -> Outcome:
        namespace = namespace_of(ctx, self.namespace)
        key = checked_key(ctx, self.key)
        found = ctx.kv.get(key, namespace)
        if not found and ctx.boolean(self.errorOnMissing):
            raise missing_key(ctx, key, namespace)
        return Outcome({"value": found[0]} if found and found[0] is not None else {})
