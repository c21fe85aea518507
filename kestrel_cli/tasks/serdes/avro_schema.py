"""Avro schemas: what a file's schema says, as nodes that conversions walk along."""

import json
import re
from typing import Any, Final

from kestrel_cli.tasks.base import TaskFailed, fresh, record

_PRIMITIVES: Final = frozenset(
    {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMED: Final = frozenset({"record", "error", "enum", "fixed"})
_LOGICAL: Final = {
    "date": ("int",), "time-millis": ("int",), "time-micros": ("long",),
    "timestamp-millis": ("long",), "timestamp-micros": ("long",),
    "local-timestamp-millis": ("long",), "local-timestamp-micros": ("long",),
    "decimal": ("bytes", "fixed"), "uuid": ("string",),
}  # fmt: skip


@record
class Node:
    """One type of a schema. `kind` is its logical type when it has one that is known.

    `base` is the type it is stored as; `said` is the schema of this node as the file has it.
    """

    kind: str
    base: str
    said: Any
    name: str = ""
    fields: list["FieldNode"] = fresh(factory=list)
    branches: list["Node"] = fresh(factory=list)
    items: "Node | None" = None
    symbols: list[str] = fresh(factory=list)
    size: int = 0
    precision: int = 0
    scale: int = 0


@record
class FieldNode:
    """A field of a record."""

    name: str
    node: Node
    aliases: list[str] = fresh(factory=list)


def read_schema(text: str) -> Node:
    """The node of a schema's JSON text, which has to be a record. Raises TaskFailed."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TaskFailed(f"the Avro schema is no JSON: {error}") from None
    try:
        node = _Reader().node(said, "", "the schema")
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise TaskFailed(f"the Avro schema is not valid: {error!r}") from None
    if node.kind != "record":
        raise TaskFailed(f"the Avro schema must be a record, it is of the type `{node.kind}`")
    return node


def check_names(schema: Node) -> None:
    """Raise TaskFailed for a name of a field that Avro does not take."""
    waiting, seen = [schema], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        for field in node.fields:
            if not _NAME.fullmatch(field.name):
                raise TaskFailed(
                    f"the Avro schema is not valid: `{field.name}` is no name of a field "
                    "(letters, digits and `_`, not starting with a digit)"
                )
            waiting.append(field.node)
        waiting += node.branches + ([node.items] if node.items else [])


class _Reader:
    def __init__(self) -> None:
        self._named: dict[str, Node] = {}

    def node(self, said: Any, space: str, where: str) -> Node:
        """The node of a type as JSON has it. `space` is the namespace around it."""
        if isinstance(said, list):
            branches = [self.node(branch, space, where) for branch in said]
            return Node("union", "union", said, branches=branches)
        if isinstance(said, str):
            return self._by_name(said, space, where)
        if not isinstance(said, dict) or "type" not in said:
            raise TaskFailed(f"the Avro schema is not valid: {where} has no type")
        kind = said["type"]
        if isinstance(kind, (dict, list)):
            return self.node(kind, space, where)
        if kind in _NAMED:
            return self._new(said, kind, space)
        if kind in ("array", "map"):
            inner = said["items" if kind == "array" else "values"]
            return Node(kind, kind, said, items=self.node(inner, space, where))
        return self._logical(said, self._by_name(kind, space, where))

    def _by_name(self, name: str, space: str, where: str) -> Node:
        if name in _PRIMITIVES:
            return Node(name, name, name)
        found = self._named.get(_full(name, space)) or self._named.get(name)
        if found is None:
            raise TaskFailed(f"the Avro schema is not valid: {where} has the unknown type `{name}`")
        return found

    def _new(self, said: dict[str, Any], kind: str, space: str) -> Node:
        name = _full(said["name"], said.get("namespace", space))
        node = Node("record" if kind == "error" else kind, kind, said, name)
        self._named[name] = node
        inner = name.rpartition(".")[0]
        for field in said["fields"] if node.kind == "record" else []:
            where = f"the field `{field['name']}`"
            inside = self.node(field["type"], inner, where)
            node.fields.append(FieldNode(field["name"], inside, list(field.get("aliases", []))))
        if kind == "enum":
            node.symbols = [str(symbol) for symbol in said["symbols"]]
        if kind == "fixed":
            node.size = int(said["size"])
            self._logical(said, node)
        return node

    def _logical(self, said: dict[str, Any], node: Node) -> Node:
        """Unknown logical types are passed over, as the specification of Avro wants it."""
        logical = said.get("logicalType")
        if logical not in _LOGICAL or node.base not in _LOGICAL[logical]:
            return node
        if node.base != "fixed":
            node = Node(node.kind, node.base, said)
        node.kind = logical
        if logical == "decimal":
            node.precision = int(said["precision"])
            node.scale = int(said.get("scale", 0))
        return node


def _full(name: str, space: str | None) -> str:
    return f"{space}.{name}" if space and "." not in name else name
