"""Files that the programs in a WorkingDirectory would have made: they are in it from the start."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from kestrel_cli.app.reading.loops import FLOWABLES, kind_of
from kestrel_cli.app.reading.shape import Kind, Shape
from kestrel_cli.app.rehearsal.asked import Asked
from kestrel_cli.app.rehearsal.values import Maker
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.task import Task

_KIND: Final = f"{FLOWABLES}WorkingDirectory"
_PATTERN: Final = frozenset("*?[{")


@contextmanager
def filled(flows: list[Asked], maker: Maker) -> Iterator[None]:
    """While this lasts, the directories of these flows have the files that are kept of them."""
    before: list[tuple[Task, Any]] = []
    for asked in flows:
        for task in asked.flow.by_id.values():
            if kind_of(task) != _KIND:
                continue
            own: Any = task.__dict__.get("inputFiles")
            files = dict(_kept(asked, task, maker))
            if files and (own is None or isinstance(own, dict)):
                before.append((task, own))
                task.__dict__["inputFiles"] = {**files, **(own or {})}
    try:
        yield
    finally:
        for task, own in before:
            task.__dict__["inputFiles"] = own


def _kept(asked: Asked, task: Task, maker: Maker) -> Iterator[tuple[str, str]]:
    """The names of files that are kept, and addresses of such files."""
    patterns: Any = getattr(task, "outputFiles", None)
    if not patterns:
        return
    shape = asked.outputs.part(task.id).innermost().root.parts.get("outputFiles")
    read = {} if shape is None else shape.root.parts
    names = [one for one in patterns if isinstance(one, str)] if isinstance(patterns, list) else []
    plain = [one for one in names if not (is_template(one) or _PATTERN & {*one})]
    for name in dict.fromkeys((*read, *plain)):
        part = read.get(name) or Shape(name)
        yield name, maker.file(part.use(Kind.FILE))
