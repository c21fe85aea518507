"""Filters on lists and maps. None of them changes its input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import limits
from kestrel_cli.expressions.arguments import class_or_null, integer
from kestrel_cli.expressions.equality import identity
from kestrel_cli.expressions.text import java_text

if TYPE_CHECKING:
    from collections.abc import Sequence


def first(value: object) -> object:
    """The first element or character; null for an empty list."""
    return _end("first", value, 0)


def last(value: object) -> object:
    """The last element or character; null for an empty list."""
    return _end("last", value, -1)


def _end(name: str, value: object, at: int) -> object:
    if value is None:
        return None
    if isinstance(value, str):
        if not value:
            raise RenderError(f"The '{name}' filter can not be applied to an empty string.")
        return value[at]
    if not isinstance(value, (list, tuple)):
        raise RenderError(
            f"The '{name}' filter expects that the input is either a collection, an array"
            " or a string."
        )
    return value[at] if value else None


def length(value: object) -> int:
    """The size of a text, list or map; 0 for null and everything else."""
    return len(value) if isinstance(value, (str, list, tuple, dict)) else 0


def join(value: object, separator: object = "") -> object:
    """The elements as Java text (null is `null`) with `separator` between them."""
    if value is None:
        return None
    if not isinstance(value, (list, tuple)):
        raise RenderError(
            "The 'join' filter expects that the input is either a collection or an array."
        )
    between = "" if separator is None else java_text(separator)
    parts = [java_text(item) for item in value]
    limits.check_length(sum(map(len, parts)) + len(parts) * len(between), "the joined text")
    return between.join(parts)


def keys(value: object) -> object:
    """The keys of a map, the indexes of a list."""
    if value is None:
        return None
    if isinstance(value, dict):
        return list(value)
    if isinstance(value, (list, tuple)):
        return list(range(len(value)))
    raise _only_for("keys", "List, Map, Array", value)


def values(value: object) -> object:
    """The values of a map."""
    if value is None:
        return None
    if isinstance(value, dict):
        return list(value.values())
    raise _only_for("values", "Map", value)


def chunk(value: object, size: object) -> object:
    """The list cut into lists of `size`; the last may be shorter."""
    if value is None:
        return None
    items = _list("chunk", value)
    step = integer(size, "chunk", "size")
    if step <= 0:
        raise RenderError("'chunk' filter expects an argument 'size' greater than 0.")
    return [list(items[at : at + step]) for at in range(0, len(items), step)]


def flatten(value: object) -> object:
    """Lists inside the list are replaced by their elements, one level deep."""
    if value is None:
        return None
    flat: list[object] = []
    for item in _list("flatten", value):
        if isinstance(item, (list, tuple)):
            flat.extend(item)
        else:
            flat.append(item)
        limits.check_items(len(flat), "the flattened list")
    return flat


def distinct(value: object) -> object:
    """The list without repetitions; the first of equals stays. Null becomes the text `null`."""
    if value is None:
        return "null"
    seen: set[object] = set()
    kept: list[object] = []
    for item in _list("distinct", value):
        mark = identity(item)
        if mark not in seen:
            seen.add(mark)
            kept.append(item)
    return kept


def reverse(value: object) -> object:
    """The list backwards."""
    return None if value is None else list(reversed(_list("reverse", value)))


def sort(value: object) -> object:
    """The list in natural order: numbers, or text by code unit (upper case first)."""
    return None if value is None else _sorted("sort", value)


def rsort(value: object) -> object:
    """The list in reversed natural order."""
    return None if value is None else _sorted("rsort", value)[::-1]


def _sorted(name: str, value: object) -> list[object]:
    items = list(_list(name, value))
    try:
        if all(isinstance(item, str) for item in items):
            return sorted(items, key=_code_units)
        if all(isinstance(item, bool) for item in items) or not any(
            item is None or isinstance(item, (bool, list, tuple, dict)) for item in items
        ):
            return sorted(items)  # type: ignore[type-var]  # what does not compare is caught below
    except TypeError:
        pass
    raise RenderError(f"The '{name}' filter can only compare elements of one type.")


def _code_units(text: object) -> bytes:
    # Java compares UTF-16 code units; these bytes sort the same way.
    return str(text).encode("utf-16-be", "surrogatepass")


def merge(value: object, items: object) -> object:
    """Two maps, two lists, or one of each put together; the written order stays."""
    if value is None and items is None:
        raise RenderError("The two arguments to be merged are null.")
    left, right = (items, None) if value is None else (value, items)
    if isinstance(left, dict):
        return _merged_map(left, right)
    if isinstance(left, (list, tuple)):
        return _merged_list(left, right)
    raise RenderError(
        f"Currently, only Maps, Lists and Arrays can be merged. Arg1: {class_or_null(left)}"
    )


def _merged_map(left: dict[object, object], right: object) -> dict[object, object]:
    if right is None:
        return dict(left)
    if isinstance(right, dict):
        return {**left, **right}
    if isinstance(right, (list, tuple)):
        return {**left, **{_key(item): item for item in right}}
    raise RenderError(
        f"Currently, only Maps and Lists can be merged with a Map. Arg2: {class_or_null(right)}"
    )


def _key(item: object) -> object:
    return java_text(item) if isinstance(item, (list, tuple, dict)) else item


def _merged_list(left: Sequence[object], right: object) -> list[object]:
    if right is None:
        return list(left)
    if isinstance(right, dict):
        limits.check_items(len(left) + len(right), "the merged list")
        return [*left, *({key: item} for key, item in right.items())]
    if isinstance(right, (list, tuple)):
        limits.check_items(len(left) + len(right), "the merged list")
        return [*left, *right]
    raise RenderError(
        f"Currently, only Maps and Lists can be merged with a List. Arg2: {class_or_null(right)}"
    )


def slice_(value: object, fromIndex: object = 0, toIndex: object = None) -> object:
    """Elements or characters from `fromIndex` up to, not including, `toIndex`."""
    if value is None:
        return None
    if not isinstance(value, (str, list, tuple)):
        raise RenderError(
            "Slice filter can only be applied to String, List and array inputs."
            f" Actual type was: {class_or_null(value)}"
        )
    start = 0 if fromIndex is None else integer(fromIndex, "slice", "fromIndex")
    end = len(value) if toIndex is None else integer(toIndex, "slice", "toIndex")
    if start < 0:
        raise RenderError("fromIndex must be greater than 0")
    if end > len(value):
        raise RenderError("toIndex must be smaller than or equal to the size")
    if start >= end:
        raise RenderError("toIndex must be greater than fromIndex")
    return value[start:end] if isinstance(value, str) else list(value[start:end])


def _list(name: str, value: object) -> Sequence[object]:
    if isinstance(value, (list, tuple)):
        return value
    raise _only_for(name, "List", value)


def _only_for(name: str, kinds: str, value: object) -> RenderError:
    return RenderError(
        f"'{name}' filter can only be applied to {kinds}. Actual type was: {class_or_null(value)}"
    )
