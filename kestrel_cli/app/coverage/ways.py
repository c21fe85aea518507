"""The ways that a flow can go, and which of them an execution went."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from kestrel_cli.app.reading.loops import FLOWABLES, LOOPS, kind_of
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.index import walk
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task

_IF: Final = f"{FLOWABLES}If"
_SWITCH: Final = f"{FLOWABLES}Switch"
_LOOP: Final = f"{FLOWABLES}Loop"
_ITEMS: Final = f"{FLOWABLES}ForEachItem"
_UNTIL: Final = f"{FLOWABLES}LoopUntil"
_ALLOW: Final = f"{FLOWABLES}AllowFailure"
_PHASES: Final = {Phase.ERRORS: "errors", Phase.FINALLY: "finally", Phase.AFTER: "afterExecution"}


class Way(NamedTuple):
    """One way that a flow can go. `task` is what decides; None: the flow itself."""

    task: str | None
    name: str


# -- all that there are


def ways_of(flow: Flow) -> Iterator[Way]:
    """All of a flow: its own, then those of its tasks in file order. What is disabled has none."""
    yield from (Way(None, name) for name in _PHASES.values() if flow.blocks.get(name))
    for number in range(len(flow.listeners)):
        if flow.blocks.get(f"listeners.{number}"):
            yield Way(None, _listener(number))
    if flow.retry is not None:
        yield from (Way(None, name) for name in ("retry", "retries used up"))
    for task in runnable(flow):
        yield from (Way(task.id, name) for name in _ways(task))


def runnable(flow: Flow) -> Iterator[Task]:
    """Every task that may run, in file order; parts that a task has without saying so, too."""
    disabled: set[int] = set()
    for holder, task in walk(flow):
        if task.disabled or id(holder) in disabled:
            disabled.add(id(task))
        else:
            yield task


def _listener(number: int) -> str:
    return f"listener {number + 1}"


def _ways(task: Task) -> Iterator[str]:
    if is_template(str(task.runIf)):
        yield from ("runIf", "no runIf")
    yield from _decisions(task)
    blocks: dict[str, Any] = task.__dict__.get("blocks", {})
    yield from (name for name in ("errors", "finally") if blocks.get(name))
    if task.flowable and (task.allowFailure is True or kind_of(task) == _ALLOW):
        yield "allowed failure inside"
    elif task.allowFailure is True:
        yield "allowed failure"
    if task.retry is not None:
        yield from ("retry", "retries used up")


def _decisions(task: Task) -> Iterator[str]:
    """What may come of what a flowable or an executable looks at."""
    kind = kind_of(task)
    if kind == _IF:
        yield from ("then", "else")
    elif kind == _SWITCH:
        yield from (f"case {name}" for name in getattr(task, "cases", None) or ())
        if getattr(task, "defaults", None):
            yield "defaults"
    elif kind in LOOPS and is_template(str(_values(task))):
        yield from ("values", "no values")
    elif kind == _ITEMS or (kind == _LOOP and is_template(str(_values(task)))):
        yield from ("iterations", "no iterations")
    elif kind == _UNTIL:
        yield from ("one pass", "further passes")


def _values(task: Task) -> Any:
    return getattr(task, "values", None) or getattr(task, "value", None)


# -- those that were gone


def begun(run: TaskRun) -> bool:
    """Whether a task run came to its task, or a fixture stood in for it."""
    if run.stood_in:
        return True
    if run.state is State.SKIPPED:
        return False
    return bool(run.attempts) or any(state is State.RUNNING for state, _ in run.history)


def ways_gone(execution: Execution, caller: Task | None = None) -> Iterator[Way]:
    """Those that an execution went, once for each time. Of an iteration of Loop, `caller` is the
    Loop; those that it started are not looked at.
    """
    loop = caller if execution.owner is not None else None
    gone = _Gone(execution, loop)
    entered: dict[tuple[int | None, Way], None] = {}
    for run in execution.runs:
        if (block := gone.block(run)) is not None:
            entered[run.parent, block] = None
        yield from gone.of(run)
    yield from (way for _, way in entered)


class _Gone:
    """What the task runs of an execution tell."""

    def __init__(self, execution: Execution, loop: Task | None) -> None:
        self._execution = execution
        self._loop = loop
        self._retriers = _retriers(execution.flow)
        self._children: dict[int, list[TaskRun]] = {}
        for run in execution.runs:
            if run.parent is not None:
                self._children.setdefault(run.parent, []).append(run)

    def block(self, run: TaskRun) -> Way | None:
        """The block that the run is in, where that is no body."""
        if run.phase is Phase.LISTENERS:
            for name, tasks in self._execution.flow.blocks.items():
                if name.startswith("listeners.") and any(one is run.task for one in tasks):
                    return Way(None, _listener(int(name.removeprefix("listeners."))))
            return None
        name_ = _PHASES.get(run.phase)
        if name_ is None:
            return None
        holder = self._loop if run.parent is None else self._execution.runs[run.parent].task
        return Way(None if holder is None else holder.id, name_)

    def of(self, run: TaskRun) -> Iterator[Way]:
        task = run.task
        if run.stood_in:
            if task.allowFailure is True and not task.flowable and run.state is State.WARNING:
                yield Way(task.id, "allowed failure")
        elif run.state is State.SKIPPED:
            yield Way(task.id, "no runIf")
        elif begun(run):
            yield Way(task.id, "runIf")
            yield from self._failures(run)
            yield from (Way(_owner(task).id, name) for name in self._decided(run))

    def _decided(self, run: TaskRun) -> Iterator[str]:
        """The way that a flowable or an executable took."""
        task = run.task
        kind, outputs = kind_of(_owner(task)), run.outputs or {}
        if kind == _IF and "evaluationResult" in outputs:
            yield "then" if outputs["evaluationResult"] else "else"
        elif kind == _SWITCH and "value" in outputs:
            known = outputs["value"] in (getattr(task, "cases", None) or ())
            yield f"case {outputs['value']}" if known else "defaults"
        elif kind in LOOPS and run.attempts:
            if self._body(run):
                yield "values"
            elif run.state is State.SUCCESS:  # else it is not known what the values are
                yield "no values"
        elif kind in (_LOOP, _ITEMS) and task.executable:
            if self._execution.called.get(run.number):
                yield "iterations"
            elif run.state is State.SUCCESS:
                yield "no iterations"
        elif kind == _UNTIL and (body := self._body(run)):
            passes = [one for one in body if one.task is body[0].task]
            yield "further passes" if len(passes) > 1 else "one pass"

    def _body(self, run: TaskRun) -> list[TaskRun]:
        return [one for one in self._children.get(run.number, ()) if one.phase is Phase.BODY]

    def _failures(self, run: TaskRun) -> Iterator[Way]:
        task = run.task
        failed = [one for one in run.attempts if one.state is State.FAILED]
        if task.flowable:
            allows = task.allowFailure is True or kind_of(task) == _ALLOW
            if allows and any(one.state is State.FAILED for one in self._body(run)):
                yield Way(task.id, "allowed failure inside")
        elif task.allowFailure is True and failed:
            yield Way(task.id, "allowed failure")
        if task.id not in self._retriers or not failed:
            return
        retrier = self._retriers[task.id]
        again = run.state is State.RETRIED  # by an execution that follows
        if again or len(run.attempts) > 1:
            yield Way(retrier, "retry")
        tried_before = len(run.attempts) > 1 or self._execution.earlier
        if tried_before and not again and run.ended and failed[-1] is run.attempts[-1]:
            yield Way(retrier, "retries used up")


def _owner(task: Task) -> Task:
    """The task in the file: a ForEachItem for its parts, else the task itself."""
    owner: Task = task.__dict__.get("owner", task)
    return owner


def _retriers(flow: Flow) -> dict[str, str | None]:
    """By task, what says how it is retried: a task, or the flow."""
    found: dict[str, str | None] = {}
    if not flow.policies:
        return found
    for holder, task in walk(flow):
        if task.retry is not None:
            found[task.id] = task.id
        elif holder is flow and flow.retry is not None:
            found[task.id] = None
        elif isinstance(holder, Task) and holder.id in found:
            found[task.id] = found[holder.id]
    return found
