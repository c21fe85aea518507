"""What is known of a value that has to be made up: what its readers do with it.

Shapes are joined when one value goes through several names (`union`), so that what is read of a
loop's value is known of the list that the loop runs over, and what a subflow does with an input is
known of what it is given.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final


class Kind(StrEnum):
    """What a reader takes a value for. The first of these that was seen counts."""

    MAP = "map"
    LIST = "list"
    FILE = "uri"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    DURATION = "duration"
    TEXT = "text"
    DIGITS = "text of a number"
    JSON_MAP = "JSON of a map"
    JSON_LIST = "JSON of a list"
    LINES = "lines of JSON"


class Read:
    """A place in a flow where a value is read."""

    __slots__ = ("file", "source", "task")

    def __init__(self, file: str, task: str | None, source: str) -> None:
        self.file = file
        self.task = task
        self.source = source


class Shape:
    """One value, or several of which it is known that they are the same."""

    __slots__ = (
        "_joined",
        "content",
        "examples",
        "forced",
        "form",
        "holds",
        "item",
        "kinds",
        "levels",
        "name",
        "needed",
        "parsed",
        "parts",
        "reads",
    )

    def __init__(self, name: str = "") -> None:
        self.name = name  # the last part of its path
        self.kinds: set[Kind] = set()
        self.parts: dict[str, Shape] = {}  # of a map
        self.item: Shape | None = None  # of a list
        self.parsed: Shape | None = None  # what its text is as JSON
        self.content: Shape | None = None  # of the file that it is the address of
        self.forced: Kind | None = None  # what it has to be, whatever else is known
        self.form: str | None = None  # how that file has to be written: `json`, `ion` ...
        self.examples: list[Any] = []  # what it is compared with
        self.holds: list[Any] = []  # what is looked for in it
        self.levels = 0  # how many values of loops come before what is meant
        self.reads: list[Read] = []
        self.needed: Read | None = None  # the first that cannot do without it
        self._joined: Shape | None = None

    @property
    def root(self) -> "Shape":
        """The one that stands for all that are joined with it."""
        found = self
        while found._joined is not None:
            found = found._joined
        return found

    @property
    def known(self) -> bool:
        """Whether more than its kind is known."""
        root = self.root
        below = root.parts or root.item is not None or root.parsed is not None
        return bool(below or root.examples)

    def part(self, name: str) -> "Shape":
        """What is under a key."""
        root = self.root
        if root.levels:
            return root.element()
        if name not in root.parts:
            root.parts[name] = Shape(name)
            root.kinds.add(Kind.MAP)
        return root.parts[name].root

    def element(self) -> "Shape":
        """What is at an index, or under a key that only the run knows."""
        root = self.root
        if root.item is None:
            root.item = Shape(root.name)
            if root.levels:
                root.item.levels = root.levels - 1
            else:
                root.kinds.add(Kind.LIST)
        return root.item.root

    def innermost(self) -> "Shape":
        """What is behind the values of all loops."""
        found = self.root
        while found.levels:
            found = found.element()
        return found

    def as_json(self) -> "Shape":
        """What its text holds."""
        root = self.root
        if root.parsed is None:
            root.parsed = Shape(root.name)
        return root.parsed.root

    def in_file(self) -> "Shape":
        """What the file holds whose address it is."""
        root = self.root
        root.kinds.add(Kind.FILE)
        if root.content is None:
            root.content = Shape(root.name)
        return root.content.root

    def use(self, kind: Kind) -> "Shape":
        """Somebody takes it for this."""
        self.root.kinds.add(kind)
        return self.root

    def compared(self, value: Any) -> None:
        """Somebody compares it with this."""
        examples = self.root.examples
        if value not in examples:
            examples.append(value)

    def read_at(self, read: Read) -> None:
        """Somebody reads it here."""
        reads = self.root.reads
        if not any(one.task == read.task and one.source == read.source for one in reads):
            reads.append(read)

    def union(self, other: "Shape | None") -> None:
        """From now on both are one: what is known of either is known of it."""
        if other is None:
            return
        waiting = [(self, other)]
        while waiting:
            mine, theirs = (one.root for one in waiting.pop())
            if mine is theirs or mine.levels != theirs.levels:
                continue
            theirs._joined = mine
            mine.kinds |= theirs.kinds
            mine.examples += [one for one in theirs.examples if one not in mine.examples]
            mine.holds += [one for one in theirs.holds if one not in mine.holds]
            mine.reads += theirs.reads
            mine.form = mine.form or theirs.form
            mine.needed = mine.needed or theirs.needed
            for name, part in theirs.parts.items():
                if name in mine.parts:
                    waiting.append((mine.parts[name], part))
                else:
                    mine.parts[name] = part
            for slot in ("item", "parsed", "content"):
                own, new = getattr(mine, slot), getattr(theirs, slot)
                if own is None:
                    setattr(mine, slot, new)
                elif new is not None:
                    waiting.append((own, new))

    def leaves(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], "Shape"]]:
        """Everything below with its path; each shape once."""
        seen: set[int] = set()
        waiting: list[tuple[tuple[str, ...], Shape]] = [(path, self)]
        while waiting:
            where, shape = waiting.pop()
            root = shape.root
            if id(root) in seen:
                continue
            seen.add(id(root))
            if root.parts or root.item is not None:
                below = [((*where, name), part) for name, part in root.parts.items()]
                if root.item is not None:
                    below.append(((*where, "[]"), root.item))
                waiting += reversed(below)
            else:
                yield where, root


# What a value is taken for by its name, when nothing else is known of it.
BY_NAME: Final[dict[str, Kind]] = {
    **dict.fromkeys(
        ("date", "next", "previous", "timestamp", "startDate", "endDate", "createdAt", "updatedAt"),
        Kind.MOMENT,
    ),
    **dict.fromkeys(
        (
            "size",
            "count",
            "total",
            "rowCount",
            "length",
            "code",
            "exitCode",
            "status",
            "rows_count",
        ),
        Kind.NUMBER,
    ),
    **dict.fromkeys(("rows", "objects", "files", "blobs", "messages", "items"), Kind.LIST),
    **dict.fromkeys(("row", "headers", "outputFiles", "vars", "values"), Kind.MAP),
    **dict.fromkeys(("uri", "uris", "from", "file"), Kind.FILE),
}
