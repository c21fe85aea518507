"""The judge of doubtful values: a pydantic model derived from the properties that `accept` reads.

`accept_all` (fields.py) answers for files that are plainly right, without importing pydantic. All
else comes here: values that need a conversion (`"5"` for a number, as Kestra's own reader allows)
and values that are wrong.
"""

from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    TypeAdapter,
    ValidationError,
    WrapValidator,
    create_model,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from kestrel_cli.model.coercion import READERS, wanted
from kestrel_cli.model.fields import (
    DOUBT,
    Model,
    Property,
    accept,
    document_text,
    is_rendered_text,
    is_template,
    made_of,
    unwrapped,
)
from kestrel_cli.model.marks import Demand, Template

# Pydantic's own attributes would clash with properties such as `copy`; only aliases are ever seen.
_FIELD: Final = "field_"
# Union branches stand in pydantic's error paths; this keeps them apart from keys of the file.
_BRANCH: Final = "\0branch "
_KINDS: Final = {"list_type": "a list", "tuple_type": "a list", "dict_type": "a map"}

_ADAPTERS: Final[dict[type[Model], TypeAdapter[Any]]] = {}

Pick = Callable[[Any], str | None]


class Flaw(NamedTuple):
    """What is wrong with one property. `path` leads to it; `wanted` completes "must be ..."."""

    kind: Literal["unknown-property", "missing-property", "wrong-value"]
    path: tuple[str | int, ...]
    wanted: str = ""


def judge(model: type[Model], values: dict[str, Any]) -> tuple[Any, list[Flaw]]:
    """An instance of the model, or everything that is wrong with the values.

    What is made apart is left out.
    """
    apart = {declared.name for declared in model.properties.values() if declared.apart}
    said = {name: value for name, value in values.items() if name not in apart}
    try:
        return _adapter(model).validate_python(said), []
    except ValidationError as problem:
        details = problem.errors(include_url=False, include_input=False)
        return None, [_flaw(detail) for detail in details]


def _flaw(detail: ErrorDetails) -> Flaw:
    path = tuple(part for part in detail["loc"] if not str(part).startswith(_BRANCH))
    match detail["type"]:
        case "extra_forbidden":
            return Flaw("unknown-property", path)
        case "missing":
            return Flaw("missing-property", path)
        case "wanted":
            context = detail["ctx"]
            return Flaw(
                "wrong-value", path + tuple(context.get("at", "").split()), context["wanted"]
            )
        case kind:
            return Flaw("wrong-value", path, _KINDS.get(kind, "a map"))


def _adapter(model: type[Model]) -> TypeAdapter[Any]:
    if model not in _ADAPTERS:
        _ADAPTERS[model] = TypeAdapter(_model_type(model))
    return _ADAPTERS[model]


