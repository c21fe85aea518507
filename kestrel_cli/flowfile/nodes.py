"""The tree a YAML file is composed into: plain values, and where each of them stands."""

from typing import Any


class Node:
    """One value of the file.

    `value` is plain data (text, numbers, booleans, None, lists, maps with text keys).
    `items` holds the nodes below it: a list for a list, by key for a map, None for a scalar.
    `keys` holds the nodes of a map's keys. `line` and `column` count from 1. `text` is how a number
    or boolean is written, where that is not how everybody would write it.
    """

    __slots__ = ("column", "items", "keys", "length", "line", "text", "value")

    def __init__(self, value: Any, line: int, column: int, length: int = 1) -> None:
        self.value = value
        self.line = line
        self.column = column
        self.length = length
        self.items: list[Node] | dict[str, Node] | None = None
        self.keys: dict[str, Node] | None = None
        self.text: str | None = None

    def get(self, key: str) -> "Node | None":
        """The node below `key`; None when this is no map or has no such key."""
        return self.items.get(key) if isinstance(self.items, dict) else None

    def put(self, key: "Node", node: "Node") -> None:
        """Add an entry to a map."""
        assert isinstance(self.items, dict)
        assert self.keys is not None
        self.keys[key.value] = key
        self.items[key.value] = node
        self.value[key.value] = node.value

    def elements(self) -> "list[Node]":
        """The nodes of a list; empty for anything else."""
        return self.items if isinstance(self.items, list) else []

    def first(self) -> "Node":
        """Where a reader looks for this value: the first key of a map, else the value itself."""
        return next(iter(self.keys.values())) if self.keys else self

    def key(self, name: str) -> "Node":
        """The node of a key; of the first key when the map does not have it."""
        return (self.keys or {}).get(name) or self.first()


def locate(node: Node, path: tuple[str | int, ...]) -> Node:
    """The node that a path leads to; parts that lead nowhere are passed over."""
    for part in path:
        below: Node | None = None
        if isinstance(node.items, dict):
            below = node.items.get(str(part))
        elif isinstance(node.items, list) and isinstance(part, int) and part < len(node.items):
            below = node.items[part]
        node = below or node
    return node
