"""Declared properties: what a flow file may say about a task, written once as annotated classes.

A `Model` class lists its properties as annotations, in Kestra's own spelling. From that one list
come the quick acceptance of valid files (`accept`), the pydantic model that judges the doubtful
ones and words the errors (`schema.py`), the reference of `kestrel tasks` and the JSON schema.
Python keywords carry a trailing underscore (`finally_`, `else_`).
"""

from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Final,
    Literal,
    Self,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
)

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.marks import (
    Children,
    Chosen,
    Demand,
    Internal,
    OldName,
    Since,
    Template,
)

T = TypeVar("T")


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final[Any] = _Required()


class Property:
    """One declared property: YAML `name`, Python `attribute`, bare `type`, `marks`, `default`."""

    __slots__ = (
        "apart",
        "attribute",
        "choice",
        "default",
        "dynamic",
        "marks",
        "name",
        "old_name",
        "shape",
    )

    def __init__(self, attribute: str, annotation: object, default: object) -> None:
        self.attribute = attribute
        self.name = attribute.removesuffix("_")
        self.default = default
        self.shape, self.marks = unwrapped(annotation)
        self.dynamic = Template in self.marks
        self.old_name = next((mark.name for mark in self.marks if isinstance(mark, OldName)), None)
        self.choice = next((mark for mark in self.marks if isinstance(mark, Chosen)), None)
        # Whether something else than `accept` fills it.
        self.apart = Children in self.marks or type(self.choice) is Chosen

    @property
    def required(self) -> bool:
        """Whether the file has to say it."""
        return self.default is REQUIRED

    @property
    def holds_tasks(self) -> bool:
        """Whether the builder fills it with tasks."""
        return Children in self.marks


def unwrapped(annotation: object) -> tuple[object, tuple[object, ...]]:
    """The bare type and the marks of `Annotated[type, *marks]`; those inside of an optional count
    too.
    """
    marks: tuple[object, ...] = getattr(annotation, "__metadata__", ())
    if marks:
        annotation = annotation.__origin__  # type: ignore[attr-defined]
    if get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            marks += getattr(part, "__metadata__", ())
    return annotation, marks


def _is_property(annotation: object) -> bool:
    return get_origin(annotation) is not ClassVar and Internal not in unwrapped(annotation)[1]


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Model:
    """Base of everything a flow file declares; made once by the loader, never changed after."""

    properties: ClassVar[dict[str, Property]] = {}
    # Names of inherited properties that files can't say of this class: the default stays.
    without: ClassVar[frozenset[str]] = frozenset()
    # Those with members of a family, and those that older Kestras lack.
    choices: ClassVar[tuple[Property, ...]] = ()
    newer: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls) -> None:
        own = {
            name: Property(name, annotation, cls.__dict__.get(name, REQUIRED))
            for name, annotation in cls.__annotations__.items()
            if _is_property(annotation)
        }
        inherited: dict[str, Property] = {}
        for base in reversed(cls.__mro__[1:]):
            inherited |= base.__dict__.get("properties", {})
        kept = {name: p for name, p in inherited.items() if name not in cls.without}
        cls.properties = kept | {p.name: p for p in own.values()}
        cls.choices = tuple(p for p in cls.properties.values() if p.choice)
        cls.newer = {
            p.name: mark.kestra
            for p in cls.properties.values()
            for mark in p.marks
            if isinstance(mark, Since)
        }

    def __init__(self, **values: Any) -> None:
        for declared in type(self).properties.values():
            if declared.attribute not in values:
                if declared.default is REQUIRED:
                    raise TypeError(f"{type(self).__name__} needs {declared.attribute}")
                values[declared.attribute] = declared.default
        self.__dict__.update(values)

    def __repr__(self) -> str:
        said = ", ".join(
            f"{p.name}={getattr(self, p.attribute)!r}"
            for p in self.properties.values()
            if getattr(self, p.attribute) != p.default
        )
        return f"{type(self).__name__}({said})"

    def changed(self, **values: Any) -> Self:
        """A copy with some properties replaced."""
        return type(self)(**{**self.__dict__, **values})


class _Doubt:
    """What `accept` answers when only pydantic may decide."""


DOUBT: Final[Any] = _Doubt()


def is_template(text: str) -> bool:
    """Whether the text holds something to render."""
    return "{{" in text or "{%" in text or "{#" in text