def _model_type(model: type[Model]) -> Any:
    """The pydantic twin of a model; validating it gives an instance of the model itself."""
    declared = [each for each in model.properties.values() if not each.apart]
    optional = frozenset(each.name for each in declared if not each.required)
    fields: dict[str, Any] = {
        _FIELD + each.attribute: (_type(each.shape, each.marks), _field(each)) for each in declared
    }
    config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    twin = create_model(model.__name__, __config__=config, **fields)

    def without_nulls(values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {k: v for k, v in values.items() if v is not None or k not in optional}

    def instance(judged: BaseModel) -> Model:
        said = judged.model_fields_set
        return made_of(model, {n.removeprefix(_FIELD): getattr(judged, n) for n in said})

    return Annotated[twin, BeforeValidator(without_nulls), AfterValidator(instance)]


def _field(declared: Property) -> Any:
    names: Any = declared.name
    if declared.old_name:
        names = AliasChoices(declared.name, declared.old_name)
    default = ... if declared.required else None
    return Field(default, validation_alias=names)


def _type(shape: object, marks: tuple[object, ...]) -> Any:
    """The pydantic type of a shape with its marks."""
    made = _unmarked(shape)
    for mark in marks:
        if isinstance(mark, Demand):
            made = Annotated[made, AfterValidator(_check(mark))]
    if Template not in marks:
        return made
    made = Annotated[made, WrapValidator(_or_template)]
    return Annotated[made, BeforeValidator(_as_text)] if is_rendered_text(shape, marks) else made


def _unmarked(shape: object) -> Any:
    if shape in READERS:
        return Annotated[Any, PlainValidator(_reader(shape))]
    if shape is NoneType:
        return None
    origin, parts = get_origin(shape), get_args(shape)
    if origin in (Union, UnionType):
        return _union(parts)
    if origin is Literal:
        return Annotated[Any, PlainValidator(_one_of(shape))]
    if origin is list:
        return list[_type(*unwrapped(parts[0]))]  # type: ignore[misc]  # built while running
    if origin is dict:
        return dict[str, _type(*unwrapped(parts[1]))]  # type: ignore[misc]  # the same
    if isinstance(shape, type) and issubclass(shape, Model):
        return _model_type(shape)
    return Any


def _refused(wanted: str, at: str = "") -> PydanticCustomError:
    return PydanticCustomError("wanted", "{wanted}", {"wanted": wanted, "at": at})


def _reader(shape: object) -> Callable[[Any], object]:
    read = READERS[shape]

    def convert(value: Any) -> object:
        try:
            return read(value)
        except ValueError:
            raise _refused(wanted(shape)) from None

    return convert


def _one_of(shape: object) -> Callable[[Any], object]:
    known = get_args(shape)

    def choose(value: Any) -> object:
        if isinstance(value, str) and value in known:
            return value
        raise _refused(wanted(shape))

    return choose


def _or_template(value: Any, judge_it: Callable[[Any], Any]) -> Any:
    return value if isinstance(value, str) and is_template(value) else judge_it(value)


def _as_text(value: Any) -> Any:
    return document_text(value) if isinstance(value, (list, dict)) else value


def _check(mark: Demand) -> Callable[[Any], Any]:
    """A validator that lets a value pass when it lacks nothing; None never does."""

    def check(value: Any) -> Any:
        if value is not None and (lack := mark.lack(value)):
            raise _refused(lack)
        return value

    return check


def _union(parts: tuple[object, ...]) -> Any:
    members = tuple(part for part in parts if part is not NoneType)
    types = [_type(*unwrapped(member)) for member in members]
    if len(members) == 1:
        made = types[0]
    else:
        pick, refusal = _picker(members)
        branches = tuple(
            Annotated[made, Tag(f"{_BRANCH}{number}")] for number, made in enumerate(types)
        )

        def fits_one(value: Any) -> Any:
            if pick(value) is None:
                raise refusal
            return value

        made = Annotated[_any_of(branches), Discriminator(pick), BeforeValidator(fits_one)]
    return made | None if NoneType in parts else made


def _any_of(types: tuple[object, ...]) -> Any:
    return Union.__getitem__(types)  # the members are known while running only


def _picker(members: tuple[object, ...]) -> tuple[Pick, PydanticCustomError]:
    """A function that picks the branch for a value, and the error for a value that fits none.

    The order is that of `accept`: the exact type, then the first that plainly takes it; then the
    nearest kind.
    """
    bare = [unwrapped(member)[0] for member in members]
    properties = [Property("member", member, None) for member in members]
    by_type = {name: number for number, shape in enumerate(bare) for name in _type_names(shape)}

    def pick(value: Any) -> str | None:
        number = next((n for n, shape in enumerate(bare) if type(value) is shape), None)
        if number is None:
            taking = (n for n, one in enumerate(properties) if accept(one, value) is not DOUBT)
            number = next(taking, None)
        if number is None and isinstance(value, dict):
            number = by_type.get(str(value.get("type")))
        if number is None:
            number = next((n for n, shape in enumerate(bare) if _akin(shape, value)), None)
        return None if number is None else f"{_BRANCH}{number}"

    if by_type:
        names = ", ".join(f"`{name}`" for name in by_type)
        return pick, _refused(f"one of {names}", "type")
    return pick, _refused(wanted(_any_of(members)))


def _type_names(shape: object) -> tuple[Any, ...]:
    """The values of `type` that mark this model among others."""
    if not (isinstance(shape, type) and issubclass(shape, Model)) or "type" not in shape.properties:
        return ()
    marker = shape.properties["type"].shape
    return get_args(marker) if get_origin(marker) is Literal else ()


def _akin(shape: object, value: Any) -> bool:
    """Whether errors of this branch help: lists for lists, maps for maps, readable scalars."""
    if isinstance(value, list):
        return get_origin(shape) is list
    if isinstance(value, dict):
        is_model = isinstance(shape, type) and issubclass(shape, Model)
        return get_origin(shape) is dict or (is_model and not _type_names(shape))
    try:
        return shape in READERS and READERS[shape](value) is not None
    except ValueError:
        return False
