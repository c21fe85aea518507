"""io.kestra.plugin.core.execution.PurgeExecutions"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed, Those
from kestrel_cli.tasks.properties.moments import moment
from kestrel_cli.tasks.properties.rendering import texts


class PurgeExecutions(RunnableTask):
    """Take executions that began between two dates out of the state directory, with all files.

    Without `flowId`, `namespace` means those below it, too. What runs stays. Logs and metrics go
    with the execution: they can't go alone.
    """

    namespace: Dynamic[str] | None = None
    flowId: Dynamic[str] | None = None
    startDate: Dynamic[str] | None = None
    endDate: Dynamic[str]
    states: Dynamic[list[str]] | None = None
    purgeExecution: Dynamic[bool] = True
    purgeLog: Dynamic[bool] = True
    purgeMetric: Dynamic[bool] = True
    purgeStorage: Dynamic[bool] = True
    batchSize: Dynamic[int] = 100

    gives: ClassVar[dict[str, str]] = {
        "executionsCount": "executions that are gone",
        "logsCount": "log entries that went with them",
        "storagesCount": "files in internal storage that are gone",
        "metricsCount": "metrics that went with them",
    }
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        those = Those(
            ctx.text(self.namespace) or None,
            ctx.text(self.flowId) or None,
            moment(ctx, "startDate", self.startDate),
            moment(ctx, "endDate", self.endDate),
            texts(ctx, self.states),
        )
        if those.before is None:
            raise TaskFailed("`endDate` is needed: what began before it is purged")
        whole = ctx.boolean(self.purgeExecution)
        if not whole and (ctx.boolean(self.purgeLog) or ctx.boolean(self.purgeMetric)):
            ctx.log("WARN", "logs and metrics stay: they go with the execution only")
        files = ctx.boolean(self.purgeStorage)
        found = ctx.executions.purge(those, journals=whole, files=files)
        return Outcome(
            {
                "executionsCount": found.executions,
                "logsCount": found.logs,
                "storagesCount": found.files,
                "metricsCount": found.metrics,
            }
        )
