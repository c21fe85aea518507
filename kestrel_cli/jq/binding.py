"""The nodes of a jq program that name things: variables, patterns, functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.machine import Env, Node, Site, Then, TryExit, TryMark
from kestrel_cli.jq.nodes import gather
from kestrel_cli.jq.paths import index

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kestrel_cli.jq.machine import Continuation, Machine, Step, Where

# A call that is not the last thing to do keeps its continuation in memory: the price bounds it.
_CALL_COST: Final = 15


class Bind(Node):
    """`source as pattern | body`"""

    __slots__ = ("body", "pattern", "source")

    def __init__(self, source: Node, pattern: Patterns, body: Node) -> None:
        self.source, self.pattern, self.body = source, pattern, body

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        def bound(machine: Machine, _path: Where, item: object) -> Step | None:
            return self.pattern.run(machine, item, self.body, Site(env, path, value, k))

        return (self.source.start, env, None, value, Then(bound))


@dataclass(frozen=True, slots=True)
class Pattern:
    """`$name`, `[...]` or `{...}`; a map entry is `(key, its variable or "", pattern or None)`."""

    name: str = ""
    items: tuple[Pattern, ...] | None = None
    entries: tuple[tuple[Node, str, Pattern | None], ...] | None = None

    def names(self) -> list[str]:
        """Every variable this binds."""
        found = [self.name] if self.name else []
        for item in self.items or ():
            found += item.names()
        for _key, variable, inner in self.entries or ():
            found += [variable] if variable else []
            found += inner.names() if inner else []
        return found


class Patterns:
    """One pattern, or several to try in turn (`?//`)."""

    __slots__ = ("alternatives", "names")

    def __init__(self, alternatives: Sequence[Pattern]) -> None:
        self.alternatives = tuple(alternatives)
        self.names = sorted({name for pattern in alternatives for name in pattern.names()})

    def bound(
        self,
        machine: Machine,
        env: Env | None,
        value: object,
        then: Callable[[Machine, Env | None], Step | None],
    ) -> Step | None:
        """Bind the first pattern's variables and go on; for `reduce` and `foreach`."""
        return _destructured(machine, [(self.alternatives[0], value)], env, then)

    def run(self, machine: Machine, value: object, body: Node, site: Site) -> Step | None:
        """Bind and run the body; an error goes on with the next alternative."""
        env = site.env
        if len(self.alternatives) == 1:
            return self.bound(machine, env, value, lambda _m, inner: (body.start, inner, *site[1:]))
        for name in self.names:
            env = Env(name, None, env)
        return self._attempt(machine, 0, value, body, site._replace(env=env))

    def _attempt(
        self, machine: Machine, at: int, value: object, body: Node, site: Site
    ) -> Step | None:
        out = site.k
        if at + 1 < len(self.alternatives):
            mark = _NextPattern(lambda: self._attempt(machine, at + 1, value, body, site), site.k)
            machine.push(mark)
            out = TryExit(mark)
        return _destructured(
            machine,
            [(self.alternatives[at], value)],
            site.env,
            lambda _m, inner: (body.start, inner, site.path, site.value, out),
        )


class _NextPattern(TryMark):
    __slots__ = ("following",)

    def __init__(self, following: Callable[[], Step | None], k: Continuation) -> None:
        super().__init__(None, None, None, k)
        self.following = following

    def caught(self, machine: Machine, error: JqError) -> Step | None:
        return self.following()


def _destructured(
    machine: Machine,
    work: list[tuple[Pattern, object]],
    env: Env | None,
    then: Callable[[Machine, Env | None], Step | None],
) -> Step | None:
    """Bind the patterns of `work` from left to right."""
    while work:
        (pattern, value), work = work[0], work[1:]
        if pattern.name:
            env = Env(pattern.name, value, env)
        elif pattern.items is not None:
            parts = [(inner, index(value, at)) for at, inner in enumerate(pattern.items)]
            work = parts + work
        elif pattern.entries:
            work = [(pattern, value), *work]
            return _first_entry(machine, work, env, then)
    return then(machine, env)


def _first_entry(
    machine: Machine,
    work: list[tuple[Pattern, object]],
    env: Env | None,
    then: Callable[[Machine, Env | None], Step | None],
) -> Step | None:
    """Bind the first entry of the map pattern that `work` starts with, then the rest."""
    (pattern, value), later = work[0], work[1:]
    entries = pattern.entries or ()
    key_node, variable, inner = entries[0]

    def with_key(machine: Machine, key: object) -> Step | None:
        if not isinstance(key, str):
            raise JqError("Cannot index object with non-string key")
        part = index(value, key)
        bound = Env(variable, part, env) if variable else env
        rest = [(Pattern(entries=entries[1:]), value), *later]
        return _destructured(machine, ([(inner, part)] if inner else []) + rest, bound, then)

    return gather(machine, (key_node,), env, value, with_key)


class Define(Node):
    """`def name(parameters): body; rest`"""

    __slots__ = ("body", "name", "parameters", "rest")

    def __init__(self, name: str, parameters: Sequence[str], body: Node, rest: Node) -> None:
        self.name, self.parameters = name, tuple(parameters)
        self.body, self.rest = body, rest

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        inner = Env((self.name, len(self.parameters)), self, env)
        return (self.rest.start, inner, path, value, k)


class Closure:
    """A program handed to a function, with the bindings of where it was written."""

    __slots__ = ("env", "node")

    def __init__(self, node: Node, env: Env | None) -> None:
        self.node, self.env = node, env


def enter(
    machine: Machine,
    function: Define,
    scope: Env | None,
    arguments: Sequence[Closure],
    site: Site,
) -> Step | None:
    """The step into a function's body; `scope` holds the bindings around its definition."""
    machine.charge(_CALL_COST)
    pairs = list(zip(function.parameters, arguments, strict=True))
    return _with_parameters(function.body, pairs, scope, site)


def _with_parameters(
    body: Node, pairs: Sequence[tuple[str, Closure]], scope: Env | None, site: Site
) -> Step | None:
    """Bind the parameters; a `$parameter` is evaluated first, the rest done for every result."""
    if not pairs:
        return (body.start, scope, *site[1:])
    (name, argument), rest = pairs[0], pairs[1:]
    if not name.startswith("$"):
        return _with_parameters(body, rest, Env((name, 0), argument, scope), site)

    def bound(machine: Machine, _path: Where, item: object) -> Step | None:
        as_function = Env((name[1:], 0), Closure(_Known(item), None), scope)
        return _with_parameters(body, rest, Env(name, item, as_function), site)

    return (argument.node.start, argument.env, None, site.value, Then(bound))


class _Known(Node):
    """A value that is known already: a `$parameter` called as a function."""

    __slots__ = ("value",)
    simple = True

    def __init__(self, value: object) -> None:
        self.value = value

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        return self.value
