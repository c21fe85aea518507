"""io.kestra.plugin.core.execution.UnsetVariables"""

from typing import Annotated, Any, ClassVar

from kestrel_cli.tasks.base import (
    Change,
    Dynamic,
    Filled,
    Outcome,
    RunContext,
    RunnableTask,
    TaskFailed,
)
from kestrel_cli.tasks.properties.rendering import texts


class UnsetVariables(RunnableTask):
    """Take variables away from the execution; `a.b` names the entry `b` of the map `a`.

    An entry whose map is not there either is an error, unless `ignoreMissing` is set.
    """

    variables: Annotated[Dynamic[list[str]], Filled]
    ignoreMissing: Dynamic[bool] = False

    by_engine: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        left = ctx.variables()
        ignored = ctx.boolean(self.ignoreMissing)
        for name in texts(ctx, self.variables):
            changed = _without(left, name.split("."))
            if changed is None and not ignored:
                raise TaskFailed(f"there is no variable that holds `{name}`")
            left = left if changed is None else changed
        return Outcome(change=Change(variables=left))


def _without(held: dict[str, Any], path: list[str]) -> dict[str, Any] | None:
    """The map without the entry; None when a map on the way is missing."""
    name, *below = path
    if not below:
        return {key: value for key, value in held.items() if key != name}
    inner = held.get(name)
    if not isinstance(inner, dict):
        return None
    changed = _without(inner, below)
    return None if changed is None else {**held, name: changed}
