"""Nodes out of what a parser meets in a file: depth, size and aliases have limits while reading.

Kestra reads with SnakeYAML's limits; ours are the same: depth 50, 50 aliases to lists and maps, no
cycles, and no merge keys. Nothing here recurses.
"""

from typing import Final, NamedTuple, NoReturn

from kestrel_cli.flowfile import scalars
from kestrel_cli.flowfile.findings import Findings, StopReading
from kestrel_cli.flowfile.nodes import Node

# At 20 us each: a hostile file of the largest size is judged in seconds.
MAX_NODES: Final = 200_000
MAX_ALIASES: Final = 50


class _Open:
    """A list or map whose end has not been read yet."""

    __slots__ = ("anchor", "before", "key", "node")

    def __init__(self, node: Node, anchor: str | None, before: int) -> None:
        self.node = node
        self.anchor = anchor
        self.before = before  # how many nodes were counted when it began
        self.key: Node | None = None


class _Anchor(NamedTuple):
    """What an alias stands for: a node (None while it is open), its size, a scalar's own text."""

    node: Node | None = None
    weight: int = 0
    text: str | None = None


class Composer:
    """Takes the parts of a document in order; problems go to `findings`. Places count from 1."""

    def __init__(self, findings: Findings, max_depth: int) -> None:
        self.findings = findings
        self.root: Node | None = None
        self._max_depth = max_depth
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchor] = {}
        self._count = 0
        self._aliases = 0

    def scalar(self, text: str, line: int, column: int, length: int, *, plain: bool) -> Node:
        """A key or a value; a plain value is read by the scalar table."""
        node = Node(text, line, column, length)
        if self._open:
            holder = self._open[-1]
            if holder.node.keys is not None and holder.key is None:
                self._weigh(node, 1)
                holder.key = node
                return node
        if plain:
            node.value = self._read(text, node)
        self._add(node)
        return node

    def begin(self, line: int, column: int, *, is_map: bool, anchor: str | None = None) -> None:
        """A list or map starts."""
        node = Node({} if is_map else [], line, column)
        if self.wants_key:
            self._refuse_key(node)
        if len(self._open) >= self._max_depth:
            self.stop(
                "too-deep",
                f"the file nests deeper than {self._max_depth} levels",
                node,
                "generated files can be read with a higher `--max-depth`",
            )
        if is_map:
            node.items, node.keys = {}, {}
        else:
            node.items = []
        before = self._count
        self._add(node)
        self._open.append(_Open(node, anchor, before))
        if anchor is not None:
            self._anchors[anchor] = _Anchor()

    def end(self) -> None:
        """The innermost list or map ends."""
        closed = self._open.pop()
        if closed.anchor is not None:
            self._anchors[closed.anchor] = _Anchor(closed.node, self._count - closed.before)

    def anchor(self, name: str, node: Node, text: str) -> None:
        """A scalar has a name that aliases may use."""
        self._anchors[name] = _Anchor(node, 1, text)

    def alias(self, name: str, line: int, column: int) -> None:
        """What was read under this name stands here once more."""
        at = Node(None, line, column, len(name) + 1)
        if name not in self._anchors:
            self.stop("alias", f"there is no anchor `&{name}` above this alias", at)
        node, weight, text = self._anchors[name]
        if node is None:
            self.stop("alias", f"the alias `*{name}` is inside of what it stands for", at)
        if self.wants_key:
            if text is None:
                self._refuse_key(at)
            at.value = text
            self._open[-1].key = at
            return
        self._aliases += text is None
        if self._aliases > MAX_ALIASES:
            self.stop("alias", f"more than {MAX_ALIASES} aliases to lists and maps", at)
        self._add(node, weight)

    def stop(self, code: str, message: str, at: Node, hint: str | None = None) -> NoReturn:
        """Give up with this reason."""
        self.findings.error(code, message, at, hint)
        raise StopReading

    @property
    def wants_key(self) -> bool:
        """Whether the next part is the key of a map."""
        return bool(self._open) and self._open[-1].node.keys is not None and not self._open[-1].key

    @property
    def pending_key(self) -> Node | None:
        """The key whose value comes next."""
        return self._open[-1].key if self._open else None

    def _read(self, text: str, node: Node) -> object:
        try:
            value = scalars.read(text)
        except ValueError as problem:
            self.findings.error("number", str(problem), node, "quote it if it is meant as text")
            return text
        if surprise := scalars.surprise(text, value):
            self.findings.info("scalar", surprise, node, "quote it if it is meant as text")
        return value

    def _weigh(self, node: Node, weight: int) -> None:
        self._count += weight
        if self._count > MAX_NODES:
            self.stop("too-large", f"the file holds more than {MAX_NODES:,} values", node)

    def _add(self, node: Node, weight: int = 1) -> None:
        self._weigh(node, weight)
        if not self._open:
            self._set_root(node)
            return
        holder = self._open[-1]
        into, key = holder.node, holder.key
        if isinstance(into.items, list):
            into.items.append(node)
            into.value.append(node.value)
        elif key is not None:
            holder.key = None
            self._set(into, key, node)

    def _set_root(self, node: Node) -> None:
        if self.root is None:
            self.root = node
        elif node.value is not None:  # an empty second document, a trailing `---`, does no harm
            self.stop(
                "several-documents",
                "a second YAML document starts here; a file holds one flow",
                node,
                "put each flow into a file of its own",
            )

    def _set(self, into: Node, key: Node, node: Node) -> None:
        name = key.value
        if name in into.value:
            first = into.key(name)
            self.findings.error(
                "duplicate-key",
                f"Duplicate field '{name}': a key may stand in a map once",
                key,
                f"the first one is in line {first.line}",
            )
            return
        into.put(key, node)

    def _refuse_key(self, at: Node) -> NoReturn:
        from kestrel_cli.flowfile.syntax import unquoted

        # `key: {{ x }}` is a map whose key is a map.
        if unquoted(at.line, self.findings):
            raise StopReading
        self.stop("key", "a key must be text, not a list or a map", at)
