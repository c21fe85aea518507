"""What is known of the outputs of types that do not run in a rehearsal."""

from collections.abc import Mapping
from typing import Final

from kestrel_cli.app.reading.shape import Kind, Shape
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.task import Task
from kestrel_cli.model.task_facts import merged_words
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
# Outputs that scripts had once: Kestra still takes their names in flows of that time.
_OLD: Final = frozenset(("stdOutLineCount", "stdErrLineCount", "warningOnStdErr"))
_FETCHED: Final = {"FETCH": "rows", "FETCH_ONE": "row", "STORE": "uri"}


def is_old(name: str) -> bool:
    """Whether scripts had an output of this name once."""
    return name in _OLD


def given_by(task: Task) -> set[str]:
    """The outputs of a task of a type that runs here; none where not all of them are known."""
    found = set(merged_words(type(task), "gives"))
    if not found:
        return found
    way = getattr(task, "fetchType", None)
    flags = any(getattr(task, name, False) for name in ("fetch", "fetchOne", "store"))
    if isinstance(way, str) and not is_template(way) and not flags and "rows" in found:
        found -= {output for known, output in _FETCHED.items() if known != way.upper()}
    return found


def kept_by(task: Task) -> list[str]:
    """The patterns of files that a task keeps; none where only the run knows them."""
    patterns = getattr(task, "outputFiles", None)
    if not isinstance(patterns, list) or any(is_template(str(one)) for one in patterns):
        return []
    found = [str(one) for one in patterns]
    if any(mark in one for one in found for mark in ("**", "{", "glob:", "regex:")):
        return []
    return found


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
