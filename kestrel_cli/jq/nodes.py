"""The nodes of a jq program that find values: `.`, `.key`, `[1:2]`, `[]`, `..`, and literals.

`start` begins the evaluation of a node for one input and gives the machine's next step. Nodes that
always have exactly one result and cannot be paths are `simple`; `compute` gives it directly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.machine import Choice, Env, Node, Step, computed
from kestrel_cli.jq.paths import index, sliced
from kestrel_cli.jq.values import described, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kestrel_cli.jq.machine import Continuation, Machine, Where


def extended(path: Where, key: object, value: object) -> Where:
    """The path one level further; `value` is what is there now, for the error message."""
    if path is None:
        return None
    if isinstance(path, tuple):
        return (*path, key)
    raise JqError(f"Invalid path expression with result {shown(value)}")


class Gather:
    """Collects one result of each node, for every combination, then goes on."""

    __slots__ = ("at", "env", "got", "nodes", "then", "value")

    def __init__(  # a loop written as an object
        self,
        nodes: Sequence[Node],
        env: Env | None,
        value: object,
        then: Callable[..., Step | None],
        at: int = 1,
        got: tuple[object, ...] = (),
    ) -> None:
        self.nodes, self.env, self.value, self.then = nodes, env, value, then
        self.at, self.got = at, got

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        got = (*self.got, value)
        if self.at == len(self.nodes):
            return (self.then, *got)
        following = Gather(self.nodes, self.env, self.value, self.then, self.at + 1, got)
        return (self.nodes[self.at].start, self.env, None, self.value, following)


def gather(
    machine: Machine,
    nodes: Sequence[Node],
    env: Env | None,
    value: object,
    then: Callable[..., Step | None],
) -> Step | None:
    """Evaluate `nodes`, the first one slowest, and call `then(machine, *results)` each time."""
    if all(node.simple for node in nodes):
        return (then, *[node.compute(machine, env, value) for node in nodes])
    return (nodes[0].start, env, None, value, Gather(nodes, env, value, then))


class Identity(Node):
    """`.`"""

    __slots__ = ()
    simple = True

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        return (k.resume, path, value)

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        return value


class Literal(Node):
    """A number, text or constant."""

    __slots__ = ("value",)
    simple = True

    def __init__(self, value: object) -> None:
        self.value = value

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        # `path(null)` on null names the input itself: `// null` and the like rely on it.
        same = self.value is None and value is None
        return (k.resume, path if same else computed(path), self.value)

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        return self.value


class Variable(Node):
    """`$name`"""

    __slots__ = ("name",)
    simple = True

    def __init__(self, name: str) -> None:
        self.name = name

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        at = env
        while at is not None:
            if at.key == self.name:
                return at.value
            at = at.outer
        raise JqError(f"{self.name} is not defined")


class Index(Node):
    """`target[key]`, `target.key`"""

    __slots__ = ("key", "simple", "target")

    def __init__(self, target: Node, key: Node) -> None:
        self.target, self.key = target, key
        self.simple = target.simple and key.simple

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        if self.simple and path is None:
            return (k.resume, None, self.compute(machine, env, value))
        target = self.target

        def at_key(machine: Machine, key: object) -> Step | None:
            return (target.start, env, path, value, _Indexed(key, k))

        return gather(machine, (self.key,), env, value, at_key)

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        key = self.key.compute(machine, env, value)
        return index(self.target.compute(machine, env, value), key)


class _Indexed:
    __slots__ = ("k", "key")

    def __init__(self, key: object, k: Continuation) -> None:
        self.key, self.k = key, k

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        return (self.k.resume, extended(path, self.key, value), index(value, self.key))


class Slice(Node):
    """`target[from:to]`; a missing end is a null literal."""

    __slots__ = ("low", "target", "top")

    def __init__(self, target: Node, low: Node, top: Node) -> None:
        self.target, self.low, self.top = target, low, top

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        target = self.target

        def with_ends(machine: Machine, top: object, low: object) -> Step | None:
            return (target.start, env, path, value, _Sliced(low, top, k))

        return gather(machine, (self.top, self.low), env, value, with_ends)


class _Sliced:
    __slots__ = ("k", "low", "top")

    def __init__(self, low: object, top: object, k: Continuation) -> None:
        self.low, self.top, self.k = low, top, k

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        part = machine.made(sliced(value, self.low, self.top))
        key = {"start": self.low, "end": self.top}
        return (self.k.resume, extended(path, key, value), part)


class Iterate(Node):
    """`target[]`"""

    __slots__ = ("target",)

    def __init__(self, target: Node) -> None:
        self.target = target

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        return (self.target.start, env, path, value, _Iterated(k))


class _Iterated:
    __slots__ = ("k",)

    def __init__(self, k: Continuation) -> None:
        self.k = k

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        if isinstance(value, list):
            pairs: Iterator[tuple[object, object]] = enumerate(value)
        elif isinstance(value, dict):
            pairs = iter(list(value.items()))
        else:
            raise JqError(f"Cannot iterate over {described(value)}")
        extended(path, 0, value)
        return EachOf(pairs, path, self.k).retry(machine)


class EachOf(Choice):
    """One pair of key and value after the other."""

    __slots__ = ("k", "pairs", "path")

    def __init__(  # a loop written as an object
        self, pairs: Iterator[tuple[object, object]], path: Where, k: Continuation
    ) -> None:
        self.pairs, self.path, self.k = pairs, path, k

    def retry(self, machine: Machine) -> Step | None:
        pair = next(self.pairs, None)
        if pair is None:
            return None
        machine.push(self)
        return (self.k.resume, extended(self.path, pair[0], None), pair[1])


class Values(Choice):
    """One computed value after the other."""

    __slots__ = ("k", "path", "values")

    def __init__(self, values: Iterator[object], path: Where, k: Continuation) -> None:
        self.values, self.path, self.k = values, path, k

    def retry(self, machine: Machine) -> Step | None:
        for value in self.values:
            machine.push(self)
            return (self.k.resume, computed(self.path), machine.made(value))
        return None


class Descend(Node):
    """`..`: the value and everything inside it, in depth first order."""

    __slots__ = ()

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        return _Descent([(path, value)], k).retry(machine)


class _Descent(Choice):
    __slots__ = ("k", "waiting")

    def __init__(self, waiting: list[tuple[Where, object]], k: Continuation) -> None:
        self.waiting, self.k = waiting, k

    def retry(self, machine: Machine) -> Step | None:
        if not self.waiting:
            return None
        path, value = self.waiting.pop()
        pairs: list[tuple[object, object]] = []
        if isinstance(value, list):
            pairs = list(enumerate(value))
        elif isinstance(value, dict):
            pairs = list(value.items())
        machine.charge(len(pairs))
        for key, item in reversed(pairs):
            self.waiting.append((extended(path, key, value), item))
        machine.push(self)
        return (self.k.resume, path, value)
