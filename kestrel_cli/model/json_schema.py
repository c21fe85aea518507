"""JSON Schema (draft-07) of declared properties, for editors. What is used twice is defined once.

A `Schemas` is lenient as Kestra's reader is: numbers where text is wanted, `"5"` where a number is,
null for whatever need not be said. A strict one is for documents that Kestrel itself writes.
"""

from collections.abc import Callable
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model, Property, unwrapped
from kestrel_cli.model.marks import Demand, Filled, Looks, Template
from kestrel_cli.model.task_facts import description_of

Schema = dict[str, Any]

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
TASK: Final = "task"  # the name of the definition of any task
_EXPRESSION: Final = "expression"

_LENIENT: Final[dict[object, tuple[str, Schema]]] = {
    str: ("text", {"type": ["string", "number", "boolean", "null"]}),
    bool: (
        "boolean",
        {
            "anyOf": [
                {"type": ["boolean", "integer", "null"]},
                {"type": "string", "pattern": r"^\s*([Tt]rue|TRUE|[Ff]alse|FALSE)\s*$"},
            ]
        },
    ),
    int: (
        "integer",
        {
            "anyOf": [
                {"type": ["integer", "null"]},
                {"type": "string", "pattern": r"^\s*[-+]?[0-9]{1,18}\s*$"},
            ]
        },
    ),
    float: (
        "number",
        {
            "anyOf": [
                {"type": ["number", "null"]},
                {"type": "string", "pattern": r"^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE]"
                 r"[-+]?[0-9]{1,3})?\s*$"},
            ]
        },
    ),
    Duration: ("duration", {"type": ["string", "number", "null"], "examples": ["PT30S", "P1D"]}),
}  # fmt: skip
_STRICT: Final[dict[object, Schema]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Duration: {"type": "string"},
}
_SHARED: Final[Schema] = {_EXPRESSION: {"type": "string", "pattern": r"\{[{%#]"}}
_NULL: Final = {"type": "null"}

_KEYWORDS: Final[dict[object, tuple[str, ...]]] = {
    "text": ("pattern", "minLength"),
    list: ("minItems",),
    tuple: ("minItems",),
    dict: ("minProperties",),
}

# What a property is about, for a model and one of its names.
Words = Callable[[type[Model], str], str | None]


