"""Templates, compiled once per process: what renders text, and how far a rendering has to go for
it.

Three kinds, cheapest first: plain text; text with bare dotted paths such as `{{ inputs.name }}`,
which are looked up without Jinja2 being imported; everything else, compiled by `environment.py`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final, Protocol

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import watch
from kestrel_cli.expressions.limits import check_length, text_too_long
from kestrel_cli.expressions.lookup import MissingValue, get, missing
from kestrel_cli.expressions.scope import MISSING, BareServices, Scope, Services
from kestrel_cli.expressions.text import printed

_PATH: Final = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}\}", re.ASCII)
_CODE: Final = re.compile(r"\{[{%#]")
_NOT_NAMES: Final = frozenset(
    [
        "true",
        "TRUE",
        "false",
        "FALSE",
        "null",
        "NULL",
        "none",
        "NONE",
        "equals",
        "isIn",
        "is",
        "contains",
        "and",
        "or",
        "not",
    ]
)
_CONSTANTS: Final = {"{{ true }}": True, "{{true}}": True, "{{ false }}": False, "{{false}}": False}
_MOST_CACHED: Final = 20_000
_MOST_RENDERINGS: Final = 100
_CHUNK: Final = 10_000
_MOST_SHOWN: Final = 500  # characters of a template in an error
_WRAPPED: Final = "io.pebbletemplates.pebble.error.PebbleException: "
_MANY: Final = 20

Hear = Callable[[str, Scope], None]  # the source of a template, and the scope of a rendering

_cache: dict[tuple[str, int], "Template"] = {}
_hearers: list[Hear] = []


class Template(Protocol):
    """A template ready to be rendered any number of times."""

    def values(self, scope: Scope) -> Iterable[object]:
        """What the template writes, piece by piece. Raises RenderError."""


class _Paths:
    """Text with bare dotted paths."""

    __slots__ = ("pieces", "source")

    def __init__(self, source: str, pieces: list[str | tuple[str, ...]]) -> None:
        self.source = source
        self.pieces = pieces

    def values(self, scope: Scope) -> Iterable[object]:
        try:
            return [p if type(p) is str else _follow(p, scope) for p in self.pieces]  # type: ignore[arg-type]
        except MissingValue as error:
            error.at = self._place(error)
            raise worded(error, self.source) from None

    def _place(self, error: MissingValue) -> int:
        """Where the missing name stands in the template."""
        wanted = (*error.path, error.name)
        for match in _PATH.finditer(self.source):
            path = tuple(match.group(1).split("."))
            if path[: len(wanted)] == wanted:
                return match.start(1) + sum(len(name) + 1 for name in error.path)
            if path[0] == error.name:  # a variable that is null, asked for a part
                return match.start(1)
        return -1


class _Constant:
    """`{{ true }}` and its like, which conditions are often written as."""

    __slots__ = ("_values",)

    def __init__(self, value: object) -> None:
        self._values = (value,)

    def values(self, scope: Scope) -> Iterable[object]:
        return self._values


def _follow(path: tuple[str, ...], scope: Scope) -> Any:
    if len(path) == 2:
        value = scope.part(*path)
        if value is not MISSING:
            return value
    value = scope.lookup(path[0])
    if value is MISSING:
        raise missing(path[0], ())
    for depth in range(1, len(path)):
        if type(value) is dict and path[depth] in value:
            value = value[path[depth]]
        else:
            value = get(value, path[depth], path[:depth])
    return value


@contextmanager
def _bounded() -> Iterator[None]:
    """What is done here may not compute for longer than a rendering."""
    watch.enter()
    try:
        yield
    except watch.RenderInterrupted:
        raise RenderError("The template is too complex: reading it takes too long") from None
    finally:
        watch.leave()


class _Compiled:
    """A template that needed the whole language."""

    __slots__ = ("root", "source")

    def __init__(self, source: str, compat: int) -> None:
        from kestrel_cli.expressions.environment import compile_root

        self.source = source
        with _bounded():
            self.root = compile_root(source, compat)

    def values(self, scope: Scope) -> Iterable[object]:
        from kestrel_cli.expressions.environment import Rendering

        watch.enter()
        try:
            return _collected(self.root(Rendering(scope)))
        except MissingValue as error:
            raise self._told(error) from None
        except RenderError as error:
            if error.template is None:
                error.template = self.source
            raise
        except RecursionError:
            raise RenderError(
                "The template calls itself too often, or a value is nested too deeply"
            ) from None
        except MemoryError:
            raise text_too_long() from None
        except ValueError as error:
            if "integer string conversion" not in str(error):
                raise
            raise RenderError("an integer is too long to be printed") from None
        except watch.RenderInterrupted:
            raise RenderError(
                f"The template computed for more than {watch.SECONDS:g} seconds",
                hint="bound its loops, and the values it makes of values it made",
            ) from None
        finally:
            watch.leave()

    def _told(self, error: MissingValue) -> MissingValue:
        if error.template is not None:  # of a template that this one had rendered
            return _around(error, self.source)
        if error.at < 0:
            error.at = _first_use(error.name, self.source)
        return worded(error, self.source)


def _collected(pieces: Iterator[object]) -> list[object]:
    """All pieces, counted from time to time, so that a long loop ends while its text fits in
    memory.
    """
    found = list(islice(pieces, _CHUNK))
    if len(found) < _CHUNK:
        return found
    total, counted = 0, 0
    while counted < len(found):
        total += sum(len(piece) for piece in found[counted:] if type(piece) is str)
        check_length(total)
        counted = len(found)
        found += islice(pieces, _CHUNK)
    return found


def _first_use(name: str, source: str) -> int:
    """Where a variable is first named in a template, which the generated code does not say."""
    match = re.search(rf"(?<![\w.'\"]){re.escape(name)}(?!\w)", source)
    return match.start() if match else -1


def worded(error: MissingValue, source: str) -> MissingValue:
    """The error for a missing value with Kestra's whole phrase."""
    shown = _shortened(source)
    line = source.count("\n", 0, max(error.at, 0)) + 1
    whole = MissingValue(error.name, error.path, error.keys, error.at)
    whole.is_number = error.is_number
    whole.args = (f"Unable to find `{error.name}` used in the expression `{shown}` at line {line}",)
    whole.line = line
    whole.template = source
    return whole


