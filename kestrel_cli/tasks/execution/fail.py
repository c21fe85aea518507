"""io.kestra.plugin.core.execution.Fail"""

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed


class Fail(RunnableTask):
    """End FAILED: always, or only when `condition` renders to something true."""

    condition: Dynamic[str] | None = None
    errorMessage: Dynamic[str] = "Task failure"

    def run(self, ctx: RunContext) -> Outcome:
        if self.condition is None:
            raise TaskFailed(ctx.text(self.errorMessage))
        if ctx.truthy(self.condition):
            ctx.log("ERROR", ctx.text(self.errorMessage))
            raise TaskFailed("Fail on a condition")
        return Outcome()
