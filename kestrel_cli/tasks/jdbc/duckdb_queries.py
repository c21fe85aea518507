"""io.kestra.plugin.jdbc.duckdb.Queries"""

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.databases.duckdb_task import DuckdbTask, with_files
from kestrel_cli.tasks.databases.properties import QueriesTask
from kestrel_cli.tasks.databases.queries import queries


class Queries(DuckdbTask, QueriesTask):
    """Run SQL statements in a DuckDB database; each that gives rows has an output.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(with_files(ctx, self, lambda inner, connect: queries(inner, self, connect)))
