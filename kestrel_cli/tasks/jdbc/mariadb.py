"""SQL on MariaDB servers: the task types. They connect as those of MySQL do.

- io.kestra.plugin.jdbc.mariadb.Batch
- io.kestra.plugin.jdbc.mariadb.Queries
- io.kestra.plugin.jdbc.mariadb.Query
"""

from kestrel_cli.tasks.base import Outcome, RunContext
from kestrel_cli.tasks.jdbc.batch import BatchTask, batch
from kestrel_cli.tasks.jdbc.mysql import MysqlTask, connected, with_input_file
from kestrel_cli.tasks.jdbc.queries import QueriesTask, QueryTask, queries, query


class Query(MysqlTask, QueryTask):
    """Run a SQL statement on a MariaDB server; several with `allowMultiQueries=true` in the url.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(with_input_file(ctx, self, query))


class Queries(MysqlTask, QueriesTask):
    """Run SQL statements on a MariaDB server; each that gives rows has an output.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(with_input_file(ctx, self, queries))


class Batch(BatchTask):
    """Run a statement on a MariaDB server for each row of a file, or insert them into a table.

    Counters `records`, `updated` and `query`.
    """

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return [("pymysql", "mysql")]

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(batch(ctx, self, lambda: connected(ctx, self)))
