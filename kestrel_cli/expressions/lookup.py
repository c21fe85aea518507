"""Reading attributes and elements of values: one rule for `a.b` and `a[b]`, plain data only."""

from collections.abc import Iterable
from typing import Any, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.limits import MAX_STEPS
from kestrel_cli.expressions.text import Entry, java_text


class Loop:
    """The variable `loop`: all indexes count from 0, `revindex` down to 0."""

    __slots__ = ("index", "length")

    def __init__(self, length: int) -> None:
        self.index = -1
        self.length = length


class MissingValue(RenderError):
    """A variable, key or index that is not there. `path` leads to what `keys` (None: not a map)
    belong to. `is_number` tells that a number was asked for where the same as text is there.
    """

    def __init__(
        self, name: str, path: tuple[str, ...], keys: tuple[str, ...] | None, at: int = -1
    ) -> None:
        self.name = name
        self.path = path
        self.keys = keys
        self.is_number = False
        super().__init__(f"Unable to find `{name}`", missing=True, at=at)


def missing(name: str, path: tuple[str, ...], holder: object = None) -> MissingValue:
    """The error for `name` in `holder`, which was reached by `path`."""
    keys = tuple(str(key) for key in list(holder)[:200]) if isinstance(holder, dict) else None
    return MissingValue(name, path, keys)


_SIZES: Final = {"size", "length"}


def get(holder: Any, key: Any, path: tuple[str, ...], at: int = -1) -> Any:
    """The value of `key` in `holder`. Raises MissingValue.

    `path` is how the template spells the holder, `at` where the key stands in it.
    """
    if type(holder) is dict:
        try:
            return holder[key]
        except (KeyError, TypeError):
            pass
    try:
        return _got(holder, key, path)
    except MissingValue as error:
        error.at = at
        raise


def _got(holder: Any, key: Any, path: tuple[str, ...]) -> Any:
    if isinstance(holder, (list, tuple)):
        return _element(holder, key, path)
    if isinstance(holder, Loop):
        return _of_loop(holder, key, path)
    if isinstance(holder, Entry) and key in ("key", "value"):
        return holder.key if key == "key" else holder.value
    if holder is None:
        # Kestra names the variable when a bare variable is null, else the attribute.
        raise missing(path[0] if len(path) == 1 else java_text(key), path)
    if isinstance(holder, str) and key == "length":
        return len(holder)
    if isinstance(holder, dict) and isinstance(key, (str, int)) and key in holder:
        return holder[key]
    error = missing(java_text(key), path, holder)
    if isinstance(holder, dict) and isinstance(key, int):
        error.is_number = error.name in holder
    raise error


def _element(holder: list[Any] | tuple[Any, ...], key: object, path: tuple[str, ...]) -> Any:
    if isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 10:
        key = int(key)
    if isinstance(key, int) and not isinstance(key, bool):
        if 0 <= key < len(holder):
            return holder[key]
    elif isinstance(key, str) and key in _SIZES:
        return len(holder)
    elif key == "empty":
        return not holder
    raise missing(java_text(key), path, {str(n): None for n in range(min(len(holder), 20))})


def _of_loop(loop: Loop, key: object, path: tuple[str, ...]) -> object:
    match key:
        case "index":
            return loop.index
        case "length":
            return loop.length
        case "first":
            return loop.index == 0
        case "last":
            return loop.index == loop.length - 1
        case "revindex":
            return loop.length - 1 - loop.index
        case _:
            raise missing(
                java_text(key),
                path,
                dict.fromkeys(("index", "length", "first", "last", "revindex")),
            )


def items(values: object, budget: "Budget") -> Iterable[object]:
    """What `for` walks: elements of a list, entries of a map; null has none."""
    match values:
        case None:
            return ()
        case list() | tuple():
            found: list[object] | tuple[object, ...] = values
        case dict():
            found = [Entry(key, value) for key, value in values.items()]
        case _:
            raise RenderError(f"Not an iterable object. Value = [{java_text(values)}]")
    budget.spend(len(found))
    return found


def iterate(values: object, budget: "Budget | None" = None) -> Iterable[tuple[Loop, object]]:
    """What `items` gives, each with the variable `loop`: one object for all steps."""
    found = items(values, budget or Budget())
    loop = Loop(len(found))  # type: ignore[arg-type]  # a list or a tuple
    for loop.index, item in enumerate(found):
        yield loop, item


class Budget:
    """How many loop steps and macro calls one rendering may still make."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def spend(self, steps: int = 1) -> None:
        """So many steps. Raises RenderError when not so many are left."""
        self.left -= steps
        if self.left < 0:
            raise RenderError(
                f"The template makes more than {MAX_STEPS} loop steps and macro calls"
            )


def call_method(holder: object, name: str, path: tuple[str, ...]) -> object:
    """`a.b()`: Java methods do not exist here, but for the few that only look."""
    if isinstance(holder, (str, list, tuple, dict)):
        if name in ("size", "length"):
            return len(holder)
        if name == "isEmpty":
            return not holder
    if isinstance(holder, dict) and name == "keySet":
        return list(holder)
    if isinstance(holder, str) and name in ("toUpperCase", "toLowerCase", "trim"):
        return {"toUpperCase": holder.upper, "toLowerCase": holder.lower, "trim": holder.strip}[
            name
        ]()
    raise missing(name, path, holder)
