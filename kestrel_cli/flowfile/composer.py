"""Nodes out of what a parser meets in a file: depth and size have limits while reading.

Kestra's reader does not resolve aliases: one gives its own name as text (kestra-io/kestra#16315).
Nor does it read merge keys. Its limit of depth, 50, is ours. Nothing here recurses.
"""

from typing import Final, NoReturn

from kestrel_cli.flowfile.findings import Findings, StopReading
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.java import yaml_scalars

# At 20 us each: a hostile file of the largest size is judged in seconds.
MAX_NODES: Final = 200_000


class _Open:
    """A list or map whose end has not been read yet."""

    __slots__ = ("key", "node")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.key: Node | None = None


class Composer:
    """Takes the parts of a document in order; problems go to `findings`. Places count from 1."""

    def __init__(self, findings: Findings, max_depth: int) -> None:
        self.findings = findings
        self.root: Node | None = None
        self._max_depth = max_depth
        self._open: list[_Open] = []
        self._count = 0

    def scalar(
        self,
        text: str,
        line: int,
        column: int,
        length: int,
        *,
        plain: bool,
        tag: str | None = None,
    ) -> None:
        """A key or a value; a plain one and one with a tag are read by the scalar table."""
        node = Node(text, line, column, length)
        if self._open:
            holder = self._open[-1]
            if holder.node.keys is not None and holder.key is None:
                self._weigh(node)
                holder.key = node
                return
        if plain or tag:
            node.value = self._read(text, tag, node)
            if node.value is not None and not yaml_scalars.is_as_written(text, node.value):
                node.text = text
                self.findings.has_spellings = True
        self._add(node)

    def begin(self, line: int, column: int, *, is_map: bool) -> None:
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
        self._add(node)
        self._open.append(_Open(node))

    def end(self) -> None:
        """The innermost list or map ends."""
        self._open.pop()

    def alias(self, name: str, line: int, column: int) -> None:
        """An alias is the text of its name."""
        node = Node(name, line, column, len(name) + 1)
        self.findings.warning(
            "alias",
            f"Kestra does not resolve aliases: `*{name}` is the text `{name}`",
            node,
            "write the value out here, or put it into `variables`; quote the text if it is meant",
        )
        if self.wants_key:
            self._open[-1].key = node
        else:
            self._add(node)

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

    def _read(self, text: str, tag: str | None, node: Node) -> object:
        try:
            value = yaml_scalars.read_tagged(text, tag) if tag else yaml_scalars.read(text)
        except ValueError as problem:
            self.findings.error("number", str(problem), node, "quote it if it is meant as text")
            return text
        if surprise := yaml_scalars.surprise(text, value):
            self.findings.info("scalar", surprise, node, "quote it if it is meant as text")
        return value

    def _weigh(self, node: Node) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            self.stop("too-large", f"the file holds more than {MAX_NODES:,} values", node)

    def _add(self, node: Node) -> None:
        self._weigh(node)
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
