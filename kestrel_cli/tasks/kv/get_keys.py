"""io.kestra.plugin.core.kv.GetKeys"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.kv.keys import namespace_of


class GetKeys(RunnableTask):
    """List the keys of a namespace that begin with `prefix`, or all of them."""

    prefix: Dynamic[str] | None = None
    namespace: Dynamic[str] | None = None

    gives: ClassVar[dict[str, str]] = {"keys": "the names of the keys, sorted"}

    def run(self, ctx: RunContext) -> Outcome:
        prefix = ctx.text(self.prefix)
        keys = ctx.kv.keys(namespace_of(ctx, self.namespace))
        return Outcome({"keys": [key for key in keys if key.startswith(prefix)]})
