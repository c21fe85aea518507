"""io.kestra.plugin.jdbc.mariadb.Query"""

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.databases.mysql_task import MysqlTask, connected, with_input_file
from kestrel_cli.tasks.databases.properties import QueryTask
from kestrel_cli.tasks.databases.queries import query


class Query(MysqlTask, QueryTask):
    """Run a SQL statement on a MariaDB server; several with `allowMultiQueries=true` in the url.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        inner, path = with_input_file(ctx, self)
        size = ctx.integer(self.fetchSize)
        return Outcome(query(inner, self, lambda: connected(ctx, self, path, size)))
