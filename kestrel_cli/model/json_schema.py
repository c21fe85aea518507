"""JSON Schema of what a flow file may say, from the declared properties; for editors."""

from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model, Property, unwrapped
from kestrel_cli.model.marks import Demand, Template

# What stands for any task; the caller defines it.
TASK_REF: Final = "#/$defs/task"

_SCALARS: Final[dict[object, dict[str, Any]]] = {
    # Kestra reads numbers and booleans where text is wanted, and their texts where they are.
    str: {"type": ["string", "number", "boolean"]},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Duration: {"type": ["string", "number"]},
    NoneType: {"type": "null"},
}
_EXPRESSION: Final = {"type": "string", "pattern": r"\{[{%#]"}


def json_schema(model: type[Model]) -> dict[str, Any]:
    """An object schema; properties that hold tasks refer to `TASK_REF`."""
    declared = model.properties.values()
    return {
        "type": "object",
        "description": (model.__doc__ or "").strip(),
        "properties": {each.name: _property(each) for each in declared},
        "required": [each.name for each in declared if each.required and not each.old_name],
        "additionalProperties": False,
    }


def _property(declared: Property) -> dict[str, Any]:
    schema = _marked(declared.shape, declared.marks)
    if isinstance(declared.default, (str, int, float)):
        schema = {**schema, "default": declared.default}
    return schema


def _marked(shape: object, marks: tuple[object, ...]) -> dict[str, Any]:
    schema = dict(_bare(shape))
    for mark in marks:
        if isinstance(mark, Demand):
            schema |= mark.schema()
    return {"anyOf": [schema, _EXPRESSION]} if Template in marks and schema else schema


def _bare(shape: object) -> dict[str, Any]:
    if shape in _SCALARS:
        return _SCALARS[shape]
    origin, parts = get_origin(shape), get_args(shape)
    if origin in (Union, UnionType):
        return {"anyOf": [_marked(*unwrapped(part)) for part in parts]}
    if origin is Literal:
        return {"enum": list(parts)}
    if origin in (list, tuple):
        return {"type": "array", "items": _marked(*unwrapped(parts[0]))}
    if origin is dict:
        return {"type": "object", "additionalProperties": _marked(*unwrapped(parts[1]))}
    if isinstance(shape, type) and issubclass(shape, Model):
        # Only the model of tasks itself has this pair; anything else is written out in place.
        is_task = "runIf" in shape.properties
        return {"$ref": TASK_REF} if is_task else json_schema(shape)
    return {}
