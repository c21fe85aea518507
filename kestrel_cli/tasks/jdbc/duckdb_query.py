"""io.kestra.plugin.jdbc.duckdb.Query"""

from kestrel_cli.model.task import Outcome, RunContext
from kestrel_cli.tasks.databases.duckdb_task import DuckdbTask, with_files
from kestrel_cli.tasks.databases.properties import QueryTask
from kestrel_cli.tasks.databases.queries import query


class Query(DuckdbTask, QueryTask):
    """Run SQL in a DuckDB database; of several statements the last one gives the result.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(with_files(ctx, self, lambda inner, connect: query(inner, self, connect)))
