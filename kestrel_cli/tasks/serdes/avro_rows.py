"""What the tasks share that write rows by an Avro schema: IonToAvro and IonToParquet."""

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from kestrel_cli.tasks.base import Dynamic, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.properties.words import character, word, zone
from kestrel_cli.tasks.rows.ion_rows import read_rows
from kestrel_cli.tasks.serdes.avro_inference import inferred_schema
from kestrel_cli.tasks.serdes.avro_schema import Node, read_schema
from kestrel_cli.tasks.serdes.avro_values import DoesNotFit, Rules, converted_record
from kestrel_cli.tasks.serdes.bad_lines import OnBadLines, bad_line

_TRUE: Final = ["t", "true", "enabled", "1", "on", "yes"]
_FALSE: Final = ["f", "false", "disabled", "0", "off", "no", ""]
_NULL: Final = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "1.#IND", "1.#QNAN", "NA", "n/a",
    "nan", "null",
]  # fmt: skip


class SchemaWriter(RunnableTask):
    """What the two tasks have in common."""

    from_: Dynamic[str]
    schema: Dynamic[str] | None = None
    numberOfRowsToScan: Dynamic[int] = 100
    trueValues: Dynamic[list[str]] = _TRUE
    falseValues: Dynamic[list[str]] = _FALSE
    nullValues: Dynamic[list[str]] = _NULL
    dateFormat: Dynamic[str] = "yyyy-MM-dd[XXX]"
    timeFormat: Dynamic[str] = "HH:mm[:ss][.SSSSSS][XXX]"
    datetimeFormat: Dynamic[str] = "yyyy-MM-dd'T'HH:mm[:ss][.SSSSSS][XXX]"
    decimalSeparator: Dynamic[str] = "."
    strictSchema: Dynamic[bool] = False
    inferAllFields: Dynamic[bool] = False
    timeZoneId: Dynamic[str] | None = None
    onBadLines: Dynamic[OnBadLines] = "ERROR"


def schema_of(ctx: RunContext, task: SchemaWriter, *, mixed: bool) -> Node:
    """The schema that the task was given, or one made from its first rows. Raises TaskFailed."""
    if task.schema is not None:
        return read_schema(ctx.text(task.schema))
    most = ctx.integer(task.numberOfRowsToScan)
    if most < 1:
        raise TaskFailed("`numberOfRowsToScan` must be at least 1")
    with ctx.files.open(ctx.text(task.from_)) as source:
        said = inferred_schema(islice(read_rows(source), most), mixed=mixed)
    return read_schema(json.dumps(said))


def converted_rows(
    ctx: RunContext, task: SchemaWriter, schema: Node, choose: Callable[[Node, Any], Any]
) -> Iterator[dict[str, Any]]:
    """The rows as records of the schema. Those that do not fit are what `onBadLines` says: an
    error, a warning, or passed over.
    """
    rules = _rules(ctx, task, choose)
    on_bad_lines = word(ctx, "onBadLines", task.onBadLines, "ERROR", "WARN", "SKIP")
    with ctx.files.open(ctx.text(task.from_)) as source:
        for number, row in enumerate(read_rows(source), 1):
            try:
                yield converted_record(schema, _as_map(row, schema, number), rules)
            except DoesNotFit as problem:
                bad_line(ctx, on_bad_lines, f"row {number}, {problem}")


def _as_map(row: Any, schema: Node, number: int) -> dict[str, Any]:
    """A list gives its values to the fields in their order, or all of it to one field of a list."""
    if isinstance(row, dict):
        return row
    if not isinstance(row, list):
        raise TaskFailed(f"row {number} is neither a map nor a list")
    fields = schema.fields
    if len(fields) == 1 and _holds_list(fields[0].node):
        return {fields[0].name: row}
    named = {field.name: value for field, value in zip(fields, row, strict=False)}
    return named | {f"col{at}": row[at] for at in range(len(fields), len(row))}


def _holds_list(node: Node) -> bool:
    return node.kind == "array" or any(branch.kind == "array" for branch in node.branches)


def _rules(ctx: RunContext, task: SchemaWriter, choose: Callable[[Node, Any], Any]) -> Rules:
    return Rules(
        true_values=_words(ctx, task.trueValues),
        false_values=_words(ctx, task.falseValues),
        null_values=_words(ctx, task.nullValues),
        date_format=ctx.text(task.dateFormat),
        time_format=ctx.text(task.timeFormat),
        datetime_format=ctx.text(task.datetimeFormat),
        decimal_separator=character(ctx, "decimalSeparator", task.decimalSeparator),
        strict=ctx.boolean(task.strictSchema),
        infer_all=ctx.boolean(task.inferAllFields),
        zone=zone(ctx, task.timeZoneId),
        choose=choose,
    )


def _words(ctx: RunContext, values: object) -> frozenset[str]:
    return frozenset(ctx.text(value).lower() for value in ctx.items(values))
