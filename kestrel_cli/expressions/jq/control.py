"""The nodes of a jq program that decide, repeat, bind and call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kestrel_cli.expressions.jq.errors import JqError
from kestrel_cli.expressions.jq.machine import (
    Choice,
    Env,
    Finish,
    LabelMark,
    TryExit,
    TryLeft,
    TryMark,
)
from kestrel_cli.expressions.jq.nodes import Node, computed, gather
from kestrel_cli.expressions.jq.paths import index
from kestrel_cli.expressions.jq.values import truthy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kestrel_cli.expressions.jq.machine import Continuation, Machine, Step, Where


_CALL_COST: Final = 15


class If(Node):
    """`if condition then yes else no end`"""

    __slots__ = ("condition", "no", "simple", "yes")

    def __init__(self, condition: Node, yes: Node, no: Node) -> None:
        self.condition, self.yes, self.no = condition, yes, no
        self.simple = condition.simple and yes.simple and no.simple

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        def decided(machine: Machine, condition: object) -> Step | None:
            branch = self.yes if truthy(condition) else self.no
            return (branch.start, env, path, value, k)

        return gather(machine, (self.condition,), env, value, decided)

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        condition = truthy(self.condition.compute(machine, env, value))
        return (self.yes if condition else self.no).compute(machine, env, value)


class Try(Node):
    """`try body catch handler`, and `body?` without a handler"""

    __slots__ = ("body", "handler")

    def __init__(self, body: Node, handler: Node | None = None) -> None:
        self.body, self.handler = body, handler

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        mark = TryMark(self.handler, env, path, k)
        machine.push(mark)
        return (self.body.start, env, path, value, TryExit(mark))


class Alternative(Node):
    """`left // right`: what is true of left, or else right"""

    __slots__ = ("left", "right")

    def __init__(self, left: Node, right: Node) -> None:
        self.left, self.right = left, right

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        mark = _AlternativeMark((self.right.start, env, path, value, k), env, path, k)
        machine.push(mark)
        return (self.left.start, env, path, value, _TrueOnly(mark))


class _AlternativeMark(TryMark):
    __slots__ = ("found", "other")

    def __init__(self, other: Step, env: Env | None, path: Where, k: Continuation) -> None:
        super().__init__(None, env, path, k)
        self.other = other
        self.found = False

    def retry(self, machine: Machine) -> Step | None:
        return None if self.found else self.other

    def caught(self, machine: Machine, error: JqError) -> Step | None:
        return self.retry(machine)


class _TrueOnly:
    __slots__ = ("mark",)

    def __init__(self, mark: _AlternativeMark) -> None:
        self.mark = mark

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        if not truthy(value):
            return None
        self.mark.found = True
        machine.push(TryLeft(self.mark))
        return (self.mark.k.resume, path, value)


class Reduce(Node):
    """`reduce source as pattern (init; update)`"""

    __slots__ = ("init", "pattern", "source", "update")

    def __init__(self, source: Node, pattern: Patterns, init: Node, update: Node) -> None:
        self.source, self.pattern, self.init, self.update = source, pattern, init, update

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        def from_init(machine: Machine, state_path: Where, state: object) -> Step | None:
            fold = _Fold(self, env, state_path, state, value)
            machine.push(Finish(lambda: (k.resume, fold.path, fold.state)))
            return (self.source.start, env, None, value, fold)

        return (self.init.start, env, path, value, Then(from_init))


class _Fold:
    """Continues with every result of the source: the state becomes the update's last result."""

    __slots__ = ("env", "input", "node", "path", "state")

    def __init__(
        self, node: Reduce, env: Env | None, path: Where, state: object, input_: object
    ) -> None:
        self.node, self.env, self.path, self.state, self.input = node, env, path, state, input_

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        return self.node.pattern.bound(machine, self.env, value, self._update)

    def _update(self, machine: Machine, env: Env | None) -> Step | None:
        last: tuple[Where, object] = (computed(self.path), None)

        def keep(machine: Machine, path: Where, value: object) -> Step | None:
            nonlocal last
            last = (path, value)
            return None

        def commit() -> Step | None:
            self.path, self.state = last
            return None

        machine.push(Finish(commit))
        return (self.node.update.start, env, self.path, self.state, Then(keep))


class Foreach(Node):
    """`foreach source as pattern (init; update; extract)`"""

    __slots__ = ("extract", "init", "pattern", "source", "update")

    def __init__(
        self, source: Node, pattern: Patterns, init: Node, update: Node, extract: Node
    ) -> None:
        self.source, self.pattern, self.init = source, pattern, init
        self.update, self.extract = update, extract

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        def from_init(machine: Machine, state_path: Where, state: object) -> Step | None:
            current: list[tuple[Where, object]] = [(state_path, state)]

            def each(machine: Machine, _path: Where, item: object) -> Step | None:
                return self.pattern.bound(machine, env, item, updated)

            def updated(machine: Machine, inner: Env | None) -> Step | None:
                def extracted(machine: Machine, new_path: Where, new: object) -> Step | None:
                    current[0] = (new_path, new)
                    return (self.extract.start, inner, new_path, new, k)

                return (self.update.start, inner, *current[0], Then(extracted))

            return (self.source.start, env, None, value, Then(each))

        return (self.init.start, env, path, value, Then(from_init))