def accept(declared: Property, value: object) -> Any:
    """`value` in its final form if it is plainly what the property wants, else DOUBT; no error."""
    return _marked(declared.shape, declared.marks, value)


def is_rendered_text(shape: object, marks: tuple[object, ...]) -> bool:
    """Whether this is a property whose text is rendered: of a list or map it takes the JSON."""
    if Template not in marks:
        return False
    parts = get_args(shape) if get_origin(shape) in (Union, UnionType) else (shape,)
    return {unwrapped(part)[0] for part in parts} - {NoneType} == {str}


def document_text(value: list[Any] | dict[str, Any]) -> str:
    """The JSON of a list or map, with the expressions in it as they are."""
    import json

    from kestrel_cli.model.merging import without_nulls

    return json.dumps(without_nulls(value), ensure_ascii=False, separators=(",", ":"))


def _marked(shape: object, marks: tuple[object, ...], value: object) -> Any:
    if isinstance(value, (list, dict)) and is_rendered_text(shape, marks):
        value = document_text(value)
    if Template in marks and isinstance(value, str) and is_template(value):
        return value
    for mark in marks:
        if isinstance(mark, Demand) and not mark.fits(shape, value):
            return DOUBT
    return _accepted(shape, value)


_PLAIN: Final = (bool, int)
_EXACT: Final = 2**53  # whole numbers that a float holds


def _as_text(value: object) -> Any:
    """Numbers and booleans where text is wanted are read as their text, as Kestra does."""
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    return str(value) if type(value) is int else DOUBT


def _accepted(shape: object, value: object) -> Any:
    """`value` as a `shape`, or DOUBT. One line for each kind of annotation."""
    if shape is Any or shape is object:
        return value
    if shape is str:
        return _as_text(value)
    if shape in _PLAIN:
        return value if type(value) is shape else DOUBT
    if shape is float:
        return _float(value)
    if shape is Duration:
        return _duration(value)
    if shape is NoneType:
        return value if value is None else DOUBT
    return _accepted_parts(shape, value)


def _accepted_parts(shape: object, value: object) -> Any:
    origin, parts = get_origin(shape), get_args(shape)
    if origin in (Union, UnionType):
        return _first_accepted(parts, value)
    if origin is Literal:
        return value if isinstance(value, str) and value in parts else DOUBT
    if origin is list and isinstance(value, list):
        return _all_accepted(parts[0], value)
    if origin is dict and isinstance(value, dict):
        kept = _all_accepted(parts[1], value.values())
        return DOUBT if kept is DOUBT else dict(zip(value, kept, strict=True))
    if isinstance(shape, type) and issubclass(shape, Model) and isinstance(value, dict):
        return accept_all(shape, value)
    return DOUBT


def _float(value: object) -> Any:
    if type(value) is float:
        return value
    return float(value) if type(value) is int and abs(value) <= _EXACT else DOUBT


def _duration(value: object) -> Any:
    try:
        return Duration.parse(value) if isinstance(value, str) else DOUBT
    except ValueError:
        return DOUBT


def _first_accepted(shapes: tuple[object, ...], value: object) -> Any:
    if type(value) in shapes:
        return value
    for shape in shapes:
        if (kept := _marked(*unwrapped(shape), value)) is not DOUBT:
            return kept
    return DOUBT


def _all_accepted(shape: object, values: Any) -> Any:
    inner, marks = unwrapped(shape)
    kept = []
    for value in values:
        if (one := _marked(inner, marks, value)) is DOUBT:
            return DOUBT
        kept.append(one)
    return kept


def accept_all(model: type[Model], values: dict[str, object]) -> Any:
    """An instance of `model` if every property is plainly right, else DOUBT.

    What is made apart is left out.
    """
    properties = model.properties
    made: dict[str, object] = {}
    for name, value in values.items():
        declared = properties.get(name)
        if declared is None:
            return DOUBT
        if declared.apart or (value is None and not declared.required):
            continue
        if (kept := accept(declared, value)) is DOUBT:
            return DOUBT
        made[declared.attribute] = kept
    for declared in properties.values():
        if declared.required and not declared.apart and declared.attribute not in made:
            return DOUBT
    return made_of(model, made)


def made_of(model: type[Model], made: dict[str, object]) -> Model:
    """An instance from final values; what is made apart may still be missing."""
    instance = model.__new__(model)
    for declared in model.properties.values():
        default = None if declared.default is REQUIRED else declared.default
        made.setdefault(declared.attribute, default)
    instance.__dict__.update(made)
    return instance
