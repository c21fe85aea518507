"""Merges nodes, leaving those of the file as they are: what is changed is a copy."""

from collections.abc import Callable, Mapping
from typing import Any

from kestrel_cli.flowfile.nodes import Node


def merged(below: Node, above: Node, *, own: Node) -> Node:
    """Both maps, `above` winning; maps inside are merged too, lists joined without repetitions.

    `own` is the one of the two that stands where the whole is to stand.
    """
    assert isinstance(below.items, dict)
    assert isinstance(above.items, dict)
    made = Node(dict(below.value), own.line, own.column, own.length)
    made.items = dict(below.items)
    for name, node in above.items.items():
        older = below.items.get(name)
        made.items[name] = node if older is None else _both(older, node, own is above)
        made.value[name] = made.items[name].value
    # The own keys come first: where a reader looks for the map is where its first key is.
    made.keys = {**(own.keys or {})}
    for other in (above, below):
        for name, key in (other.keys or {}).items():
            made.keys.setdefault(name, key)
    return made


def _both(older: Node, newer: Node, own_is_newer: bool) -> Node:
    own = newer if own_is_newer else older
    if isinstance(older.items, dict) and isinstance(newer.items, dict):
        return merged(older, newer, own=own)
    if isinstance(older.items, list) and isinstance(newer.items, list):
        joined = Node(list(older.value), own.line, own.column, own.length)
        joined.items = list(older.items)
        for item in newer.items:
            if item.value not in older.value:
                joined.items.append(item)
                joined.value.append(item.value)
        return joined
    return newer


def planted(value: Any, at: Node) -> Node:
    """Plain data as nodes that all stand at one place."""
    made = Node(value, at.line, at.column, at.length)
    if isinstance(value, Mapping):
        made.value, made.items, made.keys = {}, {}, {}
        for key, below in value.items():
            made.put(Node(str(key), at.line, at.column, at.length), planted(below, at))
    elif isinstance(value, (list, tuple)):
        made.items = [planted(item, at) for item in value]
        made.value = [item.value for item in made.items]
    return made


def rebuilt(root: Node, change: Callable[[Node], Node]) -> Node:
    """The tree with every map in it replaced by what `change` makes of it, the innermost first.

    A node that stands in several places is changed once. Nothing here recurses.
    """
    done: dict[int, Node] = {}
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, is_inner_done = waiting.pop()
        if id(node) in done:
            continue
        if node.items is None:
            done[id(node)] = node
        elif is_inner_done:
            made = _with_inner(node, done)
            done[id(node)] = change(made) if isinstance(made.items, dict) else made
        else:
            waiting.append((node, True))
            inner = node.items.values() if isinstance(node.items, dict) else node.items
            waiting.extend((below, False) for below in inner)
    return done[id(root)]


def _with_inner(node: Node, done: Mapping[int, Node]) -> Node:
    """The list or map with what became of its members."""
    if isinstance(node.items, dict):
        changed = {key: done[id(below)] for key, below in node.items.items()}
        if all(changed[key] is below for key, below in node.items.items()):
            return node
        made = Node({key: one.value for key, one in changed.items()}, node.line, node.column)
        made.items, made.keys = changed, node.keys
    else:
        members = [done[id(below)] for below in node.items or ()]
        if all(one is below for one, below in zip(members, node.items or (), strict=True)):
            return node
        made = Node([one.value for one in members], node.line, node.column)
        made.items = members
    made.length = node.length
    return made