def _around(error: MissingValue, source: str) -> MissingValue:
    """The error of an inner template in the words that Kestra's `render()` has for it."""
    whole = MissingValue(error.name, error.path, error.keys, error.at)
    whole.args = (f"{_WRAPPED}{error} ({_shortened(source)}:1)",)
    whole.line, whole.template, whole.hint = error.line, error.template, error.hint
    return whole


def _shortened(source: str) -> str:
    return source if len(source) <= _MOST_SHOWN else f"{source[:_MOST_SHOWN]}..."


def prepare_for(text: str) -> None:
    """Import the compiler now if a template in the text needs it.

    Else the first task run that does would look as if it took long.
    """
    if needs_compiler(text):
        import kestrel_cli.expressions.environment  # noqa: F401  for its effect


def needs_compiler(text: str) -> bool:
    """Whether a template in the text is more than bare paths."""
    if "{" not in text:
        return False
    for constant in _CONSTANTS:
        text = text.replace(constant, "")
    return _CODE.search(_PATH.sub("", text)) is not None


class _Heard:
    """A template whose renderings somebody wants to hear of."""

    __slots__ = ("_made", "_source")

    def __init__(self, source: str, made: Template) -> None:
        self._source = source
        self._made = made

    def values(self, scope: Scope) -> Iterable[object]:
        for hear in _hearers:
            hear(self._source, scope)
        return self._made.values(scope)


@contextmanager
def renderings_told(hear: Hear) -> Iterator[None]:
    """While this lasts, `hear` is told of each rendering before it begins.

    All templates are made anew for it, so that nobody else pays: to render asks for nothing more.
    """
    _cache.clear()
    _hearers.append(hear)
    try:
        yield
    finally:
        _hearers.remove(hear)
        _cache.clear()


def template(source: str, compat: int = 1) -> Template:
    """The compiled form of a template. Raises RenderError for one that cannot be read."""
    found = _cache.get((source, compat))
    if found is None:
        if len(_cache) >= _MOST_CACHED:
            _cache.clear()
        try:
            found = _made(source, compat)
            if _hearers:
                found = _Heard(source, found)
            _cache[source, compat] = found
        except RenderError as error:
            error.template = source
            raise
    return found


def _made(source: str, compat: int) -> Template:
    if source in _CONSTANTS:
        return _Constant(_CONSTANTS[source])
    check_length(len(source), "the template")
    pieces = _paths_in(source)
    return _Compiled(source, compat) if pieces is None else _Paths(source, pieces)


def only_paths(source: str) -> bool:
    """Whether a template is text with bare dotted paths: it has no mistakes but missing names, and
    may be of any size.
    """
    return _paths_in(source) is not None


