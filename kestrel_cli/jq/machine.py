"""Runs a jq program: a trampoline with a stack of choices, so that no program can exhaust Python's.

A *step* is a tuple `(function, ...)` called as `function(machine, ...)`; it gives the next step, or
None when this way is finished and the machine has to go back to the latest choice. A *continuation*
is what happens with a result: its `resume(machine, path, value)` gives the next step. A *choice*
has `retry(machine)`, called when the machine comes back to it.

Tail calls cost nothing, because the callee gets the caller's continuation. Endless programs end at
the fuel limit: every step costs one unit, large results cost more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from kestrel_cli.jq import limits
from kestrel_cli.jq.errors import JqError, ProgramError

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

FUEL: Final = 5_000_000
_MAX_CHOICES: Final = 500_000

# A function and what it is called with; the types differ from step to step.
Step = tuple[Any, ...]
Path = tuple[object, ...]


class Matcher(Protocol):
    """A compiled regular expression."""

    def finditer(self, text: str, /) -> Iterator[re.Match[str]]:
        """All matches, from left to right."""
        ...


class NotAPath:
    """Stands where a path would: the value was computed, so nothing in the input can be named."""


NOT_A_PATH: Final = NotAPath()
# None outside path expressions: nobody asks where the value comes from.
Where = Path | NotAPath | None


class Continuation(Protocol):
    """What to do with a result."""

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        """The next step."""


class Choice:
    """A way not taken yet, or a mark."""

    __slots__ = ()

    def retry(self, machine: Machine) -> Step | None:
        """The next step when the machine comes back; None to go further back."""
        return None


class TryMark(Choice):
    """Errors raised above this mark are caught by it, unless the body has handed out a result."""

    __slots__ = ("env", "handler", "k", "path")

    def __init__(self, handler: Node | None, env: Env | None, path: Where, k: Continuation) -> None:
        self.handler, self.env, self.path, self.k = handler, env, path, k

    def caught(self, machine: Machine, error: JqError) -> Step | None:
        """The next step after an error."""
        if self.handler is None:
            return None
        path = None if self.path is None else NOT_A_PATH
        return (self.handler.start, self.env, path, error.value, self.k)


class TryLeft(Choice):
    """Above it the result of a `try` body is used: errors there belong to somebody else."""

    __slots__ = ("mark",)

    def __init__(self, mark: TryMark) -> None:
        self.mark = mark


class TryExit:
    """The continuation of a `try` body."""

    __slots__ = ("mark",)

    def __init__(self, mark: TryMark) -> None:
        self.mark = mark

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        machine.push(TryLeft(self.mark))
        return (self.mark.k.resume, path, value)


class LabelMark(Choice):
    """Where `break $label` goes back to."""

    __slots__ = ()


class Env:
    """One binding and those around it. `key` is `$name`, or `(name, arity)` for a function."""

    __slots__ = ("key", "outer", "scope", "value")

    def __init__(
        self, key: object, value: object, outer: Env | None, scope: Env | None = None
    ) -> None:
        self.key, self.value, self.outer, self.scope = key, value, outer, scope


class Site(NamedTuple):
    """Where a call happens: the bindings, the input, and what to do with results."""

    env: Env | None
    path: Where
    value: object
    k: Continuation


class Node:
    """A piece of program."""

    __slots__ = ()
    simple = False

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        """The first step of evaluating this for `value`."""
        return (k.resume, computed(path), self.compute(machine, env, value))

    def compute(self, machine: Machine, env: Env | None, value: object) -> object:
        """The one result of a simple node."""
        raise NotImplementedError


def computed(path: Where) -> Where:
    """The path of a value that was computed rather than found."""
    return None if path is None else NOT_A_PATH


class Machine:
    """One run of one program."""

    def __init__(
        self,
        clock: Callable[[], float],
        pattern: Callable[[str], Matcher],
        fuel: int = FUEL,
    ) -> None:
        self.choices: list[Choice] = []
        self.fuel = fuel
        self.clock = clock
        self.pattern = pattern

    def push(self, choice: Choice) -> None:
        """Remember a way to come back to."""
        if len(self.choices) >= _MAX_CHOICES:
            raise ProgramError("the jq program keeps too many ways open")
        self.choices.append(choice)

    def charge(self, units: int) -> None:
        """Pay for work that one step does at once."""
        self.fuel -= units
        if self.fuel < 0:
            raise ProgramError("the jq program needs too many steps")

    def made(self, value: object) -> object:
        """`value`, new made: pays for its size and refuses one beyond the limits."""
        if isinstance(value, str):
            limits.check_length(len(value), "a text in the jq program")
            self.charge(len(value) >> 5)
        elif isinstance(value, (list, dict)):
            limits.check_items(len(value), "a list in the jq program")
            self.charge(len(value) >> 8)
        elif isinstance(value, int):
            limits.check_integer(value)
        return value

    def results(self, program: Node, value: object) -> list[object]:
        """All results of the program for one input."""
        collected: list[object] = []
        self._run((program.start, None, None, value, Collect(collected)))
        return collected

    def _run(self, step: Step | None) -> None:
        while True:
            self.fuel -= 1
            if self.fuel < 0:
                raise ProgramError("the jq program needs too many steps")
            try:
                if step is None:
                    if not self.choices:
                        return
                    step = self.choices.pop().retry(self)
                else:
                    step = step[0](self, *step[1:])
            except JqError as error:
                step = self._unwound(error)

    def _unwound(self, error: JqError) -> Step | None:
        """Go back to the `try` that catches the error."""
        left: set[int] = set()
        while self.choices:
            choice = self.choices.pop()
            if isinstance(choice, TryLeft):
                left.add(id(choice.mark))
            elif isinstance(choice, TryMark) and id(choice) not in left:
                return choice.caught(self, error)
        raise error

    def cut(self, mark: Choice) -> None:
        """Forget every choice from `mark` on."""
        while self.choices:
            if self.choices.pop() is mark:
                return


class Into:
    """The continuation that hands a result to a node."""

    __slots__ = ("env", "k", "node")

    def __init__(self, node: Node, env: Env | None, k: Continuation) -> None:
        self.node, self.env, self.k = node, env, k

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        return (self.node.start, self.env, path, value, self.k)


class Collect:
    """The continuation that gathers results in a list and asks for more."""

    __slots__ = ("values",)

    def __init__(self, values: list[object]) -> None:
        self.values = values

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        if len(self.values) >= limits.MAX_ITEMS:
            raise limits.too_many_items("a list in the jq program")
        self.values.append(value)
        return None


class Finish(Choice):
    """The choice below a sub-run: reached when it has no more results."""

    __slots__ = ("then",)

    def __init__(self, then: Callable[[], Step | None]) -> None:
        self.then = then

    def retry(self, machine: Machine) -> Step | None:
        return self.then()


class Then:
    """A continuation made of a function."""

    __slots__ = ("resume",)

    def __init__(self, resume: Callable[[Machine, Where, object], Step | None]) -> None:
        self.resume = resume
