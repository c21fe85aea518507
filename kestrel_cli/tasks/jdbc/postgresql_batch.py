"""io.kestra.plugin.jdbc.postgresql.Batch"""

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.databases.batch import BatchTask, batch
from kestrel_cli.tasks.databases.postgres_task import PostgresTask, connected


class Batch(PostgresTask, BatchTask):
    """Run a statement on a PostgreSQL server for each row of a file, or insert them into a table.

    Counters `records`, `updated` and `query`.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(batch(ctx, self, lambda: connected(ctx, self)))
