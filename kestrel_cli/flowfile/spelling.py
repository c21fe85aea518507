"""Numbers and booleans where text is wanted: the text as it is written, `1.10`, not `1.1`.

Whole numbers of a task are an exception: Kestra reads a task's properties as values first, and the
text of `010` is `8` there. A condition is judged by its value, whatever word stands for it.
Imported only for files that write a number or boolean unlike everybody else.
"""

from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.model.fields import Model, unwrapped
from kestrel_cli.model.flow import Input
from kestrel_cli.model.task import Task

_JUDGED: Final = frozenset(("condition", "runIf"))
_CHOICES: Final = ("values", "options")
_TEXTS: Final = frozenset(("EMAIL", "ENUM", "SECRET", "SELECT", "STRING", "URI"))


def keep_spelling(model: type[Model], node: Node, findings: Findings) -> None:
    """Put the written text into every text property of the model at `node`, and of those in it."""
    waiting = [(model, node, issubclass(model, Task))]
    while waiting:
        kind, at, in_task = waiting.pop()
        for name, declared in kind.properties.items():
            below = at.get(name)
            if below is None or declared.holds_tasks:
                continue
            if below.text is not None:
                if _wants_text(declared.shape) and name not in _JUDGED:
                    _respell(at, name, below, in_task, findings)
            elif below.items:
                waiting += [(one, held, in_task) for one, held in _models(declared.shape, below)]
        if issubclass(kind, Input):
            _input(at, findings)


def _respell(holder: Node, key: Any, node: Node, in_task: bool, findings: Findings) -> None:
    if in_task and type(node.value) is int:
        return
    node.value = holder.value[key] = node.text
    findings.forget("scalar", node)


def _wants_text(shape: object) -> bool:
    bare = unwrapped(shape)[0]
    if get_origin(bare) in (Union, UnionType):
        parts = [unwrapped(part)[0] for part in get_args(bare)]
        return str in parts and not {int, float, bool, Any} & {p for p in parts if _is_plain(p)}
    return bare is str


def _is_plain(shape: object) -> bool:
    return shape in (int, float, bool, Any)


def _models(shape: object, node: Node) -> list[tuple[type[Model], Node]]:
    """The models that stand in a property, each with its node."""
    bare = unwrapped(shape)[0]
    parts = [part for part in get_args(bare) if part not in (NoneType, Ellipsis)]
    if isinstance(bare, type) and issubclass(bare, Model):
        return [(bare, node)]
    if get_origin(bare) in (list, tuple):
        return [found for item in node.elements() for found in _models(parts[0], item)]
    if get_origin(bare) in (Union, UnionType):
        return [found for part in parts for found in _models(part, node)]
    return []


def _input(node: Node, findings: Findings) -> None:
    """What an input offers is text, and so is the default of an input whose values are."""
    for name in _CHOICES:
        offered = node.get(name)
        for index, item in enumerate(offered.elements() if offered else ()):
            if item.text is not None and offered is not None:
                _respell(offered, index, item, False, findings)
    for name in ("defaults", "prefill"):
        default = node.get(name)
        if default is not None and default.text is not None and node.value.get("type") in _TEXTS:
            _respell(node, name, default, False, findings)
