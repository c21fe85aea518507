"""io.kestra.plugin.jdbc.sqlite.Queries"""

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.databases.properties import QueriesTask
from kestrel_cli.tasks.databases.queries import queries
from kestrel_cli.tasks.databases.sqlite_task import SqliteTask, with_file


class Queries(SqliteTask, QueriesTask):
    """Run SQL statements in a SQLite database; each that gives rows has an output.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(with_file(ctx, self, lambda inner, connect: queries(inner, self, connect)))
