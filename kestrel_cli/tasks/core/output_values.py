"""io.kestra.plugin.core.output.OutputValues"""

from typing import Any

from kestrel_cli.model.task import Dynamic, Outcome, RunContext, RunnableTask


class OutputValues(RunnableTask):
    """Render a map and keep it as the output `values`."""

    values: Dynamic[dict[str, Any]] | None = None

    def run(self, ctx: RunContext) -> Outcome:
        if self.values is None:
            return Outcome()
        return Outcome({"values": ctx.structure(self.values)})
