"""io.kestra.plugin.jdbc.sqlite.Query"""

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.databases.properties import QueryTask
from kestrel_cli.tasks.databases.queries import query
from kestrel_cli.tasks.databases.sqlite_task import SqliteTask, with_file


class Query(SqliteTask, QueryTask):
    """Run a SQL statement in a SQLite database.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(with_file(ctx, self, lambda inner, connect: query(inner, self, connect)))
