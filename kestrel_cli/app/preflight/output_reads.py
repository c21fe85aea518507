"""Which outputs of its tasks a flow reads: found in its text, for mocks that give them."""

import re
from collections.abc import Iterator
from typing import Final

from kestrel_cli.flowfile.unsupported import UnsupportedTask
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import enabled
from kestrel_cli.model.texts import texts_in, texts_of

# `outputs.task.name`, `outputs['a-b'].name`, `outputs.task[taskrun.value].name`.
_READ: Final = re.compile(
    r"""(?<![\w.])outputs(?:\.([\w-]+)|\[(["'])([^"']+)\2\])(?:\[[\w.]+\])*\.([A-Za-z_]\w*)"""
)


def outputs_read(flow: Flow) -> dict[str, list[str]]:
    """The names of outputs by task, each once, in the order in which they are read."""
    found: dict[str, list[str]] = {}
    for text in _texts(flow):
        for match in _READ.finditer(text) if "outputs" in text else ():
            names = found.setdefault(match[1] or match[3], [])
            if match[4] not in names:
                names.append(match[4])
    return found


def _texts(flow: Flow) -> Iterator[str]:
    for task in enabled(flow):
        yield from texts_of(task)
        if isinstance(task, UnsupportedTask):
            yield from texts_in([task.extra])
    yield from texts_in([flow.variables, list(flow.outputs)])
