"""io.kestra.plugin.serdes.parquet.ParquetToIon"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed, library
from kestrel_cli.tasks.rows.cells import plain
from kestrel_cli.tasks.rows.ion_rows import new_rows
from kestrel_cli.tasks.serdes.arrow import microseconds


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

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return [("pyarrow", "parquet")]

    def run(self, ctx: RunContext) -> Outcome:
        arrow = library("pyarrow", "parquet")
        parquet = library("pyarrow.parquet", "parquet")
        with ctx.files.open(ctx.text(self.from_)) as source, new_rows(ctx) as rows:
            try:
                for batch in parquet.ParquetFile(source).iter_batches(batch_size=5000):
                    for row in microseconds(arrow, batch).to_pylist(maps_as_pydicts="lossy"):
                        rows.add(plain(row))
            except OverflowError as error:
                raise TaskFailed(
                    f"the Parquet file holds a date or time out of range: {_short(error)}"
                ) from None
            except (arrow.ArrowException, OSError, ValueError) as error:
                raise TaskFailed(f"the Parquet file can't be read: {_short(error)}") from None
        ctx.count("records", rows.count)
        return Outcome({"uri": rows.uri, "size": rows.count})


def _short(error: Any) -> str:
    return str(error).strip().split("\n")[0][:300]
