"""io.kestra.plugin.jdbc.mysql.Queries"""

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.databases.mysql_task import MysqlTask, connected, with_input_file
from kestrel_cli.tasks.databases.properties import QueriesTask
from kestrel_cli.tasks.databases.queries import queries


class Queries(MysqlTask, QueriesTask):
    """Run SQL statements on a MySQL server; each that gives rows has an output.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        inner, path = with_input_file(ctx, self)
        size = ctx.integer(self.fetchSize)
        return Outcome(queries(inner, self, lambda: connected(ctx, self, path, size)))
