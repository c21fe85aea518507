"""Plain records: what `dataclass(slots=True)` gives, made in a fifth of the time.

A start imports some thirty of them; the standard decorator takes 0.3 ms for each, as much as
ruamel.yaml for all.
"""

from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


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
        "__init__": _initializer(names, defaults),
        "__eq__": _equal,
        "__hash__": None,
        "__repr__": _shown,
    }
    made: type[T] = type(cls.__name__, cls.__bases__, body)
    return made


def _initializer(names: tuple[str, ...], defaults: dict[str, Any]) -> Callable[..., None]:
    parameters = ", ".join(f"{n}=_default_{n}" if n in defaults else n for n in names)
    lines = [f"def __init__(self, {parameters}):"]
    scope: dict[str, Any] = {}
    for name in names:
        value = name
        default = defaults.get(name)
        scope[f"_default_{name}"] = default
        if isinstance(default, _Fresh):
            scope[f"_factory_{name}"] = default.factory
            value = f"_factory_{name}() if {name} is _default_{name} else {name}"
        lines.append(f"    self.{name} = {value}")
    exec("\n".join(lines) if names else "def __init__(self): pass", scope)
    made: Callable[..., None] = scope["__init__"]
    return made


def _equal(self: Any, other: Any) -> bool:
    if type(other) is not type(self):
        return False
    names: tuple[str, ...] = self.__slots__
    return all(bool(getattr(self, name) == getattr(other, name)) for name in names)


def _shown(self: Any) -> str:
    names: tuple[str, ...] = self.__slots__
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
    return f"{type(self).__name__}({values})"
