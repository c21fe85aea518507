"""What is done when a run stops: what was made up is made up better, if that may help."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from kestrel_cli.app.reading.reader import Reader
from kestrel_cli.app.reading.shape import Kind, Read, Shape
from kestrel_cli.app.rehearsal.asked import Asked, variables_of
from kestrel_cli.app.rehearsal.flows import World
from kestrel_cli.app.rehearsal.given import stays_out
from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.model.task import Task

_ROOTS: Final = frozenset(("outputs", "trigger", "schedule", "envs", "globals", "namespace"))
# What a value may be instead, when what reads it could do nothing with what it was.
_OTHERS: Final = (
    Kind.NUMBER,
    Kind.LIST,
    Kind.JSON_MAP,
    Kind.JSON_LIST,
    Kind.MAP,
    Kind.MOMENT,
    Kind.TEXT,
    Kind.DIGITS,
    Kind.FILE,
    Kind.DURATION,
    Kind.BOOLEAN,
    Kind.LINES,
)
_MOST: Final = 40  # tries for one problem


class Problem(NamedTuple):
    """Something that failed: of a flow, in a task (None: the flow's own), and why."""

    flow: tuple[str, str]
    task: Task | None
    error: Exception
    late: bool = False  # in what runs after a body: it may only follow from what failed there

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from others."""
        template = getattr(self.error, "template", None)
        return self.flow, None if self.task is None else self.task.id, template or str(self.error)


class Mender:
    """Changes the shapes of a world so that a problem may be gone when everything is run again."""

    def __init__(self, world: World, compat: int) -> None:
        self._world = world
        self._compat = compat
        self._tried: dict[tuple[object, ...], int] = {}
        self._changed: dict[tuple[object, ...], tuple[Shape, Kind | None]] = {}

    def mend(self, problem: Problem) -> bool:
        """Whether something was changed."""
        asked = self._world.flows.get(problem.flow)
        if asked is None or not isinstance(problem.error, RenderError):
            return False
        asked, problem = self._in_called(asked, problem)
        inner = _missing_in(problem.error)
        if inner is not None:
            inner.template = inner.template or getattr(problem.error, "template", None)
            problem = problem._replace(error=inner)
        if isinstance(problem.error, MissingValue) and self._add(asked, problem, problem.error):
            return True
        return self._vary(asked, problem)

    def _in_called(self, asked: Asked, problem: Problem) -> tuple[Asked, Problem]:
        """What a Subflow takes over is rendered in the flow that it calls."""
        task = problem.task
        template = getattr(problem.error, "template", None)
        taken = getattr(task, "outputs", None)
        if task is None or not task.executable or not isinstance(taken, dict):
            return asked, problem
        if template in taken.values() and task.id in asked.calls:
            return asked.calls[task.id], problem._replace(task=None)
        return asked, problem

    # -- something is missing

    def _add(self, asked: Asked, problem: Problem, error: MissingValue) -> bool:
        key = ("missing", *problem.key, *error.path, error.name)
        tries = self._tried[key] = self._tried.get(key, 0) + 1
        if tries > 2:
            return False
        if not error.path:
            if error.name not in _ROOTS:
                return False
            getattr(asked, "trigger" if error.name == "schedule" else error.name).part("date")
            return True
        holder = self._holder(asked, problem, error)
        if holder is None:
            return False
        root = holder.root
        if root.levels:
            root = root.innermost()
        root.kinds -= {Kind.TEXT, Kind.NUMBER, Kind.LIST, Kind.FILE}
        root.forced = None
        if error.name.lstrip("-").isdigit() or error.name.startswith("["):
            root.element()
        else:
            root.parsed = None if tries > 1 else root.parsed
            root.part(error.name).union(root.item)
        return True

    def _holder(self, asked: Asked, problem: Problem, error: MissingValue) -> Shape | None:
        """The shape of what the name was asked of; None when nobody made it up."""
        first = error.path[0]
        spelled = first + "".join(
            one if one.startswith("[") else f".{one}" for one in error.path[1:]
        )
        if first == "outputs" and not self._is_made_up(asked, error):
            return None
        if first in ("inputs", "vars") and len(error.path) == 1:
            return None  # the flow says all that there are
        where = Read(asked.flow.where.file, _id_of(problem), spelled)
        reader = Reader(variables_of(asked, problem.task), where, self._compat)
        return reader.read("{{ " + spelled + " }}")

    def _is_made_up(self, asked: Asked, error: MissingValue) -> bool:
        if len(error.path) < 2:
            task = asked.flow.by_id.get(error.name)
        else:
            task = asked.flow.by_id.get(re.sub(r"^\[['\"]|['\"]\]$", "", error.path[1]))
        return task is not None and (
            stays_out(task)
            or task.id in asked.stood_in
            or (task.executable and self._world.is_missing(task))
        )

    # -- something is of the wrong kind

    def _vary(self, asked: Asked, problem: Problem) -> bool:
        """Let one of the values that the text reads be of another kind."""
        template = getattr(problem.error, "template", None)
        if template is None:
            return False
        leaves = self._read_in(asked, problem, template)
        key = ("kind", *problem.key)
        number = self._tried.get(key, 0)
        self._tried[key] = number + 1
        if key in self._changed:  # it did not help: back to what it was
            shape, before = self._changed.pop(key)
            shape.forced = before
            if number >= min(len(leaves) * len(_OTHERS), _MOST):
                return True  # once more as it was, to tell what was wrong with that
        if not leaves or number >= min(len(leaves) * len(_OTHERS), _MOST):
            return False
        shape = leaves[number // len(_OTHERS)].root
        self._changed[key] = (shape, shape.forced)
        shape.forced = _OTHERS[number % len(_OTHERS)]
        return True

    def _read_in(self, asked: Asked, problem: Problem, template: str) -> list[Shape]:
        """What is made up of all that a text reads, each once."""
        found: dict[int, Shape] = {}
        where = Read(asked.flow.where.file, _id_of(problem), template)
        seen: list[Shape] = []
        Reader(variables_of(asked, problem.task), where, self._compat, seen).read(template)
        for shape in seen:
            root = shape.root
            if not root.levels:
                found.setdefault(id(root), root)
        leaves = [one for one in found.values() if not (one.parts or _holds(one))]
        return leaves or list(found.values())

    def is_of_the_flow(self, problem: Problem) -> bool:
        """Whether what is missing is nothing that could be made up."""
        template = getattr(problem.error, "template", None)
        if template is not None and _names_a_word_of(problem.error, template):
            return True
        asked, error = self._world.flows.get(problem.flow), _missing_in(problem.error)
        if asked is None or error is None:
            return False
        return not error.path or self._holder(asked, problem, error) is None

    def reads_made_up(self, problem: Problem, texts: Iterable[str]) -> bool:
        """Whether one of the texts reads something that is made up."""
        asked = self._world.flows.get(problem.flow)
        return asked is not None and any(self._read_in(asked, problem, text) for text in texts)


def _names_a_word_of(error: Exception, template: str) -> bool:
    """Whether a unit or a time zone is refused that is written in the text itself."""
    found = re.search(r"(?:No enum constant \S*\.|Unknown time-zone ID: )(\S+)$", str(error))
    return (
        found is not None and re.search(rf"['\"]{re.escape(found[1])}['\"]", template) is not None
    )


def _holds(shape: Shape) -> bool:
    """Whether it is known what its elements hold."""
    item = None if shape.item is None else shape.item.root
    return item is not None and bool(item.parts or item.item is not None)


def _id_of(problem: Problem) -> str | None:
    return None if problem.task is None else problem.task.id


def _missing_in(error: BaseException) -> MissingValue | None:
    """The missing value that an error was made of."""
    found: BaseException | None = error
    for _ in range(10):
        if found is None or isinstance(found, MissingValue):
            return found
        found = found.__cause__ or found.__context__
    return None
