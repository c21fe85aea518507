"""io.kestra.plugin.serdes.avro.AvroToIon"""

from typing import Any, ClassVar, Final

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed, library
from kestrel_cli.tasks.properties.words import word
from kestrel_cli.tasks.rows.cells import plain
from kestrel_cli.tasks.rows.ion_rows import new_rows
from kestrel_cli.tasks.serdes.bad_lines import OnBadLines, bad_line

# What the library raises for bytes that are no Avro, or a value that Python does not have.
_BROKEN: Final = (
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, RecursionError, TypeError,
    ValueError,
)  # fmt: skip


class AvroToIon(RunnableTask):
    """Convert an Avro file into rows.

    `onBadLines` says what a record that can't be read is: an error, or the end of the file, with or
    without a warning. Counter `records` and the output `size` say how many rows came out.
    """

    from_: Dynamic[str]
    onBadLines: Dynamic[OnBadLines] = "ERROR"

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the file of rows (Ion)",
        "size": "how many rows came out",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that came out"}

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return [("fastavro", "avro")]

    def run(self, ctx: RunContext) -> Outcome:
        avro = library("fastavro", "avro")
        on_bad_lines = word(ctx, "onBadLines", self.onBadLines, "ERROR", "WARN", "SKIP")
        with ctx.files.open(ctx.text(self.from_)) as source, new_rows(ctx) as rows:
            try:
                reader = avro.reader(source)
            except _BROKEN as error:
                raise TaskFailed(f"the file is no Avro file: {error}") from None
            only_list = _only_list(reader.writer_schema)
            try:
                for row in reader:
                    rows.add(plain(row["value"] if only_list else row))
            except _BROKEN as error:
                message = f"Bad Avro record encountered, after {rows.count} records: {error}"
                bad_line(ctx, on_bad_lines, message)
        ctx.count("records", rows.count)
        return Outcome({"uri": rows.uri, "size": rows.count})


def _only_list(schema: Any) -> bool:
    """Whether the records were lists before IonToAvro made records of them."""
    fields = schema.get("fields", []) if isinstance(schema, dict) else []
    if len(fields) != 1 or fields[0]["name"] != "value" or schema["name"].split(".")[-1] != "root":
        return False
    kinds = fields[0]["type"] if isinstance(fields[0]["type"], list) else [fields[0]["type"]]
    return any(isinstance(kind, dict) and kind["type"] == "array" for kind in kinds)
