"""Calling functions by name: a program's own, its closures, native ones, and the prelude's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kestrel_cli.jq.binding import Closure, Define, enter
from kestrel_cli.jq.errors import JqError, ProgramError
from kestrel_cli.jq.machine import Choice, Env, Node, Site, Then, computed
from kestrel_cli.jq.natives import GENERATORS, REFUSED, VALUE_FUNCTIONS
from kestrel_cli.jq.nodes import Values, extended, gather
from kestrel_cli.jq.paths import get_path
from kestrel_cli.jq.updates import checked_path
from kestrel_cli.jq.values import described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kestrel_cli.jq.machine import Continuation, Machine, Step, Where


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
        bound = None if binding is None else binding.value
        if isinstance(bound, Closure):
            return (bound.node.start, bound.env, path, value, k)
        site = Site(env, path, value, k)
        if isinstance(bound, Define):
            return enter(machine, bound, binding, self._closures(env), site)
        return self._built_in(machine, site)

    def _closures(self, env: Env | None) -> list[Closure]:
        return [_closure(argument, env) for argument in self.arguments]

    def _built_in(self, machine: Machine, site: Site) -> Step | None:
        if special := _SPECIAL.get(self.key):
            step: Step | None = special(machine, self.arguments, site)
            return step
        if function := VALUE_FUNCTIONS.get(self.key):
            return self._value_function(machine, function, site)
        if generator := GENERATORS.get(self.key):
            return self._generator(machine, generator, site)
        definition = self.library(*self.key)
        if definition is not None:
            return enter(machine, definition, None, self._closures(site.env), site)
        name = f"{self.key[0]}/{self.key[1]}"
        if self.key[0] in REFUSED:
            raise ProgramError(f"jq: {name} is not available here")
        raise ProgramError(f"jq: {name} is not defined")

    def _value_function(
        self, machine: Machine, function: Callable[..., object], site: Site
    ) -> Step | None:
        def called(machine: Machine, *values: object) -> Step | None:
            # The last argument varies slowest, as with the operators.
            result = machine.made(function(site.value, *reversed(values)))
            return (site.k.resume, computed(site.path), result)

        if not self.arguments:
            return called(machine)
        return gather(machine, self.arguments[::-1], site.env, site.value, called)

    def _generator(
        self, machine: Machine, generator: Callable[..., Iterable[object]], site: Site
    ) -> Step | None:
        def called(machine: Machine, *values: object) -> Step | None:
            results = iter(generator(machine, site.value, *values))
            return Values(results, site.path, site.k).retry(machine)

        if not self.arguments:
            return called(machine)
        return gather(machine, self.arguments, site.env, site.value, called)


def _binding(key: tuple[str, int], env: Env | None) -> Env | None:
    while env is not None:
        if env.key == key:
            return env
        env = env.outer
    return None


def _closure(argument: Node, env: Env | None) -> Closure:
    """The argument with its bindings; a bare parameter is handed on without a new layer."""
    if isinstance(argument, Call) and not argument.arguments:
        binding = _binding(argument.key, env)
        if binding is not None and isinstance(binding.value, Closure):
            return binding.value
    return Closure(argument, env)


def _empty(machine: Machine, arguments: Sequence[Node], site: Site) -> Step | None:
    return None


def _path(machine: Machine, arguments: Sequence[Node], site: Site) -> Step | None:
    def found(machine: Machine, inner: Where, result: object) -> Step | None:
        return (site.k.resume, computed(site.path), list(checked_path(inner, result)))

    return (arguments[0].start, site.env, (), site.value, Then(found))


def _getpath(machine: Machine, arguments: Sequence[Node], site: Site) -> Step | None:
    def found(machine: Machine, keys: object) -> Step | None:
        if not isinstance(keys, list):
            raise JqError("Path must be specified as an array")
        path = site.path
        for key in keys:
            path = extended(path, key, site.value)
        try:
            result = get_path(site.value, keys)
        except JqError:
            # A path may lead where nothing can be yet: assigning decides about that.
            if site.path is None:
                raise
            result = None
        return (site.k.resume, path, result)

    return gather(machine, (arguments[0],), site.env, site.value, found)


def _error(machine: Machine, arguments: Sequence[Node], site: Site) -> Step | None:
    if not arguments:
        raise JqError(site.value)

    def raised(machine: Machine, problem: object) -> Step | None:
        raise JqError(problem)

    return gather(machine, (arguments[0],), site.env, site.value, raised)


def _now(machine: Machine, arguments: Sequence[Node], site: Site) -> Step | None:
    return (site.k.resume, computed(site.path), machine.clock())


def _with_keys(name: str) -> Callable[[Machine, Sequence[Node], Site], Step | None]:
    """`sort_by(f)` and its relatives: the native function gets what `f` gives for every element."""
    function = VALUE_FUNCTIONS[name, 1]

    def call(machine: Machine, arguments: Sequence[Node], site: Site) -> Step | None:
        if not isinstance(site.value, list):
            raise JqError(f"Cannot index {described(site.value)} with number")
        return _Keys(list(site.value), arguments[0], function, site).next(machine)

    return call


class _Keys:
    """Evaluates the key of one element after another, without nesting."""

    def __init__(
        self, items: list[object], key: Node, function: Callable[..., object], site: Site
    ) -> None:
        self.items, self.key, self.function, self.site = items, key, function, site
        self.keys: list[object] = []
        self.current: list[object] = []

    def next(self, machine: Machine) -> Step | None:
        """The step that evaluates the next key, or hands out the result."""
        if len(self.keys) == len(self.items):
            result = machine.made(self.function(self.items, self.keys))
            return (self.site.k.resume, computed(self.site.path), result)
        self.current = []
        machine.push(_KeyDone(self))
        return (self.key.start, self.site.env, None, self.items[len(self.keys)], self)

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        self.current.append(value)
        return None


class _KeyDone(Choice):
    __slots__ = ("keys",)

    def __init__(self, keys: _Keys) -> None:
        self.keys = keys

    def retry(self, machine: Machine) -> Step | None:
        self.keys.keys.append(self.keys.current)
        return self.keys.next(machine)


_SPECIAL: Final[dict[tuple[str, int], Callable[[Machine, Sequence[Node], Site], Any]]] = {
    ("empty", 0): _empty,
    ("error", 0): _error,
    ("error", 1): _error,
    ("getpath", 1): _getpath,
    ("now", 0): _now,
    ("path", 1): _path,
    **{
        (name, 1): _with_keys(name)
        for name in ("group_by", "max_by", "min_by", "sort_by", "unique_by")
    },
}
