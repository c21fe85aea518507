"""Words and places for values that a model refused."""

from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node, locate
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.fields import (
    DOUBT,
    Model,
    Property,
    accept_all,
    is_rendered_text,
    is_template,
    unwrapped,
)
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.task import Task


def made(
    model: type[Model],
    values: dict[str, Any],
    node: Node,
    findings: Findings,
    holder: type[Model] | None = None,
    above: str = "",
) -> Any:
    """An instance of the model, or None with every flaw of the values among the findings.

    `above` is the path to the model, for messages.
    """
    if findings.has_spellings:
        from kestrel_cli.flowfile.spelling import keep_spelling

        keep_spelling(model, node, findings)
        values = {name: node.value.get(name, value) for name, value in values.items()}
    _look_at_values(model, values, node, findings)
    quick = accept_all(model, values)
    if quick is not DOUBT:
        return quick
    from kestrel_cli.model.schema import judge

    instance, flaws = judge(model, values)
    for kind, path, wanted in flaws:
        match kind:
            case "unknown-property":
                _unknown(model, path, node, findings, holder)
            case "missing-property":
                missing(dotted(path, above), locate(node, path[:-1]), findings)
            case "wrong-value":
                _wrong(path, wanted, node, findings, above)
    return instance


def _look_at_values(
    model: type[Model], values: dict[str, Any], node: Node, findings: Findings
) -> None:
    """Lists and maps where text is wanted are text for Kestra, too; hardly anybody means that.
    Nothing where a task wants anything at all is nothing.
    """
    for name, value in values.items():
        if value is not None and not isinstance(value, (list, dict)):
            continue
        declared = model.properties.get(name)
        if declared is None:
            continue
        if value is None:
            if declared.required and issubclass(model, Task) and _takes_all(declared):
                missing(name, node, findings)
        elif is_rendered_text(declared.shape, declared.marks):
            what = "list" if isinstance(value, list) else "map"
            message = f"`{name}` is a text: the JSON of this {what} is taken for it"
            findings.info("document", message, locate(node, (name,)))


def _takes_all(declared: Property) -> bool:
    return unwrapped(declared.shape)[0] is Any


def missing(name: str, node: Node, findings: Findings) -> None:
    """A property that the file has to say and does not."""
    findings.error("missing-property", f"missing property `{name}`", node.first())


def must(name: str, what: str, node: Node, findings: Findings) -> None:
    """A property whose value does not fit; `what` completes "must"."""
    findings.error("wrong-value", f"`{name}` must {what}", node)


def _wrong(
    path: tuple[str | int, ...], wanted: str, node: Node, findings: Findings, above: str
) -> None:
    at = locate(node, path)
    name = dotted(path, above)
    if wanted == "filled":
        must(name, "not be empty", at, findings)
        return
    hint = None
    if isinstance(at.value, str):
        if near := nearest(at.value, wanted.split("`")[1::2]):
            hint = f"did you mean `{near}`?"
        elif is_template(at.value):
            hint = "this property is read before anything runs: it cannot hold an expression"
    findings.error("wrong-value", f"`{name}` must be {wanted}", at, hint)


def dotted(path: tuple[str | int, ...], above: str = "") -> str:
    """`inputs[2].id`"""
    text = above
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _unknown(
    model: type[Model],
    path: tuple[str | int, ...],
    node: Node,
    findings: Findings,
    holder: type[Model] | None,
) -> None:
    name = str(path[-1])
    owner = model_at(model, path[:-1])
    at = locate(node, path[:-1]).key(name)
    findings.error("unknown-property", f"unknown property `{name}`", at, _home(name, owner, holder))


def _home(name: str, owner: type[Model], holder: type[Model] | None) -> str | None:
    """Where the property belongs, or what it was meant to be."""
    is_task = issubclass(owner, Task)
    if name == "<<":
        return "Kestra does not read merge keys"
    if is_task and holder is not None and holder is not Flow and name in holder.properties:
        around = f"the {holder.__name__} around this task"
        return f"`{name}` is a property of {around}: check the indentation"
    if is_task and name in Flow.properties:
        return f"`{name}` is a property of the flow, not of a task: check the indentation"
    if owner is Flow and name in Task.properties:
        return f"`{name}` is a property of a task, not of the flow: check the indentation"
    near = nearest(name, owner.properties)
    return f"did you mean `{near}`?" if near else None


def model_at(model: type[Model], path: tuple[str | int, ...]) -> type[Model]:
    """The model that a path of properties and indexes leads to, or the last one on the way."""
    for part in path:
        if isinstance(part, str) and (declared := model.properties.get(part)):
            model = _model_in(declared.shape) or model
    return model


def _model_in(shape: object) -> type[Model] | None:
    shape = unwrapped(shape)[0]
    if isinstance(shape, type) and issubclass(shape, Model):
        return shape
    if get_origin(shape) in (Union, UnionType, list, tuple, dict):
        inner = (_model_in(part) for part in get_args(shape) if part not in (NoneType, Ellipsis))
        return next((one for one in inner if one), None)
    return None
