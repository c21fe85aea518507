"""The Avro schema that rows seem to have."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from kestrel_cli.tasks.base import TaskFailed

_SPACE: Final = "io.kestra.plugin.serdes.avro"
_WIDER: Final = {  # what numbers of two types are together
    frozenset(pair): wider
    for *pair, wider in (
        ("int", "long", "long"),
        ("int", "double", "double"),
        ("long", "double", "double"),
    )
}


def inferred_schema(rows: Iterable[Any], *, mixed: bool) -> dict[str, Any]:
    """A record whose fields may all be null. Values of several types in one field make a union of
    them if `mixed`, else text. Rows that are lists have one field, `value`. Raises TaskFailed when
    there are no rows.
    """
    found = _Found()
    for row in rows:
        if not isinstance(row, (dict, list)):
            raise TaskFailed("a schema can be inferred from rows that are maps or lists only")
        found.see(row if isinstance(row, dict) else {"value": row})
    if not found.fields:
        raise TaskFailed(
            "no schema can be inferred, because there are no rows with fields: set `schema`"
        )
    return found.record("root", mixed=mixed)


class _Found:
    """What was seen in one place: plain types, the fields of maps, the elements of lists."""

    def __init__(self) -> None:
        self.types: dict[str, Any] = {}
        self.fields: dict[str, _Found] = {}
        self.elements: _Found | None = None

    def see(self, value: Any) -> None:
        """One value more."""
        if value is None:
            return
        if isinstance(value, dict):
            self.types.setdefault("record", "record")
            for name, item in value.items():
                self.fields.setdefault(name, _Found()).see(item)
        elif isinstance(value, list):
            self.types.setdefault("array", "array")
            self.elements = self.elements or _Found()
            for item in value:
                self.elements.see(item)
        else:
            key, said = _scalar(value)
            self.types.setdefault(key, said)

    def schema(self, name: str, *, mixed: bool) -> Any:
        """The type, or null."""
        kinds = self._kinds()
        if len(kinds) > 1 and not mixed:
            return ["null", "string"]
        return (
            ["null", *(self._type(kind, name, mixed=mixed) for kind in kinds)] if kinds else "null"
        )

    def record(self, name: str, *, mixed: bool) -> dict[str, Any]:
        """The record of the fields."""
        fields = []
        for key, found in self.fields.items():
            said: dict[str, Any] = {"name": key, "type": found.schema(f"{name}_{key}", mixed=mixed)}
            fields.append({**said, "default": None})
        return {"type": "record", "name": name, "namespace": _SPACE, "fields": fields}

    def _kinds(self) -> list[str]:
        kinds = list(self.types)
        for pair, wider in _WIDER.items():
            if pair <= set(kinds):
                kinds = [kind for kind in kinds if kind not in pair or kind == wider]
        return kinds

    def _type(self, kind: str, name: str, *, mixed: bool) -> Any:
        if kind == "record":
            return self.record(name, mixed=mixed)
        if kind == "array" and self.elements is not None:
            empty = not self.elements.types
            items = self.elements.schema(f"{name}_items", mixed=mixed)
            return {"type": "array", "items": ["null", "string"] if empty else items}
        return self.types[kind]


def _scalar(value: Any) -> tuple[str, Any]:
    if isinstance(value, bool):
        return "boolean", "boolean"
    if isinstance(value, int):
        kind = "int" if -(2**31) <= value < 2**31 else "long"
        kind = kind if -(2**63) <= value < 2**63 else "string"
        return kind, kind
    if isinstance(value, float):
        return "double", "double"
    if isinstance(value, datetime):
        said = {"type": "long", "logicalType": "local-timestamp-millis"}
        return "local-timestamp-millis", said
    if isinstance(value, date):
        return "date", {"type": "int", "logicalType": "date"}
    return ("bytes", "bytes") if isinstance(value, bytes) else ("string", "string")
