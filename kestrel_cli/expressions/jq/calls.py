"""Calling functions by name: a program's own, its closures, native ones, and the prelude's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.jq.control import Closure, Define, Then, enter
from kestrel_cli.expressions.jq.errors import JqError
from kestrel_cli.expressions.jq.machine import Env
from kestrel_cli.expressions.jq.natives import GENERATORS, REFUSED, VALUE_FUNCTIONS
from kestrel_cli.expressions.jq.nodes import Node, Values, computed, extended, gather
from kestrel_cli.expressions.jq.paths import get_path
from kestrel_cli.expressions.jq.updates import checked_path
from kestrel_cli.expressions.jq.values import described

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kestrel_cli.expressions.jq.machine import Continuation, Machine, Step, Where


class Call(Node):
    """`name(arguments)`; `library` gives the prelude's definition of a name, if it has one."""

    __slots__ = ("arguments", "key", "library")

    def __init__(
        self,
        name: str,
        arguments: Sequence[Node],
        library: Callable[[str, int], Define | None],
    ) -> None:
        self.key = (name, len(arguments))
        self.arguments, self.library = tuple(arguments), library

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        binding = _binding(self.key, env)
        if binding is not None:
            if isinstance(binding.value, Closure):
                closure = binding.value
                return (closure.node.start, closure.env, path, value, k)
            if isinstance(binding.value, Define):
                return enter(
                    machine, binding.value, binding, self._closures(env), path, value, k
                )
        return self._built_in(machine, env, path, value, k)

    def _closures(self, env: Env | None) -> list[Closure]:
        return [_closure(argument, env) for argument in self.arguments]

    def _built_in(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        special = _SPECIAL.get(self.key)
        if special is not None:
            return special(machine, self.arguments, env, path, value, k)
        function = VALUE_FUNCTIONS.get(self.key)
        if function is not None:
            return self._value_function(machine, function, env, path, value, k)
        generator = GENERATORS.get(self.key)
        if generator is not None:
            return self._generator(machine, generator, env, path, value, k)
        definition = self.library(*self.key)
        if definition is not None:
            return enter(machine, definition, None, self._closures(env), path, value, k)
        name = f"{self.key[0]}/{self.key[1]}"
        if self.key[0] in REFUSED:
            raise RenderError(f"jq: {name} is not available in expressions")
        raise RenderError(f"jq: {name} is not defined")

    def _value_function(
        self,
        machine: Machine,
        function: Callable[..., object],
        env: Env | None,
        path: Where,
        value: object,
        k: Continuation,
    ) -> Step | None:
        def called(machine: Machine, *values: object) -> Step | None:
            result = machine.made(function(value, *reversed(values)))
            return (k.resume, computed(path), result)

        if not self.arguments:
            return called(machine)
        return gather(machine, self.arguments[::-1], env, value, called)

    def _generator(
        self,
        machine: Machine,
        generator: Callable[..., object],
        env: Env | None,
        path: Where,
        value: object,
        k: Continuation,
    ) -> Step | None:
        def called(machine: Machine, *values: object) -> Step | None:
            results = generator(machine, value, *values)
            return Values(iter(results), path, k).retry(machine)  # type: ignore[call-overload]

        if not self.arguments:
            return called(machine)
        return gather(machine, self.arguments, env, value, called)


def _binding(key: tuple[str, int], env: Env | None) -> Env | None:
    while env is not None:
        if env.key == key:
            return env
        env = env.outer
    return None


def _closure(argument: Node, env: Env | None) -> Closure:
    """The argument with its bindings; a bare parameter is handed on as it is, without a new layer."""
    if isinstance(argument, Call) and not argument.arguments:
        binding = _binding(argument.key, env)
        if binding is not None and isinstance(binding.value, Closure):
            return binding.value
    return Closure(argument, env)


def _empty(
    machine: Machine, arguments: Sequence[Node], env: Env | None, path: Where, value: object,
    k: Continuation,
) -> Step | None:  # fmt: skip
    return None


def _path(
    machine: Machine, arguments: Sequence[Node], env: Env | None, path: Where, value: object,
    k: Continuation,
) -> Step | None:  # fmt: skip
    def found(machine: Machine, inner: Where, result: object) -> Step | None:
        return (k.resume, computed(path), list(checked_path(inner, result)))

    return (arguments[0].start, env, (), value, Then(found))


def _getpath(
    machine: Machine, arguments: Sequence[Node], env: Env | None, path: Where, value: object,
    k: Continuation,
) -> Step | None:  # fmt: skip
    def found(machine: Machine, keys: object) -> Step | None:
        if not isinstance(keys, list):
            raise JqError("Path must be specified as an array")
        longer = path
        for key in keys:
            longer = extended(longer, key, value)
        try:
            result = get_path(value, keys)
        except JqError:
            if path is None:
                raise
            result = None
        return (k.resume, longer, result)

    return gather(machine, (arguments[0],), env, value, found)


def _error(
    machine: Machine, arguments: Sequence[Node], env: Env | None, path: Where, value: object,
    k: Continuation,
) -> Step | None:  # fmt: skip
    if not arguments:
        raise JqError(value)

    def raised(machine: Machine, problem: object) -> Step | None:
        raise JqError(problem)

    return gather(machine, (arguments[0],), env, value, raised)


def _sorted_by(name: str) -> Callable[..., "Step | None"]:
    """`sort_by(f)` and its relatives: every element with the list of what `f` gives for it."""
    function = VALUE_FUNCTIONS[name, 1]

    def call(
        machine: Machine, arguments: Sequence[Node], env: Env | None, path: Where, value: object,
        k: Continuation,
    ) -> Step | None:  # fmt: skip
        if not isinstance(value, list):
            raise JqError(f"Cannot index {described(value)} with number")
        keyed = _Keys(list(value), arguments[0], env, function, path, k)
        return keyed.next(machine)

    return call


class _Keys:
    """Evaluates the key of one element after another, without nesting."""

    def __init__(
        self,
        items: list[object],
        key: Node,
        env: Env | None,
        function: Callable[..., object],
        path: Where,
        k: Continuation,
    ) -> None:
        self.items, self.key, self.env, self.function = items, key, env, function
        self.path, self.k = path, k
        self.keys: list[object] = []
        self.current: list[object] = []

    def next(self, machine: Machine) -> Step | None:
        if len(self.keys) == len(self.items):
            result = machine.made(self.function(self.items, self.keys))
            return (self.k.resume, computed(self.path), result)
        self.current = []
        machine.push(_KeyDone(self))
        return (self.key.start, self.env, None, self.items[len(self.keys)], self)

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        self.current.append(value)
        return None


class _KeyDone:
    __slots__ = ("keys",)

    def __init__(self, keys: _Keys) -> None:
        self.keys = keys

    def retry(self, machine: Machine) -> Step | None:
        self.keys.keys.append(self.keys.current)
        return self.keys.next(machine)


def _now(
    machine: Machine, arguments: Sequence[Node], env: Env | None, path: Where, value: object,
    k: Continuation,
) -> Step | None:  # fmt: skip
    return (k.resume, computed(path), machine.clock())


_SPECIAL: dict[tuple[str, int], Callable[..., "Step | None"]] = {
    ("empty", 0): _empty,
    ("error", 0): _error,
    ("error", 1): _error,
    ("getpath", 1): _getpath,
    ("group_by", 1): _sorted_by("group_by"),
    ("max_by", 1): _sorted_by("max_by"),
    ("min_by", 1): _sorted_by("min_by"),
    ("now", 0): _now,
    ("path", 1): _path,
    ("sort_by", 1): _sorted_by("sort_by"),
    ("unique_by", 1): _sorted_by("unique_by"),
}
