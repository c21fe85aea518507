"""Putting new data over old: maps are merged, lists joined, anything else is replaced.

And what is left of data that Kestra has stored.
"""

from typing import Any


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """`old` with everything that `new` says. Maps are merged at any depth, a list gets the items
    that it has not, null changes nothing.
    """
    result = dict(old)
    waiting = [(result, new)]
    while waiting:
        target, source = waiting.pop()
        for key, value in source.items():
            known = target.get(key)
            if value is None:
                target.setdefault(key, None)
            elif isinstance(known, dict) and isinstance(value, dict):
                target[key] = dict(known)
                waiting.append((target[key], value))
            elif isinstance(known, list) and isinstance(value, list):
                target[key] = [*known, *(item for item in value if item not in known)]
            else:
                target[key] = value
    return result


def without_nulls(value: Any) -> Any:
    """The value without those entries of maps that are null, which Kestra does not store; null in
    a list stays. Nothing here recurses.
    """
    if not isinstance(value, (dict, list)):
        return value
    top: Any = {} if isinstance(value, dict) else []
    waiting: list[tuple[Any, Any]] = [(value, top)]
    while waiting:
        source, target = waiting.pop()
        for key, item in source.items() if isinstance(source, dict) else enumerate(source):
            new = item
            if isinstance(item, (dict, list)):
                new = {} if isinstance(item, dict) else []
                waiting.append((item, new))
            if isinstance(target, list):
                target.append(new)
            elif item is not None:
                target[key] = new
    return top
