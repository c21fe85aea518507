"""An execution in the middle of its work, and the scope of its newest task run."""

from typing import Any

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.hints import hint_for
from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.expressions.scope import BareServices
from kestrel_cli.expressions.template import render_text, render_value
from kestrel_cli.expressions.variables import RunScope, Surroundings
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.task import Task
from tests.support.births import execution_of
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import Play


class Scene:
    """A flow stepped by hand; templates are rendered where its newest task run stands."""

    def __init__(self, *tasks: Task, **properties: Any) -> None:
        self._flow = flow(*tasks, **properties)
        self._facts: dict[str, Any] = {}
        self.more: dict[str, Any] = {}
        self.born()

    def born(self, **facts: Any) -> None:
        """Begin anew, with these facts of its birth besides those that it has."""
        self._facts |= facts
        self.play = Play(self._flow)
        self.play.execution = self.execution = execution_of(self._flow, **self._facts)
        self.play.begin()

    @property
    def number(self) -> int:
        return len(self.execution.runs) - 1

    def scope(self, run: int | None = -1) -> RunScope:
        """The scope of a run: the newest one; None for the execution's own."""
        around = Surroundings(self.execution, BareServices({}), **self.more)
        return RunScope(around, None if run is None else self.execution.runs[run])

    def text(self, template: str, run: int | None = -1) -> str:
        return render_text(template, self.scope(run))

    def value(self, template: str, run: int | None = -1) -> Any:
        return render_value(template, self.scope(run))

    def hint(self, template: str, run: int | None = -1) -> str | None:
        """What is said to somebody whose template names something that is missing."""
        scope = self.scope(run)
        try:
            render_text(template, scope)
        except MissingValue as error:
            return hint_for(error, scope)
        except RenderError as error:
            return f"no hint for: {error}"
        raise AssertionError("nothing is missing")


def each(name: str, value: str, inner: Task) -> tuple[Task, list[Lane], dict[str, Any]]:
    """A ForEach over one value around `inner`, and its expansion."""
    made = task("flow.ForEach", name, values=[value], tasks=(inner,))
    return made, [Lane("tasks", 0, 1, value, 0)], {}


def inside(*levels: str) -> Scene:
    """A scene in a leaf inside flowables, written outermost first.

    `v` is a ForEach over the value `v`; `if`, `switch` and `seq` are what they say.
    """
    inner: Task = leaf("leaf")
    expansions: list[tuple[list[Lane], dict[str, Any]]] = []
    for depth, level in reversed(list(enumerate(levels))):
        name = f"{level}{depth}"
        if level == "if":
            inner = task("flow.If", name, condition="true", then=(inner,))
            expansions.append(([Lane("then", 0, 1)], {"evaluationResult": True}))
        elif level == "switch":
            inner = task("flow.Switch", name, value="c", cases={"c": (inner,)})
            expansions.append(([Lane("cases.c", 0, 1)], {"value": "c", "defaults": False}))
        elif level == "seq":
            inner = sequence(name, inner)
            expansions.append(([Lane("tasks", 0, 1)], {}))
        else:
            inner, lanes, outputs = each(name, level, inner)
            expansions.append((lanes, outputs))
    scene = Scene(inner)
    for lanes, outputs in reversed(expansions):
        scene.play.expand(scene.number, lanes, 1, outputs)
    return scene
