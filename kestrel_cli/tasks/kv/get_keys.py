"""io.kestra.plugin.core.kv.GetKeys"""

from typing import ClassVar, Final

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.kv.keys import namespace_of

_UNKNOWN: Final = (
    "no keys: Kestra 1.3 fails here when no flow is in the namespace: Cannot access the KV store."
    " The namespace '{}' does not exist."
)


class GetKeys(RunnableTask):
    """List the keys of a namespace that begin with `prefix`, or all of them."""

    prefix: Dynamic[str] | None = None
    namespace: Dynamic[str] | None = None

    gives: ClassVar[dict[str, str]] = {"keys": "the names of the keys, sorted"}

    def run(self, ctx: RunContext) -> Outcome:
        prefix = ctx.text(self.prefix)
        namespace = namespace_of(ctx, self.namespace)
        keys = ctx.kv.keys(namespace)
        if not keys and namespace is not None and not _is_above(namespace, ctx.about.namespace):
            ctx.log("WARN", _UNKNOWN.format(namespace))
        return Outcome({"keys": [key for key in keys if key.startswith(prefix)]})


def _is_above(namespace: str, own: str) -> bool:
    """Whether the flow's own namespace lies below it, so that there is a flow for sure."""
    return own.startswith(f"{namespace}.")
