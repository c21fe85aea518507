"""io.kestra.plugin.serdes.avro.IonToAvro"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Outcome, RunContext, TaskFailed, library
from kestrel_cli.tasks.serdes.avro_rows import SchemaWriter, converted_rows, schema_of
from kestrel_cli.tasks.serdes.avro_schema import Node, check_names


class IonToAvro(SchemaWriter):
    """Convert rows into an Avro file, by `schema` or by one that the first rows seem to have.

    Counter `records` says how many rows were written.
    """

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the new file in internal storage",
        "size": "how many rows were written",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that were written"}

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return [("fastavro", "avro")]

    def run(self, ctx: RunContext) -> Outcome:
        avro = library("fastavro", "avro")
        schema = schema_of(ctx, self, mixed=True)
        check_names(schema)
        try:
            parsed = avro.parse_schema(schema.said)
        except (avro.schema.SchemaParseException, avro.schema.UnknownType) as error:
            raise TaskFailed(f"the Avro schema is not valid: {error}") from None
        count = 0
        with ctx.files.create(".avro") as file:
            writer = avro.write.Writer(file.stream, parsed, codec="null")
            for row in converted_rows(ctx, self, schema, _branch):
                try:
                    writer.write(row)
                except (ValueError, TypeError, OverflowError) as error:
                    raise TaskFailed(f"row {count + 1} can't be written: {error}") from None
                count += 1
            writer.flush()
        ctx.count("records", count)
        return Outcome({"uri": file.uri, "size": count})


def _branch(branch: Node, value: Any) -> Any:
    """Which branch of a union it is, in the way the library wants it said. It tells the types that
    have no name by the value.
    """
    return (branch.name, value) if branch.name else value
