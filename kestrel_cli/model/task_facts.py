"""What there is to say about a task type, for its reference: from the declared properties."""

import re
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import REQUIRED, Model, Property, unwrapped
from kestrel_cli.model.marks import Children, Demand
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.task import FlowableTask, Task

_WORDS: Final[dict[object, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    Duration: "duration",
    dict: "object",
    list: "array",
}
_DEEPEST: Final = 4  # properties inside of each other


@record
class PropertyFacts:
    """A property in Kestra's words. `default` is plain data, None when nothing is said; `below` are
    the properties of what it holds.
    """

    name: str
    type: str
    required: bool = False
    dynamic: bool = False
    default: Any = None
    older: str | None = None
    allowed: list[str] = fresh(factory=list)
    limits: list[str] = fresh(factory=list)
    below: "list[PropertyFacts]" = fresh(factory=list)


@record
class TypeLine:
    """A type in a list. `package` is its name without the last part, `reason` says why it does not
    run, `distribution` who brings it (None: Kestrel itself), `family` what it is for.
    """

    name: str
    summary: str
    distribution: str | None = None
    reason: str | None = None
    family: str | None = None

    @property
    def package(self) -> str:
        """What it is listed under."""
        return self.name.rpartition(".")[0]


@record
class TypeFacts:
    """A type in full; `common` are the names of the properties that every task has."""

    name: str
    older: list[str]
    description: str
    distribution: str | None
    properties: list[PropertyFacts]
    common: list[str]
    outputs: dict[str, str]
    metrics: dict[str, str]
    example: str


@record
class OutputFacts:
    """An output of a type that does not run here; `fetch_type` is the one that makes it, `members`
    what is known of a map, or of each map of rows.
    """

    name: str
    kind: str
    fetch_type: str | None = None
    members: "list[OutputFacts]" = fresh(factory=list)


@record
class ForeignFacts:
    """A type of Kestra's that does not run here. `complete`: it has no other outputs; `mock` is an
    option that gives it some.
    """

    name: str
    older: list[str]
    description: str
    family: str
    reason: str
    outputs: list[OutputFacts]
    complete: bool
    fetch_type: str | None
    mock: str


def description_of(kind: type[Model]) -> str:
    """Its docstring as paragraphs, one line each."""
    paragraphs = cleandoc(kind.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(one.split()) for one in paragraphs)


def summary_of(kind: type[Model]) -> str:
    """The first sentence of the description."""
    first = description_of(kind).partition("\n")[0]
    found = re.match(r".*?[.!?](?=\s|$)", first)
    return found[0] if found else first


def own_properties(kind: type[Task]) -> list[PropertyFacts]:
    """Those that not every task, or not every flowable, has: first what is required."""
    shared = set(common_properties(kind))
    own = [facts_of(one) for one in kind.properties.values() if one.name not in shared]
    return sorted(own, key=lambda one: not one.required)


def common_properties(kind: type[Task]) -> list[str]:
    """The names of those that every task has, and of those that every flowable has."""
    base: type[Task] = FlowableTask if issubclass(kind, FlowableTask) else Task
    return [name for name in base.properties if name in kind.properties]


def merged_words(kind: type[Task], attribute: Literal["gives", "measures"]) -> dict[str, str]:
    """What a class and its bases say about outputs or metrics."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        found |= base.__dict__.get(attribute, {})
    return found


def facts_of(declared: Property, depth: int = 1) -> PropertyFacts:
    """One property, and what it holds."""
    models = [] if depth == _DEEPEST else list(_models(declared.shape))
    below = {one.name: one for model in models for one in model.properties.values()}
    kinds = list(dict.fromkeys(_kinds(declared.shape)))
    demands = [mark for mark in declared.marks if isinstance(mark, Demand)]
    return PropertyFacts(
        declared.name,
        " or ".join(kinds),
        required=declared.required,
        dynamic=declared.dynamic,
        default=_default(declared),
        older=declared.old_name,
        allowed=list(dict.fromkeys(_choices(declared.shape))),
        limits=[words for mark in demands if (words := mark.words())],
        below=[facts_of(one, depth + 1) for one in below.values()],
    )


def _parts(shape: object) -> tuple[object, ...]:
    """The members of a union, without null; else the shape itself."""
    bare = unwrapped(shape)[0]
    if get_origin(bare) in (Union, UnionType):
        return tuple(unwrapped(part)[0] for part in get_args(bare) if part is not NoneType)
    return (bare,)


def _kinds(shape: object) -> list[str]:
    return [_kind(part) for part in _parts(shape)]


def _kind(shape: object) -> str:
    if shape in _WORDS:
        return _WORDS[shape]
    origin, inner = get_origin(shape), get_args(shape)
    if origin is Literal:
        return "string"
    if origin in (list, tuple):
        return f"array{_of(inner[0])}"
    if origin is dict:
        return f"object{_of(inner[1])}"
    if isinstance(shape, type) and issubclass(shape, Task):
        return "task"
    return "object" if isinstance(shape, type) and issubclass(shape, Model) else "any"


def _of(shape: object) -> str:
    kinds = list(dict.fromkeys(_kinds(shape)))
    plural = {"task": "tasks", "object": "objects", "array of tasks": "arrays of tasks"}
    words = " or ".join(plural.get(kind, kind) for kind in kinds)
    return "" if words == "any" else f" of {words}"


def _choices(shape: object) -> list[str]:
    found = []
    for part in _parts(shape):
        if get_origin(part) is Literal:
            found += [str(one) for one in get_args(part)]
        elif get_origin(part) in (list, dict):
            found += _choices(get_args(part)[-1])
    return found


def _models(shape: object) -> list[type[Model]]:
    found: list[type[Model]] = []
    for part in _parts(shape):
        if isinstance(part, type) and issubclass(part, Model) and not issubclass(part, Task):
            found.append(part)
        elif get_origin(part) in (list, dict, tuple):
            found += _models(get_args(part)[-1 if get_origin(part) is dict else 0])
    return found


def _default(declared: Property) -> Any:
    value = declared.default
    if value is REQUIRED or Children in declared.marks:
        return None
    plain = _plain(value)
    return plain if plain not in ([], {}, "") else None


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        declared = value.properties.values()
        said = {one.name: getattr(value, one.attribute) for one in declared}
        defaults = {one.name: one.default for one in declared}
        return {name: _plain(one) for name, one in said.items() if one != defaults[name]}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Duration) else value
