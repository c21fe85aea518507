"""io.kestra.plugin.jdbc.postgresql.Queries"""

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.databases.postgres_task import PostgresTask, connected
from kestrel_cli.tasks.databases.properties import QueriesTask
from kestrel_cli.tasks.databases.queries import queries


class Queries(PostgresTask, QueriesTask):
    """Run SQL statements on a PostgreSQL server; each that gives rows has an output.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        size = ctx.integer(self.fetchSize)
        return Outcome(queries(ctx, self, lambda: connected(ctx, self, size)))
