"""io.kestra.plugin.serdes.parquet.ParquetToIon"""

from typing import Any, ClassVar

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.arrow import microseconds
from kestrel_cli.tasks.cells import plain
from kestrel_cli.tasks.extras import library
from kestrel_cli.tasks.ion_rows import new_rows


class ParquetToIon(RunnableTask):
    """Convert a Parquet file into rows.

    Counter `records` says how many rows came out.
    """

    from_: Dynamic[str]

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the file of rows (Ion)",
        "size": "how many rows came out",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that came out"}

    def run(self, ctx: RunContext) -> Outcome:
        arrow = library("pyarrow", "parquet")
        parquet = library("pyarrow.parquet", "parquet")
        with ctx.files.open(ctx.text(self.from_)) as source, new_rows(ctx) as rows:
            try:
                for batch in parquet.ParquetFile(source).iter_batches(batch_size=5000):
                    for row in microseconds(arrow, batch).to_pylist(maps_as_pydicts="lossy"):
                        rows.add(plain(row))
            except (arrow.ArrowException, OSError, ValueError) as error:
                raise TaskFailed(f"the Parquet file can't be read: {_short(error)}") from None
        ctx.count("records", rows.count)
        return Outcome({"uri": rows.uri, "size": rows.count})


def _short(error: Any) -> str:
    return str(error).strip().split("\n")[0][:300]
