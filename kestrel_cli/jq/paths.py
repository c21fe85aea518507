"""Reading, writing and deleting by keys, indexes and slices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kestrel_cli.jq import limits
from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.values import described, dump_json, is_number, order_key, type_name

if TYPE_CHECKING:
    from collections.abc import Sequence


def index(value: object, key: object) -> object:
    """`value[key]`; null where nothing is."""
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key)
    if isinstance(value, list) and is_number(key):
        return _at(value, key)
    if isinstance(key, dict) and (value is None or isinstance(value, (list, str))):
        return sliced(value, key.get("start"), key.get("end"))
    if isinstance(value, list) and isinstance(key, list):
        return indices(value, key)
    if value is None and (isinstance(key, str) or is_number(key) or key is None):
        return None
    shown = f'"{key}"' if isinstance(key, str) else type_name(key)
    raise JqError(f"Cannot index {type_name(value)} with {shown}")


def _at(items: list[object], key: object) -> object:
    assert isinstance(key, (int, float))
    if not math.isfinite(key):
        return None
    at = math.floor(key)
    if at < 0:
        at += len(items)
    return items[at] if 0 <= at < len(items) else None


def indices(value: object, wanted: object) -> object:
    """Every place where the text or the run of elements stands."""
    if value is None:
        return None
    if isinstance(value, str) and isinstance(wanted, str):
        return _text_places(value, wanted)
    if not isinstance(value, list):
        return index(value, wanted)
    keys = [order_key(item) for item in value]
    if not isinstance(wanted, list):
        return [at for at, key in enumerate(keys) if key == order_key(wanted)]
    run = [order_key(item) for item in wanted]
    if not run:
        return None
    return [at for at in range(len(keys) - len(run) + 1) if keys[at : at + len(run)] == run]


def _text_places(text: str, wanted: str) -> object:
    if not wanted:
        return None
    places: list[object] = []
    at = text.find(wanted)
    while at >= 0:
        places.append(at)
        limits.check_items(len(places), "a list in the jq program")
        at = text.find(wanted, at + 1)
    return places


def sliced(value: object, low: object, top: object) -> object:
    """`value[low:top]` of a list or text; null of null."""
    if value is None:
        return None
    if not isinstance(value, (list, str)):
        raise JqError(f"Cannot index {type_name(value)} with object")
    start, end = _ends(len(value), low, top)
    return value[start:end]


def _ends(size: int, low: object, top: object) -> tuple[int, int]:
    for end in (low, top):
        if end is not None and not is_number(end):
            raise JqError("Start and end indices of an array slice must be numbers")
    start = 0 if low is None else _whole(low, size, up=False)
    stop = size if top is None else _whole(top, size, up=True)
    return start, max(start, stop)


def _whole(number: object, size: int, *, up: bool) -> int:
    assert isinstance(number, (int, float))
    if isinstance(number, float) and not math.isfinite(number):
        return size if number > 0 else 0
    whole = math.ceil(number) if up else math.floor(number)
    return min(max(whole + size if whole < 0 else whole, 0), size)


def get_path(value: object, path: Sequence[object]) -> object:
    """What the path leads to; null as soon as nothing is there."""
    for key in path:
        if value is None:
            return None
        value = index(value, key)
    return value


def set_path(value: object, path: Sequence[object], new: object) -> object:
    """A copy of `value` with `new` at the path."""
    _check(path)
    trail = [value]
    for key in path[:-1]:
        trail.append(_inner(trail[-1], key))
    for container, key in zip(reversed(trail), reversed(path), strict=False):
        new = _with(container, key, new)
    return new


def _check(path: Sequence[object]) -> None:
    if len(path) > 10 * limits.MAX_DEPTH:
        raise JqError("Path too deep")


def _inner(container: object, key: object) -> object:
    return None if container is None else index(container, key)


def _with(container: object, key: object, new: object) -> object:
    if isinstance(key, dict) and (container is None or isinstance(container, list)):
        return _with_slice(container or [], key, new)
    if isinstance(key, str) and (container is None or isinstance(container, dict)):
        return {**(container or {}), key: new}
    if is_number(key) and (container is None or isinstance(container, list)):
        return _with_element(container or [], key, new)
    index(container, key)
    if container is None:
        raise JqError(f"Invalid path component {dump_json(key)}")
    raise JqError(f"Cannot update field at object index of {type_name(container)}")


def _with_element(items: list[object], key: object, new: object) -> list[object]:
    assert isinstance(key, (int, float))
    if isinstance(key, float) and not math.isfinite(key):
        raise JqError("Cannot set array element at NaN or infinite index")
    at = math.floor(key)
    if at < 0:
        at += len(items)
        if at < 0:
            raise JqError("Out of bounds negative array index")
    limits.check_items(at + 1, "a list in the jq program")
    copy = items + [None] * (at + 1 - len(items))
    copy[at] = new
    return copy


def _with_slice(items: list[object], key: dict[str, object], new: object) -> list[object]:
    if not isinstance(new, list):
        raise JqError("A slice of an array can only be assigned another array")
    start, end = _ends(len(items), key.get("start"), key.get("end"))
    return items[:start] + new + items[end:]


def del_paths(value: object, paths: list[object]) -> object:
    """A copy of `value` without what the paths lead to."""
    for path in sorted(paths, key=order_key, reverse=True):
        if not isinstance(path, list):
            raise JqError("Path must be specified as an array")
        value = _without(value, path)
    return value


def _without(value: object, path: list[object]) -> object:
    if not path:
        return None
    _check(path)
    inner = get_path(value, path[:-1])
    if inner is None:
        return value
    shorter = _without_key(inner, path[-1])
    return shorter if len(path) == 1 else set_path(value, path[:-1], shorter)


def _without_key(container: object, key: object) -> object:
    if isinstance(container, dict) and isinstance(key, str):
        return {name: item for name, item in container.items() if name != key}
    if isinstance(container, list) and is_number(key):
        assert isinstance(key, (int, float))
        at = math.floor(key)
        at += len(container) if at < 0 else 0
        return container[:at] + container[at + 1 :] if 0 <= at < len(container) else container
    if isinstance(container, list) and isinstance(key, dict):
        start, end = _ends(len(container), key.get("start"), key.get("end"))
        return container[:start] + container[end:]
    raise JqError(f"Cannot delete field at index of {described(container)}")
