"""Where outputs stand in what `outputs` shows."""

from typing import Any


def put(values: dict[str, Any], path: tuple[str, ...], outputs: dict[str, Any]) -> None:
    """Put the outputs of a task run under its task id, then under each loop value around it. What
    stands there already stays beside them; inside of loops maps in maps are merged, too.
    """
    shelf = values
    for part in path[:-1]:
        shelf = shelf.setdefault(part, {})
    known = shelf.get(path[-1])
    if not known:
        shelf[path[-1]] = outputs
    else:
        shelf[path[-1]] = _merged(known, outputs) if len(path) > 1 else {**known, **outputs}


def _merged(known: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Both maps, maps inside merged too, the newer value first in rank."""
    both = dict(known)
    for key, value in new.items():
        older = both.get(key)
        both[key] = (
            _merged(older, value) if isinstance(older, dict) and isinstance(value, dict) else value
        )
    return both


def shelves(values: dict[str, Any]) -> dict[str, Any]:
    """The same, with maps of its own at every depth: `put` may change it."""
    top: dict[str, Any] = {}
    waiting = [(values, top)]
    while waiting:
        source, target = waiting.pop()
        for name, value in source.items():
            if type(value) is dict:
                inner: dict[str, Any] = {}
                target[name] = inner
                waiting.append((value, inner))
            else:
                target[name] = value
    return top