class Then:
    """A continuation made of a function."""

    __slots__ = ("resume",)

    def __init__(self, resume: Callable[[Machine, Where, object], Step | None]) -> None:
        self.resume = resume


class Bind(Node):
    """`source as pattern | body`"""

    __slots__ = ("body", "pattern", "source")

    def __init__(self, source: Node, pattern: Patterns, body: Node) -> None:
        self.source, self.pattern, self.body = source, pattern, body

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        def bound(machine: Machine, _path: Where, item: object) -> Step | None:
            return self.pattern.run(machine, env, item, (self.body, path, value), k)

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

    def run(
        self,
        machine: Machine,
        env: Env | None,
        value: object,
        body: tuple[Node, Where, object],
        k: Continuation,
    ) -> Step | None:
        """Bind and run the body; an error goes on with the next alternative."""
        node, path, body_input = body
        if len(self.alternatives) == 1:
            return self.bound(
                machine, env, value, lambda _m, inner: (node.start, inner, path, body_input, k)
            )
        for name in self.names:
            env = Env(name, None, env)
        return self._attempt(machine, 0, env, value, body, k)

    def _attempt(
        self,
        machine: Machine,
        at: int,
        env: Env | None,
        value: object,
        body: tuple[Node, Where, object],
        k: Continuation,
    ) -> Step | None:
        node, path, body_input = body
        out = k
        if at + 1 < len(self.alternatives):
            mark = _NextPattern(lambda: self._attempt(machine, at + 1, env, value, body, k), k)
            machine.push(mark)
            out = TryExit(mark)
        return _destructured(
            machine,
            [(self.alternatives[at], value)],
            env,
            lambda _m, inner: (node.start, inner, path, body_input, out),
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
            return _first_entry(machine, pattern.entries, value, work, env, then)
    return then(machine, env)


def _first_entry(
    machine: Machine,
    entries: tuple[tuple[Node, str, Pattern | None], ...],
    value: object,
    work: list[tuple[Pattern, object]],
    env: Env | None,
    then: Callable[[Machine, Env | None], Step | None],
) -> Step | None:
    key_node, variable, inner = entries[0]

    def with_key(machine: Machine, key: object) -> Step | None:
        if not isinstance(key, str):
            raise JqError("Cannot index object with non-string key")
        part = index(value, key)
        bound = Env(variable, part, env) if variable else env
        rest = [(Pattern(entries=entries[1:]), value), *work]
        return _destructured(machine, ([(inner, part)] if inner else []) + rest, bound, then)

    return gather(machine, (key_node,), env, value, with_key)


class Label(Node):
    """`label $name | body`"""

    __slots__ = ("body", "name")

    def __init__(self, name: str, body: Node) -> None:
        self.name, self.body = name, body

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        mark = LabelMark()
        machine.push(mark)
        return (self.body.start, Env(("label", self.name), mark, env), path, value, k)


class Break(Node):
    """`break $name`"""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        at = env
        while at is not None and at.key != ("label", self.name):
            at = at.outer
        if at is None or not isinstance(at.value, Choice):
            raise JqError(f"$*label-{self.name} is not defined")
        machine.cut(at.value)
        return None


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
    path: Where,
    value: object,
    k: Continuation,
) -> Step | None:
    """The step into a function's body. A `$parameter` is evaluated first, for every result."""
    # A call that is not the last thing to do keeps its continuation in memory: that bounds it.
    machine.charge(_CALL_COST)
    inner = scope
    for at, (name, argument) in enumerate(zip(function.parameters, arguments, strict=True)):
        if name.startswith("$"):
            rest = function.parameters[at:]
            return _with_values(machine, function, inner, rest, arguments[at:], path, value, k)
        inner = Env((name, 0), argument, inner)
    return (function.body.start, inner, path, value, k)


def _with_values(
    machine: Machine,
    function: Define,
    inner: Env | None,
    names: Sequence[str],
    arguments: Sequence[Closure],
    path: Where,
    value: object,
    k: Continuation,
) -> Step | None:
    while names and not names[0].startswith("$"):
        inner = Env((names[0], 0), arguments[0], inner)
        names, arguments = names[1:], arguments[1:]
    if not names:
        return (function.body.start, inner, path, value, k)
    outer, name, argument = inner, names[0], arguments[0]

    def bound(machine: Machine, _path: Where, item: object) -> Step | None:
        as_function = Env((name[1:], 0), Closure(_Known(item), None), outer)
        now = Env(name, item, as_function)
        return _with_values(machine, function, now, names[1:], arguments[1:], path, value, k)

    return (argument.node.start, argument.env, None, value, Then(bound))


class _Known(Node):
    """A value that is known already: a `$parameter` called as a function."""

    __slots__ = ("value",)
    simple = True

    def __init__(self, value: object) -> None:
        self.value = value

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        return self.value
