"""The nodes of a jq program that decide and repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.machine import (
    Choice,
    Env,
    Finish,
    LabelMark,
    Node,
    Then,
    TryExit,
    TryLeft,
    TryMark,
    computed,
)
from kestrel_cli.jq.nodes import gather
from kestrel_cli.jq.values import truthy

if TYPE_CHECKING:
    from kestrel_cli.jq.binding import Patterns
    from kestrel_cli.jq.machine import Continuation, Machine, Step, Where


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
