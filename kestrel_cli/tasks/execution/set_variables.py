"""io.kestra.plugin.core.execution.SetVariables"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import (
    Change,
    Dynamic,
    Outcome,
    RunContext,
    RunnableTask,
    TaskFailed,
    merged,
    without_nulls,
)


class SetVariables(RunnableTask):
    """Set variables of the execution; maps are merged into those that are there, lists joined.

    What an expression gives is text: a number has to be made of it where it is used.
    """

    variables: Dynamic[dict[str, Any]]
    overwrite: Dynamic[bool] = True

    by_engine: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        new: Any = ctx.structure(self.variables)
        if not isinstance(new, dict):
            raise TaskFailed("`variables` must be a map")
        known = ctx.variables()
        taken = sorted(new.keys() & known.keys())
        if taken and not ctx.boolean(self.overwrite):
            raise TaskFailed(
                f"Variable already exists: {', '.join(taken)}; set `overwrite` to change it"
            )
        return Outcome(change=Change(variables=without_nulls(merged(known, new))))
