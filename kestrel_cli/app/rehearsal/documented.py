"""What is known of the outputs of types that do not run here."""

from collections.abc import Mapping
from typing import Final

from kestrel_cli.app.rehearsal.shape import Kind, Shape
from kestrel_cli.tasks.foreign.types import Output

_DOCUMENTED: Final[Mapping[str, Kind]] = {
    "text": Kind.TEXT,
    "number": Kind.NUMBER,
    "size": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "uri": Kind.FILE,
    "uris": Kind.MAP,
    "list": Kind.LIST,
    "rows": Kind.LIST,
    "map": Kind.MAP,
    "moment": Kind.MOMENT,
}


def as_documented(shape: Shape, known: Output) -> None:
    """Take a documented output for what it is; what is read of it says more."""
    kind = _DOCUMENTED.get(known.kind)
    if kind is not None and not shape.root.known and shape.root.parsed is None:
        shape.use(kind)
    if known.kind == "uris":
        for part in shape.root.parts.values():
            part.use(Kind.FILE)
    inner = shape.root
    if known.kind == "rows" and inner.item is not None:
        inner = inner.item.root
    for name, part in inner.parts.items():
        if (below := known.inside.get(name)) is not None:
            as_documented(part, below)
