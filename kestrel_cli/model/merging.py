"""Putting new data over old: maps are merged, lists joined, anything else is replaced."""

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
