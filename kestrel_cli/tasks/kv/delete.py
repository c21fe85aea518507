"""io.kestra.plugin.core.kv.Delete"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.kv.keys import missing_key, namespace_of
from kestrel_cli.tasks.properties.keys import checked_key


class Delete(RunnableTask):
    """Take a key away; the output `deleted` says whether it was there."""

    key: Dynamic[str]
    namespace: Dynamic[str] | None = None
    errorOnMissing: Dynamic[bool] = False

    gives: ClassVar[dict[str, str]] = {"deleted": "whether the key was there"}
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        namespace = namespace_of(ctx, self.namespace)
        key = checked_key(ctx, self.key)
        deleted = ctx.kv.delete(key, namespace)
        if not deleted and ctx.boolean(self.errorOnMissing):
            raise missing_key(ctx, key, namespace)
        return Outcome({"deleted": deleted})
