"""jq's builtins on lists and maps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from kestrel_cli.jq import limits
from kestrel_cli.jq.arithmetic import add
from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.paths import indices
from kestrel_cli.jq.values import (
    described,
    dump_json,
    is_number,
    less,
    normal,
    order_key,
    truthy,
    type_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def length(value: object) -> object:
    """Size of a list, map or text; a number's absolute value; 0 for null."""
    if isinstance(value, (str, list, dict)):
        return len(value)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise JqError(f"{described(value)} has no length")
    return abs(value)


def keys(value: object) -> object:
    """Sorted keys, or indexes."""
    return sorted(value) if isinstance(value, dict) else keys_unsorted(value)


def keys_unsorted(value: object) -> object:
    """Keys in written order, or indexes."""
    if isinstance(value, dict):
        return list(value)
    if isinstance(value, list):
        return list(range(len(value)))
    raise JqError(f"{described(value)} has no keys")


def has(value: object, key: object) -> object:
    """Whether the key or index exists."""
    if isinstance(value, dict) and isinstance(key, str):
        return key in value
    if isinstance(value, list) and is_number(key):
        return 0 <= key < len(value)  # type: ignore[operator]  # a number
    raise JqError(f"Cannot check whether {type_name(value)} has a {_key_kind(key)} key")


def _key_kind(key: object) -> str:
    return type_name(key)


def total(value: object) -> object:
    """`add`: the sum of all elements, or null."""
    items = _items(value)
    if items and all(isinstance(item, str) for item in items):
        limits.check_length(sum(len(str(item)) for item in items), "a text in the jq program")
        return "".join(map(str, items))
    if items and all(isinstance(item, list) for item in items):
        joined: list[object] = []
        for item in items:
            joined.extend(_items(item))
            limits.check_items(len(joined), "a list in the jq program")
        return joined
    result: object = None
    for item in items:
        result = add(result, item)
    return result


