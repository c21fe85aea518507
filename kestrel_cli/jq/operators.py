"""The nodes of a jq program that compute values: pipes, operators, constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.jq.arithmetic import OPERATORS
from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.machine import Collect, Env, Finish, Into, Node, Step, computed
from kestrel_cli.jq.nodes import gather
from kestrel_cli.jq.values import described, dump_text, truthy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kestrel_cli.jq.machine import Continuation, Machine, Where


class Pipe(Node):
    """`left | right`"""

    __slots__ = ("left", "right", "simple")

    def __init__(self, left: Node, right: Node) -> None:
        self.left, self.right = left, right
        self.simple = left.simple and right.simple

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        return (self.left.start, env, path, value, Into(self.right, env, k))

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        return self.right.compute(machine, env, self.left.compute(machine, env, value))


class Comma(Node):
    """`left, right`"""

    __slots__ = ("left", "right")

    def __init__(self, left: Node, right: Node) -> None:
        self.left, self.right = left, right

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        machine.push(Finish(lambda: (self.right.start, env, path, value, k)))
        return (self.left.start, env, path, value, k)


class Operator(Node):
    """`left + right` and the other operators that compute one value from two."""

    __slots__ = ("function", "left", "right", "simple")

    def __init__(self, sign: str, left: Node, right: Node) -> None:
        self.function: Callable[[object, object], object] = OPERATORS[sign]
        self.left, self.right = left, right
        self.simple = left.simple and right.simple

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        function = self.function

        def with_both(machine: Machine, right: object, left: object) -> Step | None:
            return (k.resume, computed(path), machine.made(function(left, right)))

        return gather(machine, (self.right, self.left), env, value, with_both)

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        right = self.right.compute(machine, env, value)
        return machine.made(self.function(self.left.compute(machine, env, value), right))


class Negate(Node):
    """`-operand`"""

    __slots__ = ("operand", "simple")

    def __init__(self, operand: Node) -> None:
        self.operand = operand
        self.simple = operand.simple

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        def negated(machine: Machine, operand: object) -> Step | None:
            return (k.resume, computed(path), _negated(operand))

        return gather(machine, (self.operand,), env, value, negated)

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        return _negated(self.operand.compute(machine, env, value))


def _negated(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise JqError(f"{described(value)} cannot be negated")
    return -value


class Logic(Node):
    """`left and right` (`stops_at` false), `left or right` (`stops_at` true)."""

    __slots__ = ("left", "right", "simple", "stops_at")

    def __init__(self, left: Node, right: Node, *, stops_at: bool) -> None:
        self.left, self.right, self.stops_at = left, right, stops_at
        self.simple = left.simple and right.simple

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        def with_right(machine: Machine, right: object) -> Step | None:
            return (k.resume, computed(path), truthy(right))

        def with_left(machine: Machine, left: object) -> Step | None:
            if truthy(left) is self.stops_at:
                return (k.resume, computed(path), self.stops_at)
            return gather(machine, (self.right,), env, value, with_right)

        return gather(machine, (self.left,), env, value, with_left)

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        if truthy(self.left.compute(machine, env, value)) is self.stops_at:
            return self.stops_at
        return truthy(self.right.compute(machine, env, value))


class ListOf(Node):
    """`[body]`"""

    __slots__ = ("body",)

    def __init__(self, body: Node | None) -> None:
        self.body = body

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        collected: list[object] = []
        if self.body is None:
            return (k.resume, computed(path), collected)
        machine.push(Finish(lambda: (k.resume, computed(path), machine.made(collected))))
        return (self.body.start, env, None, value, Collect(collected))


class MapOf(Node):
    """`{key: value, ...}`"""

    __slots__ = ("entries",)

    def __init__(self, entries: Sequence[tuple[Node, Node]]) -> None:
        self.entries = entries

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        if not self.entries:
            return (k.resume, computed(path), {})
        nodes = [node for entry in self.entries for node in entry]

        def built(machine: Machine, *parts: object) -> Step | None:
            made: dict[str, object] = {}
            for at in range(0, len(parts), 2):
                key = parts[at]
                if not isinstance(key, str):
                    raise JqError(f"Object keys must be strings, not {described(key)}")
                made[key] = parts[at + 1]
            return (k.resume, computed(path), machine.made(made))

        return gather(machine, nodes, env, value, built)


class Text(Node):
    """A string with interpolated programs, each put through a format."""

    __slots__ = ("format", "nodes", "pieces")

    def __init__(
        self, pieces: Sequence[str], nodes: Sequence[Node], format_: Callable[[object], str]
    ) -> None:
        self.pieces, self.nodes, self.format = pieces, nodes, format_

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        # The last interpolation varies slowest.
        nodes = self.nodes[::-1]

        def joined(machine: Machine, *values: object) -> Step | None:
            text = self.pieces[0]
            for item, piece in zip(reversed(values), self.pieces[1:], strict=True):
                text += self.format(item) + piece
            return (k.resume, computed(path), machine.made(text))

        return gather(machine, nodes, env, value, joined)


class Not(Node):
    """`not`"""

    __slots__ = ()
    simple = True

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        return not truthy(value)


class Formatted(Node):
    """`@format`"""

    __slots__ = ("format",)
    simple = True

    def __init__(self, format_: Callable[[object], str]) -> None:
        self.format = format_

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        return machine.made(self.format(value))


PLAIN: Final = dump_text
