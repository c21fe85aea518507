"""io.kestra.plugin.core.output.OutputValues"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, without_nulls


class OutputValues(RunnableTask):
    """Render a map and keep it as the output `values`. Null entries of maps are left out."""

    values: Dynamic[dict[str, Any]] | None = None

    gives: ClassVar[dict[str, str]] = {"values": "the rendered map"}

    def run(self, ctx: RunContext) -> Outcome:
        if self.values is None:
            return Outcome()
        return Outcome({"values": without_nulls(ctx.structure(self.values))})
