"""What a flow asks of the world, and which shapes its variables have for each of its tasks."""

from collections.abc import Callable
from typing import NamedTuple

from kestrel_cli.app.reading.loops import FLOWABLES, kind_of, places_of
from kestrel_cli.app.reading.shape import Kind, Read, Shape
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.task import Task


class UnknownOutput(NamedTuple):
    """An output that is read and that the task never has: what it has, where it is read."""

    task: Task
    name: str
    known: list[str]
    read: Read


class Asked:
    """What a flow asks of the world. Shapes of outputs are by task id, those of inputs by id."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.outputs = Shape("outputs")
        self.inputs = Shape("inputs")
        self.trigger = Shape("trigger")
        self.vars = Shape("vars")
        self.envs = Shape("envs")
        self.globals = Shape("globals")
        self.namespace = Shape("namespace")
        self.given: dict[str, Shape] = {}  # secret:X, kv:X, read:X, http:
        self.answers: dict[str, Shape] = {}  # what a Pause is resumed with
        self.calls: dict[str, Asked] = {}  # by the task that calls
        self.loops: dict[str, Shape] = {}  # the value of a loop, by its task
        self.unknown_outputs: list[UnknownOutput] = []  # that no such type has
        self.stood_in: dict[str, str] = {}  # tasks that could not do with what was made up: why
        self.around, self.holders = places_of(flow)

    def no_such_output(self, task: Task, name: str, shape: Shape, known: list[str]) -> None:
        """Note it, when somebody reads it who cannot do without."""
        read = shape.root.needed
        if read is not None:
            self.unknown_outputs.append(UnknownOutput(task, name, known, read))


def variables_of(asked: Asked, task: Task | None) -> Callable[[str], Shape | None]:
    """The shapes of the variables that a task sees, or the flow's own texts."""

    def variable(name: str) -> Shape | None:
        _kind, colon, key = name.partition(":")
        if colon:
            return asked.given.setdefault(name, Shape(key))
        match name:
            case "outputs" | "inputs" | "trigger" | "vars" | "envs" | "globals" | "namespace":
                found: Shape = getattr(asked, name)
                return found
            case "schedule":
                return asked.trigger
            case "taskrun" if task is not None:
                return _taskrun(asked, task)
            case "parent" if task is not None:
                return _parent(asked, task)
            case "item" if task is not None:
                return _item(asked, task)
            case _:
                return None

    return variable


def _taskrun(asked: Asked, task: Task) -> Shape | None:
    found = Shape("taskrun")
    if kind_of(task) == f"{FLOWABLES}ForEachItem":
        items = asked.loops.setdefault(f"{task.id}/items", Shape("items"))
        found.parts["items"] = items.use(Kind.FILE)
        return found
    loops = asked.around[task.id]
    if not loops:
        return None
    found.part("value").union(loop_value(asked, loops[-1]))
    return found


def _parent(asked: Asked, task: Task) -> Shape | None:
    loops, holder = asked.around[task.id], asked.holders.get(task.id)
    if not loops or holder is None:
        return None
    outer = loops[:-1] if holder is loops[-1] else loops
    if not outer:
        return None
    found = Shape("parent")
    found.part("taskrun").part("value").union(loop_value(asked, outer[-1]))
    return found


def _item(asked: Asked, task: Task) -> Shape | None:
    holder: Task | None = task
    while holder is not None and kind_of(holder) != f"{FLOWABLES}Loop":
        holder = asked.holders.get(holder.id)
    if holder is None:
        return None
    found = Shape("item")
    found.part("value").union(loop_value(asked, holder))
    return found


def loop_value(asked: Asked, loop: Task) -> Shape:
    return asked.loops.setdefault(loop.id, Shape("value"))
