"""What of the flows was reached: tasks, branches, expressions."""

from collections.abc import Iterator
from typing import NamedTuple

from kestrel_cli.app.rehearsal.branches import Branch, branches_of, taken
from kestrel_cli.expressions.template import rendered_templates
from kestrel_cli.flowfile.unsupported import UnsupportedTask
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import walk
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from kestrel_cli.model.texts import texts_in

Key = tuple[str, str]


class Never(NamedTuple):
    """Something that no run has reached, and where it stands."""

    kind: str
    what: str
    file: str
    line: int


class Coverage:
    """Grows with every run."""

    def __init__(self) -> None:
        self.tasks: set[tuple[Key, str]] = set()
        self.branches: set[Branch] = set()
        self.templates: set[str] = set()

    def add(self, execution: Execution | None) -> None:
        """What a run has reached."""
        self.templates |= rendered_templates()
        if execution is None:
            return
        self.branches |= taken(execution)
        waiting = [execution]
        while waiting:
            one = waiting.pop()
            key = (one.flow.namespace, one.flow.id)
            for run in one.runs:
                if run.state is not State.SKIPPED:
                    self.tasks.add((key, run.task.id))
                waiting += one.called.get(run.number, ())
            waiting += one.earlier

    def of(self, flows: list[Flow]) -> "Covered":
        """How much of these flows was reached."""
        tasks, branches, texts, never = [0, 0], [0, 0], [0, 0], list[Never]()
        for flow in flows:
            key = (flow.namespace, flow.id)
            for task in _runnable(flow):
                reached = (key, task.id) in self.tasks
                tasks[0] += reached
                tasks[1] += 1
                if not reached:
                    never.append(Never("task", f"`{task.id}`", *_place(task)))
                for text in _texts(task):
                    rendered = reached and text in self.templates
                    texts[0] += rendered
                    texts[1] += 1
                    if reached and not rendered:
                        shown = " ".join(text.split())
                        never.append(Never("expression", f"`{shown[:80]}`", *_place(task)))
            for branch in branches_of(flow):
                reached = branch in self.branches
                branches[0] += reached
                branches[1] += 1
                if not reached:
                    task_ = None if branch.task is None else flow.by_id[branch.task]
                    place = _place(task_) if task_ else (flow.where.file, flow.where.line)
                    never.append(Never("branch", str(branch), *place))
        return Covered(_share(tasks), _share(branches), _share(texts), never)


class Covered(NamedTuple):
    """Reached and all, of each kind; what never was, in file order."""

    tasks: tuple[int, int]
    branches: tuple[int, int]
    expressions: tuple[int, int]
    never: list[Never]


def _share(counted: list[int]) -> tuple[int, int]:
    return counted[0], counted[1]


def _place(task: Task) -> tuple[str, int]:
    return task.where.file, task.where.line


def _runnable(flow: Flow) -> Iterator[Task]:
    disabled: set[int] = set()
    for holder, task in walk(flow):
        if task.disabled or id(holder) in disabled:
            disabled.add(id(task))
        else:
            yield task


def _texts(task: Task) -> Iterator[str]:
    """Texts with expressions that running the task renders."""
    if isinstance(task, UnsupportedTask):
        return
    held: list[object] = [
        getattr(task, declared.attribute)
        for declared in task.properties.values()
        if declared.dynamic and not declared.holds_tasks
    ]
    yield from (text for text in texts_in(held) if is_template(text))
