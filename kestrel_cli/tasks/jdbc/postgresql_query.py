"""io.kestra.plugin.jdbc.postgresql.Query"""

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.databases.postgres_task import PostgresTask, connected
from kestrel_cli.tasks.databases.properties import QueryTask
from kestrel_cli.tasks.databases.queries import query


class Query(PostgresTask, QueryTask):
    """Run a SQL statement on a PostgreSQL server.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        size = ctx.integer(self.fetchSize)
        return Outcome(query(ctx, self, lambda: connected(ctx, self, size)))
