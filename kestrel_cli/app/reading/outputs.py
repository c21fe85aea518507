"""What a flow reads of the outputs of its tasks: for mocks that give it."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from kestrel_cli.app.reading.loops import places_of
from kestrel_cli.app.reading.reader import Reader
from kestrel_cli.app.reading.shape import Read, Shape
from kestrel_cli.flowfile.unsupported import UnsupportedTask
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import enabled
from kestrel_cli.model.texts import texts_in, texts_of

PLACE: Final = "..."  # what is to be filled in


@lru_cache(maxsize=16)
def outputs_read(flow: Flow) -> dict[str, dict[str, Any]]:
    """By task, the outputs that the tasks that can run, the variables and the outputs of a flow
    read of it, in the order in which they are read: maps and lists down to what is to be filled
    in. Values of the loops around a task are no names of its outputs. To be read only.
    """
    outputs = Shape("outputs")
    for task_id, loops in places_of(flow).around.items():
        outputs.part(task_id).levels = len(loops)
    reader = Reader(
        lambda name: outputs if name == "outputs" else None, Read(flow.where.file, None, "")
    )
    for text in _texts(flow):
        if "outputs" in text:
            reader.read(text)
    filled = {task_id: _filled(one.innermost()) for task_id, one in outputs.parts.items()}
    return {task_id: names for task_id, names in filled.items() if isinstance(names, dict)}


def _filled(shape: Shape) -> Any:
    """A value of that shape, with places to fill in."""
    whole: list[Any] = [None]
    waiting: list[tuple[Shape, Any, Any]] = [(shape, whole, 0)]
    while waiting:
        one, holder, key = waiting.pop()
        root = one.root
        if root.parts:
            made: Any = {}
            waiting += [(part, made, name) for name, part in reversed(root.parts.items())]
        elif root.item is not None:
            made = [None]
            waiting.append((root.item, made, 0))
        else:
            made = PLACE
        holder[key] = made
    return whole[0]


def _texts(flow: Flow) -> Iterator[str]:
    for task in enabled(flow):
        yield from texts_of(task)
        if isinstance(task, UnsupportedTask):
            yield from texts_in([task.extra])
    yield from texts_in([flow.variables, list(flow.outputs)])