def _items(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return list(value.values())
    raise JqError(f"Cannot iterate over {described(value)}")


def any_true(value: object) -> object:
    """Whether any element is true."""
    return any(truthy(item) for item in _items(value))


def all_true(value: object) -> object:
    """Whether all elements are true."""
    return all(truthy(item) for item in _items(value))


def flatten(value: object, depth: object = 1e9) -> object:
    """Lists inside the list replaced by their elements, `depth` levels deep."""
    if not is_number(depth):
        raise JqError("flatten depth must not be negative")
    assert isinstance(depth, (int, float))
    if depth < 0:
        raise JqError("flatten depth must not be negative")
    flat: list[object] = []
    waiting: list[tuple[object, float]] = [(item, depth) for item in reversed(_items(value))]
    while waiting:
        item, left = waiting.pop()
        if isinstance(item, list) and left > 0:
            waiting.extend((inner, left - 1) for inner in reversed(item))
        else:
            flat.append(item)
        limits.check_items(len(flat) + len(waiting), "a list in the jq program")
    return flat


def _list(value: object, verb: str) -> list[object]:
    if not isinstance(value, list):
        raise JqError(f"{described(value)} cannot be {verb}, as it is not an array")
    return value


def sort(value: object) -> object:
    """In jq's order."""
    return sorted(_list(value, "sorted"), key=order_key)


def unique(value: object) -> object:
    """Sorted, each value once."""
    items = _list(value, "sorted")
    return [
        items for _, items in sorted({order_key(item): item for item in reversed(items)}.items())
    ]


def _keyed(items: list[object], keys_: list[object]) -> list[tuple[tuple[object, ...], object]]:
    pairs = zip((order_key(key) for key in keys_), items, strict=True)
    return sorted(pairs, key=lambda pair: pair[0])


def sort_by(items: list[object], keys_: list[object]) -> object:
    """`sort_by(f)` with the values of `f`."""
    return [item for _, item in _keyed(items, keys_)]


def _groups(items: list[object], keys_: list[object]) -> list[list[object]]:
    groups: dict[object, list[object]] = {}
    for key, item in _keyed(items, keys_):
        groups.setdefault(key, []).append(item)
    return list(groups.values())


def group_by(items: list[object], keys_: list[object]) -> object:
    """`group_by(f)` with the values of `f`."""
    return [list(group) for group in _groups(items, keys_)]


def unique_by(items: list[object], keys_: list[object]) -> object:
    """`unique_by(f)` with the values of `f`."""
    return [group[0] for group in _groups(items, keys_)]


def min_by(items: list[object], keys_: list[object]) -> object:
    """`min_by(f)` with the values of `f`: the first of the least."""
    return _extreme(items, keys_, greatest=False)


def max_by(items: list[object], keys_: list[object]) -> object:
    """`max_by(f)` with the values of `f`: the last of the greatest."""
    return _extreme(items, keys_, greatest=True)


def _extreme(items: list[object], keys_: list[object], *, greatest: bool) -> object:
    best = -1
    for at in range(len(items)):
        if best < 0 or less(keys_[at], keys_[best]) != greatest:
            best = at
    return items[best] if items else None


def minimum(value: object) -> object:
    """The least element, or null."""
    items = _list(value, "iterated over")
    return _extreme(items, items, greatest=False)


def maximum(value: object) -> object:
    """The greatest element, or null."""
    items = _list(value, "iterated over")
    return _extreme(items, items, greatest=True)


def reverse(value: object) -> object:
    """A list or text backwards; null is an empty list."""
    if isinstance(value, (str, list)):
        return value[::-1]
    if value is None:
        return []
    raise JqError(f"Cannot reverse {described(value)}")


def contains(value: object, part: object) -> object:
    """Whether `part` is inside, deeply."""
    if type_name(value) != type_name(part):
        raise JqError(
            f"{described(value)} and {described(part)} cannot have their containment checked"
        )
    return _contains(value, part)


def _contains(value: object, part: object) -> bool:
    if isinstance(value, dict) and isinstance(part, dict):
        return all(key in value and _contains(value[key], item) for key, item in part.items())
    if isinstance(value, list) and isinstance(part, list):
        return all(any(_contains(item, wanted) for item in value) for wanted in part)
    if isinstance(value, str) and isinstance(part, str):
        return part in value
    return type_name(value) == type_name(part) and order_key(value) == order_key(part)


def to_entries(value: object) -> object:
    """A list of `{key, value}`."""
    if not isinstance(value, (dict, list)):
        raise JqError(f"{described(value)} has no keys")
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    return [{"key": key, "value": item} for key, item in pairs]


def entry(value: object) -> object:
    """The map of one entry for `from_entries`; several spellings of key and value count."""
    if not isinstance(value, dict):
        raise JqError(f'Cannot index {type_name(value)} with "key"')
    key = _first_of(value, ("key", "k", "name", "Name", "Key", "K"))
    item = _first_of(value, ("value", "v", "Value", "V"))
    if isinstance(key, str):
        return {key: item}
    if key is None or isinstance(key, bool) or is_number(key):
        return {dump_json(key): item}
    raise JqError(f"Cannot use {described(key)} as object key")


def _first_of(value: dict[str, object], names: tuple[str, ...]) -> object:
    """The first that is there and neither null nor false; else false if that was there."""
    found: object = None
    for name in names:
        if name in value and (truthy(value[name]) or found is None):
            found = value[name] if value[name] is not None else found
            if truthy(found):
                return found
    return found


def transpose(value: object) -> object:
    """Rows to columns; short rows are filled with null."""
    rows = [_list(row, "transposed") for row in _list(value, "transposed")]
    width = max(map(len, rows), default=0)
    limits.check_items(width * len(rows), "a list in the jq program")
    return [[row[at] if at < len(row) else None for row in rows] for at in range(width)]


def index_of(value: object, wanted: object) -> object:
    """The first place of `wanted`, or null."""
    places = indices(value, wanted)
    return places[0] if isinstance(places, list) and places else None


def rindex_of(value: object, wanted: object) -> object:
    """The last place of `wanted`, or null."""
    places = indices(value, wanted)
    return places[-1] if isinstance(places, list) and places else None


def bsearch(value: object, wanted: object) -> object:
    """The index in a sorted list, or `-1 - index` where it would have to go."""
    items = _list(value, "searched from")
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if less(items[middle], wanted):
            low = middle + 1
        else:
            high = middle
    there = low < len(items) and order_key(items[low]) == order_key(wanted)
    return low if there else -1 - low


def counted(start: object, end: object, step: object) -> Iterator[object]:
    """The numbers of `range`."""
    for number in (start, end, step):
        if not is_number(number):
            raise JqError("Range bounds must be numeric")
    assert isinstance(start, (int, float))
    assert isinstance(end, (int, float))
    assert isinstance(step, (int, float))
    return _counted(start, end, step)


def _counted(start: int | float, end: int | float, step: int | float) -> Iterator[object]:
    at = start
    while (at < end) if step > 0 else (at > end) if step < 0 else start < end:
        yield at if isinstance(at, int) else normal(at)
        at = at + step
        if math.isinf(at):
            return


FUNCTIONS: Final[dict[tuple[str, int], Callable[..., object]]] = {
    ("length", 0): length,
    ("keys", 0): keys,
    ("keys_unsorted", 0): keys_unsorted,
    ("has", 1): has,
    ("add", 0): total,
    ("any", 0): any_true,
    ("all", 0): all_true,
    ("flatten", 0): flatten,
    ("flatten", 1): flatten,
    ("sort", 0): sort,
    ("unique", 0): unique,
    ("sort_by", 1): sort_by,
    ("group_by", 1): group_by,
    ("unique_by", 1): unique_by,
    ("min_by", 1): min_by,
    ("max_by", 1): max_by,
    ("min", 0): minimum,
    ("max", 0): maximum,
    ("reverse", 0): reverse,
    ("contains", 1): contains,
    ("to_entries", 0): to_entries,
    ("_entry", 0): entry,
    ("transpose", 0): transpose,
    ("index", 1): index_of,
    ("rindex", 1): rindex_of,
    ("bsearch", 1): bsearch,
}
