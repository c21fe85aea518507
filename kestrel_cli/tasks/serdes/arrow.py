"""Avro schemas as schemas of Arrow, which Parquet files are written with."""

from typing import Any, Final

from kestrel_cli.tasks.base import TaskFailed
from kestrel_cli.tasks.serdes.avro_schema import Node

_DEEPEST: Final = 50


def arrow_schema(arrow: Any, schema: Node) -> Any:
    """The fields of a record. Raises TaskFailed for what Parquet can't hold."""
    return arrow.schema([_field(arrow, field.name, field.node, 0) for field in schema.fields])


def microseconds(arrow: Any, batch: Any) -> Any:
    """The same batch; Python's dates can't hold the nanoseconds that some columns have."""
    table = arrow.Table.from_batches([batch])
    for at, field in enumerate(table.schema):
        if arrow.types.is_timestamp(field.type) and field.type.unit == "ns":
            wanted = arrow.timestamp("us", field.type.tz)
        elif arrow.types.is_time64(field.type) and field.type.unit == "ns":
            wanted = arrow.time64("us")
        else:
            continue
        table = table.set_column(at, field.name, table.column(at).cast(wanted, safe=False))
    return table


def _field(arrow: Any, name: str, node: Node, depth: int) -> Any:
    if depth > _DEEPEST:
        raise TaskFailed("the schema holds itself, or nests too deep for a Parquet file")
    if node.kind != "union":
        return arrow.field(name, _type(arrow, name, node, depth), nullable=node.kind == "null")
    branches = [branch for branch in node.branches if branch.kind != "null"]
    if len(branches) > 1:
        raise TaskFailed(
            f"the field `{name}` is a union of several types, which a Parquet file can't hold"
        )
    if not branches:
        return arrow.field(name, arrow.null())
    nullable = len(branches) < len(node.branches)
    return arrow.field(name, _type(arrow, name, branches[0], depth), nullable=nullable)


def _type(arrow: Any, name: str, node: Node, depth: int) -> Any:
    if node.kind == "record":
        inner = [_field(arrow, field.name, field.node, depth + 1) for field in node.fields]
        if not inner:
            raise TaskFailed(f"the record `{name}` has no fields, which a Parquet file can't hold")
        return arrow.struct(inner)
    if node.items is not None:
        item = _field(arrow, "item", node.items, depth + 1)
        return arrow.list_(item) if node.kind == "array" else arrow.map_(arrow.string(), item)
    if node.kind == "decimal":
        kind = arrow.decimal128 if node.precision <= 38 else arrow.decimal256
        return kind(node.precision, node.scale)
    if node.kind == "fixed":
        return arrow.binary(node.size)
    return _plain(arrow, node.kind)


def _plain(arrow: Any, kind: str) -> Any:
    made = {
        "null": arrow.null, "boolean": arrow.bool_, "int": arrow.int32, "long": arrow.int64,
        "float": arrow.float32, "double": arrow.float64, "bytes": arrow.binary,
        "string": arrow.string, "enum": arrow.string, "uuid": arrow.string, "date": arrow.date32,
    }.get(kind)  # fmt: skip
    if made is not None:
        return made()
    unit = "ms" if kind.endswith("millis") else "us"
    if kind.startswith("time-"):
        return arrow.time32(unit) if unit == "ms" else arrow.time64(unit)
    return arrow.timestamp(unit, None if kind.startswith("local") else "UTC")
