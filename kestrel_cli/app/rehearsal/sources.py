"""What expressions ask for by functions: their own sources first, then what is made up."""

from typing import Any, Final

from kestrel_cli.app.reading.shape import Shape
from kestrel_cli.app.rehearsal.flows import World
from kestrel_cli.app.rehearsal.values import Maker
from kestrel_cli.errors import RenderError
from kestrel_cli.worker.services import Sources

_SECRET: Final = "made-up"


class MadeUpSources:
    """Stands before the sources of an execution; `made` is told of what was made up."""

    def __init__(self, own: Sources, world: World, maker: Maker, made: dict[str, Any]) -> None:
        self._own = own
        self._world = world
        self._maker = maker
        self._made = made

    def _shape(self, kind: str, name: str) -> Shape:
        return self._world.given.setdefault(f"{kind}:{name}", Shape(name))

    def secret(self, key: str) -> str | None:
        found = self._own.secret(key)
        if found is not None:
            return found
        shape = self._shape("secret", key)
        known = shape.root.parsed or shape.root.examples or shape.root.kinds
        text = str(self._maker.value(shape)) if known else f"{_SECRET}-{key}"
        self._made[f"secret('{key}')"] = (shape, text)
        return text

    def value(self, key: str, namespace: str | None) -> list[Any]:
        found = self._own.value(key, namespace)
        if found:
            return found
        shape = self._shape("kv", key)
        value = self._maker.value(shape)
        self._made[f"kv('{key}')"] = (shape, value)
        return [value]

    def read(self, uri: str, namespace: str | None) -> bytes:
        try:
            return self._own.read(uri, namespace)
        except RenderError:
            shape = self._shape("read", uri)
            content = self._content(shape, uri)
            self._made[f"read('{uri}')"] = (shape, content.decode(errors="replace"))
            return content

    def _content(self, shape: Shape, uri: str) -> bytes:
        root = shape.root
        if root.parsed is not None or root.examples:
            return str(self._maker.value(root)).encode()
        return self._maker.content(Shape(), uri.rpartition("/")[2] or "file.txt")

    def file_uri(self, path: str, namespace: str | None) -> str:
        return self._own.file_uri(path, namespace)

    def file_size(self, uri: str) -> int:
        try:
            return self._own.file_size(uri)
        except RenderError:
            return len(self.read(uri, None))

    def file_exists(self, uri: str) -> bool:
        return True

    def http(self, request: dict[str, object]) -> object:
        shape = self._world.given.setdefault("http:", Shape("http"))
        root = shape.root
        known = root.parts or root.item is not None or root.parsed
        value = self._maker.value(root) if known else {"id": 1, "name": "Ada"}
        self._made[f"http('{request.get('uri', '')}')"] = (shape, value)
        return value
