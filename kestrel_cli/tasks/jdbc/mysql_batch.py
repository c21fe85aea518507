"""io.kestra.plugin.jdbc.mysql.Batch"""

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.databases.batch import BatchTask, batch
from kestrel_cli.tasks.databases.mysql_task import connected


class Batch(BatchTask):
    """Run a statement on a MySQL server for each row of a file, or insert them into a table.

    Counters `records`, `updated` and `query`.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(batch(ctx, self, lambda: connected(ctx, self)))
