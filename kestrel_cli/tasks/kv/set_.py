"""io.kestra.plugin.core.kv.Set"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Duration, Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.kv.keys import namespace_of
from kestrel_cli.tasks.kv.value_types import KvType, converted, storable
from kestrel_cli.tasks.properties.keys import checked_key
from kestrel_cli.tasks.properties.rendering import source_text


class Set(RunnableTask):
    """Store a value under a key, for good or for `ttl`.

    A value that is one lone expression keeps its type; text becomes what `kvType` says. The
    description is not kept.
    """

    key: Dynamic[str]
    value: Dynamic[Any]
    namespace: Dynamic[str] | None = None
    overwrite: Dynamic[bool] = True
    ttl: Dynamic[Duration] | None = None
    kvType: Dynamic[KvType] | None = None
    kvDescription: Dynamic[str] | None = None

    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        namespace = namespace_of(ctx, self.namespace)
        key = checked_key(ctx, self.key)
        value = ctx.typed(source_text(self.value))
        if self.kvType is not None and isinstance(value, str):
            value = converted(value, ctx.text(self.kvType))
        ctx.text(self.kvDescription)
        ttl = None if self.ttl is None else ctx.duration(self.ttl).seconds
        if not ctx.boolean(self.overwrite) and key in ctx.kv.keys(namespace):
            raise TaskFailed(
                f"Cannot set value for key '{key}'. Key already exists and `overwrite` is set to"
                " `false`."
            )
        ctx.kv.set(key, storable(value), namespace, ttl)
        return Outcome()