def _paths_in(source: str) -> list[str | tuple[str, ...]] | None:
    """The texts and paths of a template that has nothing else."""
    pieces: list[str | tuple[str, ...]] = []
    rest = 0
    for match in _PATH.finditer(source):
        path = tuple(match.group(1).split("."))
        if not _NOT_NAMES.isdisjoint(path):
            return None
        pieces += [source[rest : match.start()], path]
        rest = match.end()
    pieces.append(source[rest:])
    if any(isinstance(piece, str) and _CODE.search(piece) for piece in pieces):
        return None
    return [piece for piece in pieces if piece != ""]


def render_text(source: str, scope: Scope, compat: int = 1) -> str:
    """Render to text. Raises RenderError."""
    if "{" not in source:
        return source
    return _as_text(template(source, compat).values(scope))


def render_settled(source: str, scope: Scope, compat: int = 1) -> str:
    """Render again and again until the text stops changing; `raw` blocks stay out of it.

    Raises RenderError.
    """
    if "{" not in source:
        return source
    from kestrel_cli.expressions.lexer import raw_cut, raw_restored

    kept: list[str] = []
    with _bounded():
        text = raw_cut(source, kept)
    for _ in range(_MOST_RENDERINGS):
        again = _joined(template(text, compat).values(scope))
        if "raw" in again:
            with _bounded():
                again = raw_cut(again, kept)
        if again == text:
            return raw_restored(text, kept)
        text = again
    raise RenderError("Too many rendering attempts")


def _as_text(values: Iterable[object]) -> str:
    text = _joined(values)
    if "raw" in text and "{%" in text:
        from kestrel_cli.expressions.lexer import without_raw_tags

        with _bounded():
            return without_raw_tags(text)
    return text


def _joined(values: Iterable[object]) -> str:
    values = list(values)
    if len(values) == 1 and type(values[0]) is str:
        return values[0]
    if len(values) > _MANY:
        try:
            check_length(sum(map(len, values)))  # type: ignore[arg-type]  # else a TypeError
            return "".join(values)  # type: ignore[arg-type]  # the same
        except TypeError:
            pass  # not all are texts
    try:
        texts = [
            value if type(value) is str else str(value) if type(value) is int else printed(value)
            for value in values
        ]
    except ValueError:  # an integer with more digits than Python prints
        texts = [printed(value) for value in values]
    if len(texts) == 1:
        return texts[0]
    check_length(sum(map(len, texts)))
    return "".join(texts)


def render_value(source: str, scope: Scope, compat: int = 1) -> Any:
    """Render and keep the type of a value that stands alone; a text with a map or list among its
    values is read as JSON where it is some.

    Raises RenderError.
    """
    if "{" not in source:
        return source
    values = [value for value in template(source, compat).values(scope) if value is not None]
    if not values:
        return None
    if len(values) == 1:
        only = values[0]
        return _as_text(values) if isinstance(only, str) else only
    text = _as_text(values)
    if any(isinstance(value, (dict, list, tuple)) for value in values):
        import json

        try:
            # Jackson reads the first value and leaves the rest: `[1][2]` is `[1]`.
            return json.JSONDecoder().raw_decode(text.lstrip())[0]
        except (ValueError, RecursionError):
            return text
    return text


class MapScope:
    """A scope over a plain map of variables."""

    __slots__ = ("_compat", "_variables", "services")

    def __init__(
        self, variables: Mapping[str, object], services: Services | None = None, compat: int = 1
    ) -> None:
        self._variables = variables
        self._compat = compat
        self.services: Services = services or BareServices()

    def lookup(self, name: str) -> object:
        return self._variables.get(name, MISSING)

    def part(self, name: str, key: str) -> object:
        """No short cuts here: MISSING."""
        return MISSING

    def variables(self) -> dict[str, object]:
        return dict(self._variables)

    def render(self, text: str, *, recursive: bool = False) -> object:
        """Render `text` in the same context: once and typed, or to text, until nothing changes."""
        return (render_settled if recursive else render_value)(text, self, self._compat)


def render(
    template: str,
    context: Mapping[str, object],
    *,
    typed: bool = False,
    recursive: bool = False,
    compat: int = 1,
) -> Any:
    """Render an expression against a map of variables.

    `typed` keeps the native type of a value that stands alone; `recursive` renders the result again
    until it stops changing; `compat` is the Kestra generation, 1 or 2. Raises RenderError.
    """
    scope = MapScope(context, compat=compat)
    if typed:
        return render_value(template, scope, compat)
    return (render_settled if recursive else render_text)(template, scope, compat)
