"""io.kestra.plugin.core.kv.Put"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed, merged
from kestrel_cli.tasks.kv.keys import missing_key, namespace_of
from kestrel_cli.tasks.kv.value_types import storable
from kestrel_cli.tasks.properties.keys import checked_key


class Put(RunnableTask):
    """Change the value of a key, or make it.

    A map is merged into the map that is there. A list of `key` (dots lead inside) and `value`
    changes single fields; a list of one `value` replaces everything. The value is kept for good.
    """

    key: Dynamic[str]
    value: Dynamic[Any]
    namespace: Dynamic[str] | None = None
    errorOnMissing: Dynamic[bool] = False

    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        namespace = namespace_of(ctx, self.namespace)
        key = checked_key(ctx, self.key)
        given = self.value
        value = ctx.structure(given) if isinstance(given, (dict, list)) else ctx.typed(given)
        known = ctx.kv.get(key, namespace or ctx.about.namespace)
        if not known and ctx.boolean(self.errorOnMissing):
            raise missing_key(ctx, key, namespace)
        ctx.kv.set(key, _changed(known[0] if known else None, storable(value)), namespace)
        return Outcome()


def _changed(old: Any, new: Any) -> Any:
    if isinstance(new, list) and new and all(_is_entry(entry) for entry in new):
        keyed = [entry for entry in new if entry.get("key") is not None]
        if not keyed and len(new) == 1:
            return new[0]["value"]
        if len(keyed) < len(new):
            raise TaskFailed("an entry of `value` without a `key` has to be the only one")
        return _with_fields(old, keyed)
    if isinstance(old, dict) and isinstance(new, dict):
        return merged(old, new)
    return new


def _is_entry(entry: object) -> bool:
    return isinstance(entry, dict) and "value" in entry and set(entry) <= {"key", "value"}


def _with_fields(old: Any, entries: list[dict[str, Any]]) -> dict[str, Any]:
    if old is not None and not isinstance(old, dict):
        raise TaskFailed("fields of `value` can only be changed in a map, and the key holds none")
    fields: dict[str, Any] = {}
    for entry in entries:
        path = entry["key"]
        if not isinstance(path, str) or not path.strip(". "):
            raise TaskFailed("the `key` of an entry of `value` must be text, and not empty")
        *above, last = path.split(".")
        place = fields
        for part in above:
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict):
                raise TaskFailed(f"the keys of `value` contradict each other at `{path}`")
            place = inner
        place[last] = entry["value"]
    return merged(old or {}, fields)
