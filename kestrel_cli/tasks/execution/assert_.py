"""io.kestra.plugin.core.execution.Assert"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed


class Assert(RunnableTask):
    """Check conditions; every false one is logged, and then the task ends FAILED.

    Counters `success` and `failed` say how many held.
    """

    conditions: Dynamic[list[str]]
    errorMessage: Dynamic[str] | None = None

    measures: ClassVar[dict[str, str]] = {
        "success": "counter: conditions that hold",
        "failed": "counter: conditions that don't",
    }

    def run(self, ctx: RunContext) -> Outcome:
        conditions = ctx.items(self.conditions)
        failed = 0
        for condition in conditions:
            if not ctx.truthy(condition):
                failed += 1
                ctx.log("ERROR", f"Assertion `{condition}` failed!")
        ctx.count("success", len(conditions) - failed)
        ctx.count("failed", failed)
        if failed:
            message = f"{failed} assertion{'s' if failed > 1 else ''} failed!"
            said = ctx.text(self.errorMessage)
            raise TaskFailed(f"{message}\n{said}" if said else message)
        return Outcome()
