"""Plain records: what `dataclass(slots=True)` gives, made in no time.

A start imports eighty of them. What makes records slow to define is compiling an `__init__` for
each; here the first few instances are made by a loop over the fields, and only a record that is
used more often gets a function of its own, which is five times as fast.

    @record    values: equal when their fields are
    @frozen    facts: the same, and never changed after they were made
    @entity    things with an identity: each equals itself only, and may be a key of a map
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, dataclass_transform

T = TypeVar("T")

_FEW: Final = 8  # a compiled `__init__` pays from the hundredth instance on; loops make thousands


class _Fresh:
    __slots__ = ("factory",)

    def __init__(self, factory: Callable[[], Any]) -> None:
        self.factory = factory


def fresh(*, factory: Callable[[], T]) -> T:
    """A default that every instance gets its own of: `fresh(factory=list)`."""
    return _Fresh(factory)  # type: ignore[return-value]  # record() puts the value in its place


@dataclass_transform(field_specifiers=(fresh,))
def record(cls: type[T]) -> type[T]:
    """The class with slots, `__init__`, `__eq__` and `__repr__` made of its annotations."""
    return _made(cls, {"__eq__": _equal, "__hash__": None})


@dataclass_transform(field_specifiers=(fresh,), frozen_default=True)
def frozen(cls: type[T]) -> type[T]:
    """A record whose fields can't be set again: that raises AttributeError. `changed` copies it."""
    more = {"__eq__": _equal, "__hash__": None, "__setattr__": _refused, "__delattr__": _refused}
    return _made(cls, more, frozen=True)


@dataclass_transform(field_specifiers=(fresh,), eq_default=False)
def entity(cls: type[T]) -> type[T]:
    """A record that equals nothing but itself, and may be a key of a map."""
    return _made(cls, {})


def changed(old: T, **fields: Any) -> T:
    """A copy of a record with other values in some of its fields."""
    names: tuple[str, ...] = old.__slots__  # type: ignore[attr-defined]  # a record
    return type(old)(**{name: getattr(old, name) for name in names} | fields)


def _made(cls: type[T], more: dict[str, Any], *, frozen: bool = False) -> type[T]:
    names = tuple(cls.__annotations__)
    body = {
        name: value
        for name, value in cls.__dict__.items()
        if name not in (*names, "__dict__", "__weakref__")
    }
    defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
    body |= {
        "__slots__": names,
        "__match_args__": names,
        "__repr__": _shown,
    }
    made: type[T] = type(cls.__name__, cls.__bases__, body | more)
    _begin(made, names, defaults, frozen=frozen)
    return made


def _begin(made: Any, names: tuple[str, ...], defaults: dict[str, Any], *, frozen: bool) -> None:
    """Give the class an `__init__` that makes a few instances, then has itself compiled."""
    known = frozenset(names)
    left = _FEW

    def first(self: Any, *values: Any, **named: Any) -> None:
        nonlocal left
        given = dict(zip(names, values, strict=False)) | named
        twice_or_unknown = len(given) != len(values) + len(named) or not given.keys() <= known
        given = defaults | given
        left -= 1
        if left < 0 or twice_or_unknown or len(given) < len(names):
            made.__init__ = _compiled(names, defaults, frozen=frozen)
            made.__init__(self, *values, **named)  # which finds the words for what does not fit
            return
        for name, value in given.items():
            kept = value.factory() if isinstance(value, _Fresh) else value
            object.__setattr__(self, name, kept)

    made.__init__ = first


def _compiled(
    names: tuple[str, ...], defaults: dict[str, Any], *, frozen: bool
) -> Callable[..., None]:
    assigned = "_set(self, {name!r}, {value})" if frozen else "self.{name} = {value}"
    parameters = ", ".join(f"{n}=_default_{n}" if n in defaults else n for n in names)
    lines = [f"def __init__(self, {parameters}):"]
    scope: dict[str, Any] = {"_set": object.__setattr__}
    for name in names:
        value = name
        default = defaults.get(name)
        scope[f"_default_{name}"] = default
        if isinstance(default, _Fresh):
            scope[f"_factory_{name}"] = default.factory
            value = f"_factory_{name}() if {name} is _default_{name} else {name}"
        lines.append("    " + assigned.format(name=name, value=value))
    exec("\n".join(lines) if names else "def __init__(self): pass", scope)
    made: Callable[..., None] = scope["__init__"]
    return made


def _refused(self: Any, name: str, *_: Any) -> None:
    raise AttributeError(f"`{name}` of a {type(self).__name__} is never changed")


def _equal(self: Any, other: Any) -> bool:
    if type(other) is not type(self):
        return False
    names: tuple[str, ...] = self.__slots__
    return all(bool(getattr(self, name) == getattr(other, name)) for name in names)


def _shown(self: Any) -> str:
    names: tuple[str, ...] = self.__slots__
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
    return f"{type(self).__name__}({values})"