class Schemas:
    """Schemas of models that share their definitions."""

    def __init__(self, words: Words, *, is_lenient: bool = True) -> None:
        self.definitions: Schema = {}
        self._words = words
        self._is_lenient = is_lenient
        self._names: dict[type[Model], str] = {}

    def ref(self, name: str) -> Schema:
        """A reference to a definition, or to one of the shared scalars."""
        if name in _SHARED:
            self.definitions.setdefault(name, _SHARED[name])
        return {"$ref": f"#/definitions/{name}"}

    def model(self, model: type[Model]) -> Schema:
        """A reference to the definition of a model, which is made on the first call."""
        name = self._names.get(model)
        if name is None:
            name = model.__name__
            while name in self.definitions:
                name += "_"
            self._names[model] = name
            self.definitions[name] = {}  # it may hold itself
            self.definitions[name] = self.whole(model)
        return self.ref(name)

    def whole(self, model: type[Model], base: type[Model] = Model) -> Schema:
        """An object schema in full; the properties of `base` are told of elsewhere."""
        declared = model.properties.values()
        properties: Schema = {}
        for one in declared:
            is_told = base.properties.get(one.name) is one
            made: Any = True if is_told else self._shared(model, one)
            properties[one.name] = made
            if one.old_name and one.old_name not in model.properties:
                properties[one.old_name] = made
        needed = [one.name for one in declared if one.required and not one.old_name]
        schema: Schema = {"type": "object", "properties": properties}
        if needed:
            schema["required"] = needed
        either = [[one.name, one.old_name] for one in declared if one.required and one.old_name]
        if either:
            schema["anyOf"] = [{"required": [name]} for name in either[0]]
        if description := description_of(model):
            schema["description"] = description
        return schema | {"additionalProperties": False}

    def _shared(self, model: type[Model], declared: Property) -> Schema:
        """A property; one that comes from a base is defined once, under the name of the base."""
        owner = _owner(model, declared)
        if owner is model:
            return self.property(model, declared)
        name = f"{owner.__name__}.{declared.name}"
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = self.property(owner, declared)
        return self.ref(name)

    def property(self, model: type[Model], declared: Property) -> Schema:
        """One property with what it is about."""
        looks = next((mark.shape for mark in declared.marks if isinstance(mark, Looks)), None)
        if declared.choice is not None:
            schema = self._chosen(declared)
        elif looks is not None:
            schema = self._of(looks, declared.marks)
        else:
            schema = self._of(declared.shape, declared.marks)
        if self._is_lenient and not declared.required:
            schema = _or_null(schema)
        if words := self._words(model, declared.name):
            schema = {**schema, "description": words}
        if isinstance(declared.default, (str, bool, int, float)):
            schema = {**schema, "default": declared.default}
        return schema

    def _chosen(self, declared: Property) -> Schema:
        assert declared.choice is not None
        part = self.ref(declared.choice.family)
        if not declared.apart:
            return part
        if get_origin(declared.shape) is dict:
            schema: Schema = {"type": "object", "additionalProperties": part}
        else:
            schema = {"type": "array", "items": part}
        return (
            schema | _for(declared.shape, Filled.schema()) if Filled in declared.marks else schema
        )

    def _of(self, shape: object, marks: tuple[object, ...]) -> Schema:
        schema = dict(self._bare(shape))
        for mark in marks:
            if isinstance(mark, Demand):
                demanded = _for(shape, mark.schema())
                schema = {"allOf": [schema], **demanded} if "$ref" in schema else schema | demanded
        if Template in marks and schema and not _takes_text(schema):
            return {"anyOf": [schema, self.ref(_EXPRESSION)]}
        return schema

    def _bare(self, shape: object) -> Schema:
        if shape in _STRICT:
            return self._scalar(shape)
        if shape is NoneType:
            return _NULL
        origin, parts = get_origin(shape), get_args(shape)
        if origin in (Union, UnionType):
            return self._union(parts)
        if origin is Literal:
            return {"enum": list(parts)}
        if origin in (list, tuple):
            return {"type": "array", "items": self._of(*unwrapped(parts[0]))}
        if origin is dict:
            return {"type": "object", "additionalProperties": self._of(*unwrapped(parts[1]))}
        if isinstance(shape, type) and issubclass(shape, Model):
            # Only the model of tasks itself has this pair.
            return self.ref(TASK) if "runIf" in shape.properties else self.model(shape)
        return {}

    def _scalar(self, shape: object) -> Schema:
        if not self._is_lenient:
            return _STRICT[shape]
        name, schema = _LENIENT[shape]
        self.definitions.setdefault(name, schema)
        return self.ref(name)

    def _union(self, parts: tuple[object, ...]) -> Schema:
        schemas: list[Schema] = []
        for part in parts:
            schema = self._of(*unwrapped(part))
            if schema not in schemas:
                schemas.append(schema)
        if len(schemas) == 2 and schemas[1] == _NULL and _takes_null(schemas[0]):
            return schemas[0]
        return {"anyOf": schemas} if all(schemas) else {}


def _owner(model: type[Model], declared: Property) -> type[Model]:
    """The class that declares a property."""
    owners = [one for one in model.__mro__ if issubclass(one, Model)]
    return [one for one in owners if one.properties.get(declared.name) is declared][-1]


def _for(shape: object, demanded: Schema) -> Schema:
    """What a demand says of this kind of value: a text has a length, a list has items."""
    kind = "text" if shape is str else get_origin(shape)
    names = _KEYWORDS.get(kind)
    return demanded if names is None else {k: v for k, v in demanded.items() if k in names}


def _takes_text(schema: Schema) -> bool:
    return schema.get("$ref") in ("#/definitions/text", "#/definitions/duration")


def _takes_null(schema: Schema) -> bool:
    scalars = [f"#/definitions/{name}" for name, _ in _LENIENT.values()]
    return not schema or schema.get("$ref") in scalars


def _or_null(schema: Schema) -> Schema:
    """The same, or nothing said."""
    if _takes_null(schema):
        return schema
    if "enum" in schema:
        return {"enum": [*schema["enum"], None]}
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    if "anyOf" in schema and len(schema) == 1:
        branches = schema["anyOf"]
        taken = any(branch == _NULL or _takes_null(branch) for branch in branches)
        return schema if taken else {"anyOf": [*branches, _NULL]}
    return {"anyOf": [schema, _NULL]}
