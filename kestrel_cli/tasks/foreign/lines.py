"""Reads the text files: what is known of types that do not run here.

    [aws.s3] Amazon S3                         a package below `io.kestra.plugin.` and its name
    List | Lists objects. | objects:rows(key:text size:size)
    !Trigger | Starts for new objects. | objects:rows
    Old.Name = aws.s3.List                     an older name of a type
    [jdbc.oracle] Oracle < database            ... with the lines of a pattern
    [<database>]                               a pattern; `{}` in it is the family's name
    $cell | row:map@FETCH_ONE rows:rows@FETCH  outputs that lines name as `$cell`

A line has the name of a type, one sentence, and outputs. `@WAY` says that an output is there only
when the data are fetched that way, `=WAY` which way is meant when a task names none. `...` says
that there may be other outputs. Lines that begin with `#` are for readers.
"""

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple, cast, get_args

from kestrel_cli.tasks.foreign.types import Fetched, Foreign, Kind, Output

_PLUGINS: Final = "io.kestra.plugin."
_HEADING: Final = re.compile(r"\[([^\]]+)\] *([^<]*?) *(?:< *(.+))?")
_PART: Final = re.compile(
    r"(?P<end>\))"
    r"|=(?P<default>\w+)"
    r"|\$(?P<shape>\w+)"
    r"|(?P<open>\.\.\.)"
    r"|(?P<name>[\w-]+):(?P<kind>\w+)(?:@(?P<way>\w+))?(?P<inside>\()?"
)
_KINDS: Final = frozenset(get_args(Kind))
_WAYS: Final = frozenset(get_args(Fetched))


class Table(NamedTuple):
    """All lines: types and triggers by name, families by package, today's names by older ones."""

    tasks: dict[str, Foreign]
    triggers: dict[str, Foreign]
    families: dict[str, str]
    older: dict[str, str]


class _Said(NamedTuple):
    """The outputs of a line."""

    members: dict[str, Output]
    default: Fetched | None
    exact: bool


def read(files: Iterable[tuple[str, str]]) -> Table:
    """The table of what stands in these files, each with its name.

    Raises ValueError with the place of a line that is not as it has to be.
    """
    reading = _Reading()
    for name, text in files:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                try:
                    reading.take(line)
                except ValueError as error:
                    raise ValueError(f"{name}:{number}: {error}") from None
    return reading.table()


class _Reading:
    """What was read so far. Shapes and patterns stand before the lines that use them."""

    def __init__(self) -> None:
        self._table = Table({}, {}, {}, {})
        self._shapes: dict[str, str] = {}
        self._patterns: dict[str, list[str]] = {}
        self._packages: list[tuple[str, str]] = []
        self._pattern: str | None = None

    def take(self, line: str) -> None:
        """Take in one line."""
        if line.startswith("["):
            self._heading(line)
        elif line.startswith("$"):
            name, _, outputs = line[1:].partition(" | ")
            self._shapes[name] = outputs
        elif " = " in line and " | " not in line:
            old, _, new = line.partition(" = ")
            _add(self._table.older, _whole(old), _whole(new))
        elif self._pattern is not None:
            self._patterns[self._pattern].append(line)
        else:
            for package, family in self._packages:
                self._type(line, package, family)

    def table(self) -> Table:
        """The table, with the older names at their types."""
        found = self._table
        for old, new in found.older.items():
            for kinds in (found.tasks, found.triggers):
                if new in kinds:
                    kinds[new] = kinds[new]._replace(older=(*kinds[new].older, old))
        return found

    def _heading(self, line: str) -> None:
        found = _HEADING.fullmatch(line.strip())
        if found is None:
            raise ValueError(f"no heading: {line}")
        names, family, patterns = found[1], found[2], found[3]
        if names.startswith("<"):
            self._pattern = names.strip("<>")
            self._patterns[self._pattern] = []
            return
        self._pattern = None
        self._packages = [(_whole(name), family) for name in names.split()]
        for package, _ in self._packages:
            _add(self._table.families, package, family)
        for pattern in (patterns or "").split():
            for one in self._patterns[pattern]:
                self.take(one)

    def _type(self, line: str, package: str, family: str) -> None:
        parts = [part.strip() for part in line.split(" | ")]
        if len(parts) not in (2, 3):
            raise ValueError(f"a line has two or three parts: {line}")
        name, about = parts[0].lstrip("!"), parts[1].replace("{}", family)
        said = self._outputs(parts[2] if len(parts) == 3 else "")
        found = Foreign(
            f"{package}.{name}",
            about,
            family,
            said.members,
            fetched=said.default,
            exact=said.exact,
        )
        kinds = self._table.triggers if parts[0].startswith("!") else self._table.tasks
        _add(kinds, found.name, found)

    def _outputs(self, text: str) -> _Said:
        exact = True
        default: Fetched | None = None
        stack: list[dict[str, Output]] = [{}]
        for part in self._parts(text):
            if part["end"]:
                if len(stack) == 1:
                    raise ValueError(f"`)` without `(`: {text}")
                stack.pop()
            elif part["open"]:
                exact = False
            elif part["default"]:
                default = _way(part["default"])
            else:
                inside: dict[str, Output] = {}
                way = _way(part["way"]) if part["way"] else None
                _add(stack[-1], part["name"], Output(_kind(part["kind"]), inside, way))
                if part["inside"]:
                    stack.append(inside)
        if len(stack) > 1:
            raise ValueError(f"`(` without `)`: {text}")
        return _Said(stack[0], default, exact)

    def _parts(self, text: str) -> Iterable["re.Match[str]"]:
        """The parts of a text, those of the shapes that it names in their place."""
        at = 0
        while at < len(text):
            if text[at] == " ":
                at += 1
                continue
            found = _PART.match(text, at)
            if found is None:
                raise ValueError(f"no output: {text[at:]}")
            if found["shape"]:
                yield from self._parts(self._shapes[found["shape"]])
            else:
                yield found
            at = found.end()


def _whole(name: str) -> str:
    """The name of a type or package; one that does not begin a package of its own is a plugin's."""
    name = name.strip()
    return name if name.startswith(("io.", "com.")) else _PLUGINS + name


def _kind(word: str) -> Kind:
    if word not in _KINDS:
        raise ValueError(f"no kind: {word}")
    return cast("Kind", word)


def _way(word: str) -> Fetched:
    if word not in _WAYS:
        raise ValueError(f"no way to fetch: {word}")
    return cast("Fetched", word)


def _add(found: dict[str, Any], name: str, one: object) -> None:
    if name in found:
        raise ValueError(f"twice: {name}")
    found[name] = one
