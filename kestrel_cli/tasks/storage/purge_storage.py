"""io.kestra.plugin.core.storage.PurgeStorage"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed, Those
from kestrel_cli.tasks.properties.moments import moment


class PurgeStorage(RunnableTask):
    """Take files of executions out of internal storage that were last written between two dates.

    It only counts them unless `dryRun` is false. `namespace` means those below it, too. An
    execution that runs keeps its files.
    """

    namespace: Dynamic[str] | None = None
    flowId: Dynamic[str] | None = None
    startDate: Dynamic[str] | None = None
    endDate: Dynamic[str]
    dryRun: Dynamic[bool] = True

    gives: ClassVar[dict[str, str]] = {
        "scannedCount": "executions whose files were looked at",
        "purgedCount": "executions with files between the dates",
        "deletedFilesCount": "files that are gone",
    }
    measures: ClassVar[dict[str, str]] = {
        "scanned": "executions whose files were looked at",
        "purged": "executions with files between the dates",
        "deleted.files": "files that are gone",
    }
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        those = Those(
            ctx.text(self.namespace) or None,
            ctx.text(self.flowId) or None,
            moment(ctx, "startDate", self.startDate),
            moment(ctx, "endDate", self.endDate),
        )
        if those.flow is not None and those.namespace is None:
            raise TaskFailed("'namespace' is required when 'flowId' is set.")
        if those.before is None:
            raise TaskFailed("`endDate` is needed: what was written before it is purged")
        found = ctx.executions.sweep(those, dry=ctx.boolean(self.dryRun))
        ctx.count("scanned", found.scanned)
        ctx.count("purged", found.purged)
        ctx.count("deleted.files", found.deleted)
        return Outcome(
            {
                "scannedCount": found.scanned,
                "purgedCount": found.purged,
                "deletedFilesCount": found.deleted,
            }
        )
