"""Text to nodes: our own composing, so that depth, size and aliases have limits while reading.

Kestra reads with SnakeYAML's limits; ours are the same: depth 50, 50 aliases to collections, no cycles, and no
merge keys (spec/engine.md 1.7, spec/reliability.md T1). Nothing here recurses.
"""

from typing import Any, Final, NamedTuple, NoReturn

from kestrel_cli.flowfile import scalars
from kestrel_cli.flowfile.events import Mark, open_events
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node

MAX_NODES: Final = 1_000_000
MAX_ALIASES: Final = 50

_TYPED: Final = ("int", "float", "bool", "null")  # tags under which quoted text is read as plain


class _Stop(Exception):
    """Reading cannot go on; the reason is among the findings."""


class _Open:
    """A list or map whose end has not been read yet."""

    __slots__ = ("anchor", "before", "key", "node")

    def __init__(self, node: Node, anchor: str | None, before: int) -> None:
        self.node = node
        self.anchor = anchor
        self.before = before  # how many nodes were counted when it began
        self.key: Node | None = None


class _Anchor(NamedTuple):
    """What an alias stands for: a node (None while it is still open), its size, a scalar's own text."""

    node: Node | None = None
    weight: int = 0
    text: str | None = None


class Composer:
    """Composes the one document of a file; problems go to `findings`."""

    def __init__(self, findings: Findings, max_depth: int) -> None:
        self._findings = findings
        self._max_depth = max_depth
        self._next, self.reader = open_events(findings.source.text)
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchor] = {}
        self._count = 0
        self._aliases = 0
        self._documents = 0
        self.root: Node | None = None

    def compose(self) -> Node | None:
        """The root node; None when the document is empty or reading had to stop."""
        try:
            while (event := self._next()) is not None:
                self._take(type(event).__name__, event)
        except _Stop:
            return None
        return self.root

    def _take(self, kind: str, event: Any) -> None:
        match kind:
            case "ScalarEvent":
                self._scalar(event)
            case "MappingStartEvent" | "SequenceStartEvent":
                self._begin(event, is_map=kind == "MappingStartEvent")
            case "MappingEndEvent" | "SequenceEndEvent":
                self._end()
            case "AliasEvent":
                self._alias(event)
            case "DocumentEndEvent":
                self._end_document()
            case _:
                pass

    def _end_document(self) -> None:
        # What follows the first document may be empty (a trailing `---`); the next node would be one too many.
        self._documents += 1


    def _scalar(self, event: Any) -> None:
        start, end, text = event.start_mark, event.end_mark, self._paired(event)
        node = Node(text, start.line + 1, start.column + 1)
        if end.line == start.line:
            node.length = max(end.column - start.column, 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(node, 1, text)
        if self._wants_key():
            self._count_node(start)
            self._open[-1].key = node
            return
        if self._is_plain(event):
            node.value = self._read(text, node)
        self._add(node, start)

    def _paired(self, event: Any) -> str:
        """The text with `\\ud83d\\ude00` made one character, as in JSON; half a pair cannot be written anywhere."""
        text: str = event.value
        if event.style != '"' or text.isascii():
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self._stop("character", "an escape in this text is half a character", event.start_mark)

    @staticmethod
    def _is_plain(event: Any) -> bool:
        if event.tag is None:
            return bool(event.implicit[0])
        name = event.tag.rpartition(":")[2]
        return name in _TYPED or (event.style is None and name not in ("str", "!", "binary"))

    def _read(self, text: str, node: Node) -> object:
        try:
            value = scalars.read(text)
        except ValueError as problem:
            self._findings.error("number", str(problem), node, "quote it if it is meant as text")
            return text
        if surprise := scalars.surprise(text, value):
            self._findings.info("scalar", surprise, node, "quote it if it is meant as text")
        return value

    def _begin(self, event: Any, *, is_map: bool) -> None:
        start = event.start_mark
        if self._wants_key():
            self._stop("key", "a key must be text, not a list or a map", start)
        if len(self._open) >= self._max_depth:
            self._stop(
                "too-deep",
                f"the file nests deeper than {self._max_depth} levels",
                start,
                "generated files can be read with a higher `--max-depth`",
            )
        node = Node({} if is_map else [], start.line + 1, start.column + 1)
        if is_map:
            node.items, node.keys = {}, {}
        else:
            node.items = []
        before = self._count
        self._add(node, start)
        self._open.append(_Open(node, event.anchor, before))
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor()

    def _end(self) -> None:
        closed = self._open.pop()
        if closed.anchor is not None:
            self._anchors[closed.anchor] = _Anchor(closed.node, self._count - closed.before)

    def _alias(self, event: Any) -> None:
        start, name = event.start_mark, event.anchor
        if name not in self._anchors:
            self._stop("alias", f"there is no anchor `&{name}` above this alias", start)
        node, weight, text = self._anchors[name]
        if node is None:
            self._stop("alias", f"the alias `*{name}` is inside of what it stands for", start)
        if self._wants_key():
            if text is None:
                self._stop("key", "a key must be text, not a list or a map", start)
            key = Node(text, start.line + 1, start.column + 1, len(name) + 1)
            self._open[-1].key = key
            return
        self._aliases += text is None
        if self._aliases > MAX_ALIASES:
            self._stop("alias", f"more than {MAX_ALIASES} aliases to lists and maps", start)
        self._add(node, start, weight)

    def _wants_key(self) -> bool:
        return bool(self._open) and self._open[-1].node.keys is not None and self._open[-1].key is None


    def _count_node(self, start: Mark, weight: int = 1) -> None:
        self._count += weight
        if self._count > MAX_NODES:
            self._stop("too-large", f"the file holds more than {MAX_NODES:,} values", start)

    def _add(self, node: Node, start: Mark, weight: int = 1) -> None:
        self._count_node(start, weight)
        if not self._open:
            self._root(node, start)
            return
        holder = self._open[-1]
        into, key = holder.node, holder.key
        if isinstance(into.items, list):
            into.items.append(node)
            into.value.append(node.value)
        elif key is not None and isinstance(into.items, dict) and into.keys is not None:
            holder.key = None
            self._set(into, key, node)

    def _root(self, node: Node, start: Mark) -> None:
        if self._documents == 0:
            self.root = node
        elif node.value is not None:
            self._stop(
                "several-documents",
                "a second YAML document starts here; a file holds one flow",
                start,
                "put each flow into a file of its own",
            )

    def _set(self, into: Node, key: Node, node: Node) -> None:
        assert isinstance(into.items, dict) and into.keys is not None
        name = key.value
        if name in into.items:
            first = into.keys[name]
            self._findings.error(
                "duplicate-key",
                f"Duplicate field '{name}': a key may stand in a map once",
                key,
                f"the first one is in line {first.line}",
            )
            return
        into.keys[name] = key
        into.items[name] = node
        into.value[name] = node.value

    def _stop(self, code: str, message: str, at: Mark, hint: str | None = None) -> NoReturn:
        node = Node(None, at.line + 1, at.column + 1)
        self._findings.error(code, message, node, hint)
        raise _Stop
