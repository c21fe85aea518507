"""Values that have a shape: the same ones each time."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from kestrel_cli.app.reading.shape import BY_NAME, Kind, Shape

TEXT: Final = "made-up"
MOMENT: Final = "2024-01-01T10:00:00Z"
FOLDER: Final = "made-up"  # of internal storage
_DEEPEST: Final = 12
_PLAIN: Final[Mapping[Kind, Any]] = {
    Kind.NUMBER: 1,
    Kind.BOOLEAN: True,
    Kind.MOMENT: MOMENT,
    Kind.DURATION: "PT1M",
    Kind.TEXT: TEXT,
    Kind.DIGITS: "1",
}
# Numbers that say that all went well.
_GOOD: Final[Mapping[str, int]] = {"exitCode": 0, "code": 200}
_ROWS: Final = ({"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"})
_CSV: Final = b"id,name\n1,Ada\n2,Grace\n"
_FORMS: Final[Mapping[str, bytes]] = {
    "csv": _CSV,
    "json": b'{"id": 1, "name": "Ada"}\n{"id": 2, "name": "Grace"}\n',
    "ion": b'{id:1,name:"Ada"}\n{id:2,name:"Grace"}\n',
    "xml": b"<rows><row><id>1</id></row><row><id>2</id></row></rows>",
    "yaml": b"- id: 1\n  name: Ada\n- id: 2\n  name: Grace\n",
    "txt": b"one\ntwo\n",
}


class Maker:
    """Makes values, and the files that they are the addresses of below `storage`."""

    def __init__(self, storage: Path) -> None:
        self._storage = storage
        self._files: dict[int, str] = {}

    def value(self, shape: Shape, depth: int = 0) -> Any:
        """A value that all who are known to read it can read."""
        root = shape.root
        if root.levels:
            return self.value(root.innermost(), depth + 1)
        if depth > _DEEPEST:
            return TEXT
        if root.forced is not None:
            return self._forced(root, root.forced)
        if Kind.FILE in root.kinds and not (root.parts or root.item is not None):
            return self.file(root)
        if root.parsed is not None:
            for name, part in root.parts.items():  # what jq reads of the text
                root.parsed.part(name).union(part)
            return json.dumps(self._or_map(root.parsed, depth + 1), ensure_ascii=False)
        if root.parts:
            found = {name: self.value(part, depth + 1) for name, part in root.parts.items()}
            return [found, found] if root.item is not None and self._is_list(root) else found
        if root.item is not None or Kind.LIST in root.kinds:
            return self._list(root, depth)
        return self._leaf(root)

    def _forced(self, root: Shape, kind: Kind) -> Any:
        match kind:
            case Kind.FILE:
                return self.file(root)
            case Kind.LIST:
                return ["one", "two"]
            case Kind.MAP:
                return dict(_ROWS[0])
            case Kind.JSON_MAP:
                return json.dumps(_ROWS[0])
            case Kind.JSON_LIST:
                return json.dumps(_ROWS)
            case Kind.LINES:
                return "\n".join(json.dumps(row) for row in _ROWS)
            case _:
                return _PLAIN[kind]

    def _is_list(self, root: Shape) -> bool:
        return not root.parts.keys() - {"size", "length"}

    def _or_map(self, shape: Shape, depth: int) -> Any:
        root = shape.root
        known = root.known or root.kinds or root.forced
        return self.value(root, depth) if known else dict(_ROWS[0])

    def _list(self, root: Shape, depth: int) -> list[Any]:
        if root.item is None:
            return [*root.holds] or ["one", "two"]
        inner = root.item.root
        if not (inner.known or inner.kinds or inner.forced):
            return [*root.holds] or ["one", "two"]
        one = self.value(inner, depth + 1)
        return [one, self._another(one, inner, depth + 1)]

    def _another(self, one: Any, shape: Shape, depth: int) -> Any:
        """A second value of the same shape, another one where that is possible."""
        root = shape.root
        if isinstance(one, dict) and root.parts and root.forced is None:
            return {
                name: self._another(value, root.parts[name], depth + 1)
                if name in root.parts and depth < _DEEPEST
                else value
                for name, value in one.items()
            }
        if isinstance(one, str) and root.parsed is not None and root.forced is None:
            return json.dumps(self._another(json.loads(one), root.parsed, depth + 1))
        if len(root.examples) > 1:
            return root.examples[1]
        if isinstance(one, (int, float)) and not isinstance(one, bool):
            return one + 1
        return f"{TEXT}-2" if one == TEXT else one

    def _leaf(self, root: Shape) -> Any:
        told = [*root.examples, *root.holds]
        if root.name in _GOOD and root.kinds <= {Kind.NUMBER}:
            told.append(_GOOD[root.name])
        if told:
            return told[0]
        for kind in (Kind.DIGITS, Kind.NUMBER, Kind.MOMENT, Kind.DURATION, Kind.TEXT):
            if kind in root.kinds:
                return _PLAIN[kind]
        if Kind.MAP in root.kinds:
            return dict(_ROWS[0])
        by_name = BY_NAME.get(root.name)
        if by_name is Kind.FILE:
            return self.file(root)
        if by_name is Kind.LIST:
            return [dict(row) for row in _ROWS]
        if by_name is Kind.MAP:
            return dict(_ROWS[0])
        if by_name is not None:
            return _PLAIN[by_name]
        return True if Kind.BOOLEAN in root.kinds else TEXT

    def file(self, shape: Shape) -> str:
        """The address of a file of this shape; made once."""
        root = shape.root
        known = self._files.get(id(root))
        if known is not None:
            return known
        name = _file_name(root, len(self._files) + 1)
        path = self._storage / FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.content(root, name))
        found = self._files[id(root)] = f"kestra:///{FOLDER}/{quote(name)}"
        return found

    def content_of(self, address: object) -> str | None:
        """What is in a file that was made, by its address."""
        if not isinstance(address, str) or not address.startswith(f"kestra:///{FOLDER}/"):
            return None
        name = unquote(address.removeprefix("kestra:///"))
        try:
            return (self._storage / name).read_text("utf-8")
        except (OSError, ValueError):
            return None

    def local(self, shape: Shape, name: str) -> str:
        """The path of such a file, for an input."""
        path = self._storage / FOLDER / "inputs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.content(shape, name))
        return str(path)

    def content(self, shape: Shape, name: str) -> bytes:
        """What is in such a file."""
        root = shape.root
        inner = None if root.content is None else root.content.root
        if inner is not None and (inner.known or Kind.LIST in inner.kinds or inner.forced):
            value = self.value(inner)
            if root.form == "ion" and isinstance(value, list):
                return "\n".join(json.dumps(row) for row in value).encode()
            return (value if isinstance(value, str) else json.dumps(value)).encode()
        return _FORMS.get(root.form or name.rpartition(".")[2].lower(), _CSV)


def _file_name(root: Shape, number: int) -> str:
    name = "".join(one if one.isalnum() or one in "._-" else "_" for one in root.name) or "file"
    if "." not in name:
        name = f"{name}.{root.form or 'csv'}"
    return f"{number}-{name}"
