"""io.kestra.plugin.core.execution.SetVariables"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Change, Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.properties.rendering import rendered


class SetVariables(RunnableTask):
    """Set variables of the execution; maps are merged into those that are there."""

    variables: Dynamic[dict[str, Any]]
    overwrite: Dynamic[bool] = True

    by_engine: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        new = {ctx.text(name): rendered(ctx, value) for name, value in self.variables.items()}
        known = ctx.variables()
        taken = sorted(new.keys() & known.keys())
        if taken and not ctx.boolean(self.overwrite):
            raise TaskFailed(
                f"Variable already exists: {', '.join(taken)}; set `overwrite` to change it"
            )
        return Outcome(change=Change(variables=_merged(known, new)))


def _merged(known: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    both = dict(known)
    for key, value in new.items():
        older = both.get(key)
        if isinstance(older, dict) and isinstance(value, dict):
            both[key] = _merged(older, value)
        else:
            both[key] = value
    return both
