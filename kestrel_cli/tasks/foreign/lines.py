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
from collections.abc import Iterable, Iterator, Mapping
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


class Line(NamedTuple):
    """A line of a package: its outputs are a text until somebody asks for the type."""

    name: str
    about: str
    family: str
    outputs: str
    place: str


class Table:
    """All lines: types and triggers by name, families by package, today's names by older ones."""

    def __init__(self) -> None:
        self.tasks: dict[str, Line] = {}
        self.triggers: dict[str, Line] = {}
        self.families: dict[str, str] = {}
        self.older: dict[str, str] = {}
        self.shapes: dict[str, str] = {}

    def task(self, name: str) -> Foreign | None:
        """The task type of this name, today's or an older one."""
        return self._found(self.tasks, name)

    def trigger(self, name: str) -> Foreign | None:
        """The trigger type of this name, today's or an older one."""
        return self._found(self.triggers, name)

    def _found(self, lines: dict[str, Line], name: str) -> Foreign | None:
        line = lines.get(self.older.get(name, name))
        if line is None:
            return None
        try:
            members, default, exact = _outputs(line.outputs, self.shapes)
        except ValueError as error:
            raise ValueError(f"{line.place}: {error}") from None
        older = tuple(old for old, new in self.older.items() if new == line.name)
        return Foreign(line.name, line.about, line.family, members, older, default, exact)


def read(files: Iterable[tuple[str, str]]) -> Table:
    """The table of what stands in these files, each with its name.

    Raises ValueError with the place of a line that is not as it has to be; for outputs when the
    type is asked for.
    """
    reading = _Reading()
    for name, text in files:
        for number, line in enumerate(text.splitlines(), 1):
            if line and not line.startswith("#"):
                try:
                    reading.take(line, f"{name}:{number}")
                except ValueError as error:
                    raise ValueError(f"{name}:{number}: {error}") from None
    return reading.table


class _Reading:
    """What was read so far. Patterns stand before the headings that use them."""

    def __init__(self) -> None:
        self.table = Table()
        self._patterns: dict[str, list[str]] = {}
        self._packages: list[tuple[str, str]] = []
        self._pattern: str | None = None

    def take(self, line: str, place: str) -> None:
        """Take in one line."""
        if line.startswith("["):
            self._heading(line, place)
        elif line.startswith("$"):
            name, _, outputs = line[1:].partition(" | ")
            self.table.shapes[name] = outputs
        elif " | " not in line and " = " in line:
            old, _, new = line.partition(" = ")
            _add(self.table.older, _whole(old), _whole(new))
        elif self._pattern is not None:
            self._patterns[self._pattern].append(line)
        else:
            for package, family in self._packages:
                self._type(line, package, family, place)

    def _heading(self, line: str, place: str) -> None:
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
            _add(self.table.families, package, family)
        for pattern in (patterns or "").split():
            for one in self._patterns[pattern]:
                self.take(one, place)

    def _type(self, line: str, package: str, family: str, place: str) -> None:
        name, _, rest = line.partition(" | ")
        about, _, outputs = rest.partition(" | ")
        if not about or " | " in outputs:
            raise ValueError(f"a line has two or three parts: {line}")
        whole = f"{package}.{name.lstrip('!')}"
        kinds = self.table.triggers if name.startswith("!") else self.table.tasks
        _add(kinds, whole, Line(whole, about.replace("{}", family), family, outputs, place))


def _outputs(
    text: str, shapes: Mapping[str, str]
) -> tuple[dict[str, Output], Fetched | None, bool]:
    """The outputs that a text names, how they are fetched when nothing is said, and whether there
    are no others.
    """
    exact = True
    default: Fetched | None = None
    stack: list[dict[str, Output]] = [{}]
    for part in _parts(text, shapes):
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
    return stack[0], default, exact


def _parts(text: str, shapes: Mapping[str, str]) -> Iterator["re.Match[str]"]:
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
            yield from _parts(shapes[found["shape"]], shapes)
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
