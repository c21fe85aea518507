"""io.kestra.plugin.serdes.parquet.IonToParquet"""

from itertools import islice
from typing import ClassVar, Final, Literal

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed, library
from kestrel_cli.tasks.properties.words import word
from kestrel_cli.tasks.serdes.arrow import arrow_schema
from kestrel_cli.tasks.serdes.avro_rows import SchemaWriter, converted_rows, schema_of

_MIB: Final = 1024 * 1024
_BATCH: Final = 5000  # rows


class IonToParquet(SchemaWriter):
    """Convert rows into a Parquet file, by the Avro `schema` or one that the first rows seem to
    have.

    Counter `records` says how many rows were written.
    """

    compressionCodec: Dynamic[Literal["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"]] = "GZIP"
    parquetVersion: Dynamic[Literal["V1", "V2"]] = "V2"
    rowGroupSize: Dynamic[int] = 128 * _MIB
    pageSize: Dynamic[int] = _MIB
    dictionaryPageSize: Dynamic[int] = _MIB

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the new file in internal storage",
        "size": "how many rows were written",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that were written"}

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return [("pyarrow", "parquet")]

    def run(self, ctx: RunContext) -> Outcome:
        arrow = library("pyarrow", "parquet")
        parquet = library("pyarrow.parquet", "parquet")
        schema = schema_of(ctx, self, mixed=False)
        layout = arrow_schema(arrow, schema)
        options = self._options(ctx)
        most = ctx.integer(self.rowGroupSize)
        rows = converted_rows(ctx, self, schema, lambda _, value: value)
        count = held = 0
        batches = []
        with ctx.files.create(".parquet") as file:
            try:
                with parquet.ParquetWriter(file.stream, layout, **options) as writer:
                    while batch := list(islice(rows, _BATCH)):
                        batches.append(arrow.Table.from_pylist(batch, schema=layout))
                        count += len(batch)
                        held += batches[-1].nbytes
                        if held >= most:
                            writer.write_table(arrow.concat_tables(batches))
                            batches, held = [], 0
                    if batches:
                        writer.write_table(arrow.concat_tables(batches))
            except (arrow.ArrowException, TypeError, ValueError) as error:
                message = f"the rows can't be written, after {count} of them: {error}"
                raise TaskFailed(message) from None
        ctx.count("records", count)
        return Outcome({"uri": file.uri, "size": count})

    def _options(self, ctx: RunContext) -> dict[str, object]:
        codecs = ("UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD")
        codec = word(ctx, "compressionCodec", self.compressionCodec, *codecs)
        second = word(ctx, "parquetVersion", self.parquetVersion, "V1", "V2") == "V2"
        return {
            "compression": "none" if codec == "UNCOMPRESSED" else codec.lower(),
            "version": "2.6" if second else "1.0",
            "data_page_version": "2.0" if second else "1.0",
            "data_page_size": ctx.integer(self.pageSize),
            "dictionary_pagesize_limit": ctx.integer(self.dictionaryPageSize),
        }
