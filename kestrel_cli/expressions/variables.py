"""What `{{ ... }}` sees in an execution and in one of its task runs.

Computed when asked for.

This is the list of names:

    flow execution inputs vars labels envs globals     always, if there is any
    namespace kestra                                   with variables in the settings
    trigger schedule outputs tasks                     the same
    task taskrun parent parents                        in a task run
    item                                               in an iteration of Loop
    workerTaskrun                                      in a WorkingDirectory
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.expressions.outputs_seen import OutputsSeen
from kestrel_cli.expressions.scope import MISSING, Services
from kestrel_cli.expressions.template import render_settled, render_value
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import FlowableTask

_OF_SYSTEM: Final = "system."  # what the names of labels begin with that Kestra sets
NAMES: Final = (
    "envs",
    "execution",
    "flow",
    "globals",
    "inputs",
    "item",
    "kestra",
    "labels",
    "namespace",
    "outputs",
    "parent",
    "parents",
    "schedule",
    "task",
    "taskrun",
    "tasks",
    "trigger",
    "vars",
    "workerTaskrun",
)


class Surroundings:
    """What all task runs of one execution share: its variables, the services, the dialect."""

    def __init__(
        self,
        execution: Execution,
        services: Services,
        *,
        envs: Mapping[str, str] | None = None,
        globals_: Mapping[str, Any] | None = None,
        kestra: Mapping[str, str] | None = None,
        namespace: Mapping[str, Any] | None = None,
        compat: int = 1,
    ) -> None:
        self.execution = execution
        self.services = services
        self.compat = compat
        self._task_states = _TaskStates(execution)
        self.outputs_seen = OutputsSeen(execution)
        # What the run knows of a value that is missing, before all that is guessed.
        self.explain: Callable[[MissingValue], str | None] | None = None
        flow = execution.flow
        self.fixed: dict[str, Any] = {
            "flow": {"id": flow.id, "namespace": flow.namespace, "revision": flow.revision or 1},
            "envs": dict(envs or {}),
            "globals": dict(globals_ or {}),
            "outputs": execution.values,
        }
        if execution.inputs:
            self.fixed["inputs"] = execution.inputs
        if execution.trigger is not None:
            self.fixed["trigger"] = self.fixed["schedule"] = execution.trigger
        if kestra:
            self.fixed["kestra"] = dict(kestra)
        if namespace:
            self.fixed["namespace"] = dict(namespace)
        if execution.item is not None:
            self.fixed["item"] = execution.item
        self._labels: list[tuple[str, str]] | None = None  # those that are nested in `fixed`

    def lookup(self, name: str) -> Any:
        """A variable of the execution, or MISSING."""
        if name == "execution":
            return self._execution()
        if name == "labels" and self._labels is not self.execution.labels:  # a task changed them
            self._labels = self.execution.labels
            self.fixed["labels"] = nested(self._labels)
        if name == "vars":
            return self.execution.variables or MISSING
        if name == "tasks":
            return self.task_states()
        return self.fixed.get(name, MISSING)

    def task_states(self, own: TaskRun | None = None) -> Any:
        """The states of all task runs, or MISSING. A worker sees its `own` task run as that was
        before it began.
        """
        if not self.execution.runs:
            return MISSING
        states = self._task_states.current()
        if own is None or own.task.flowable or own.state is not State.RUNNING:
            return states
        before: dict[str, Any] = {"state": State(own.history[-2][0]).value}
        return states | {own.task.id: _beside(states.get(own.task.id), own.value, before)}

    def _execution(self) -> dict[str, Any]:
        execution = self.execution
        while execution.owner is not None:  # an iteration of Loop stands for its execution
            execution = execution.owner
        shown: dict[str, Any] = {
            "id": execution.id,
            "state": execution.state.value,
            "startDate": iso_instant(execution.created_at),
            "originalId": execution.original_id or execution.id,
        }
        if execution.outputs:
            shown["outputs"] = execution.outputs
        return shown


class RunScope:
    """The scope of one task run's templates; of the execution's own when `run` is None."""

    __slots__ = ("_known", "around", "run", "services")

    def __init__(self, around: Surroundings, run: TaskRun | None = None) -> None:
        self.around = around
        self.run = run
        self.services = around.services
        self._known: dict[str, Any] = {}

    def lookup(self, name: str) -> Any:
        if name in self._known:
            return self._known[name]
        value = self.around.lookup(name) if self.run is None else self._of_run(self.run, name)
        if name not in ("execution", "tasks"):  # these two change while the task runs
            self._known[name] = value
        return value

    def part(self, name: str, key: str) -> Any:
        """`taskrun.value` and `taskrun.iteration`, which loops ask for often; MISSING for
        others.
        """
        if name != "taskrun" or self.run is None:
            return MISSING
        if key == "value" and self.run.value is None and "taskrun" not in self._known:
            around = directory_around(self.around.execution, self.run)
            return MISSING if around is None or around.value is None else around.value
        value = (
            self.run.value if key == "value" else self.run.iteration if key == "iteration" else None
        )
        return MISSING if value is None else value

    def _of_run(self, run: TaskRun, name: str) -> Any:
        if name == "outputs":
            return self.around.outputs_seen.by(run)
        if name == "taskrun":
            return taskrun_variable(self.around.execution, run)
        if name == "workerTaskrun":
            around = directory_around(self.around.execution, run)
            return MISSING if around is None else taskrun_variable(self.around.execution, around)
        if name == "task":
            return {"type": run.task.type, "id": run.task.id}
        if name == "tasks":
            return self.around.task_states(run)
        if name == "parents":
            return parents_variable(self.around.execution, run)
        if name == "parent":
            nearest = parents_variable(self.around.execution, run, most=1)
            return nearest[0] if nearest else MISSING
        return self.around.lookup(name)

    def variables(self) -> dict[str, object]:
        found = {name: self.lookup(name) for name in NAMES}
        return {name: value for name, value in found.items() if value is not MISSING}

    def render(self, text: str, *, recursive: bool = False) -> object:
        """Render `text` in the same context: once and typed, or to text, until nothing changes."""
        return (render_settled if recursive else render_value)(text, self, self.around.compat)

    def with_variables(self, more: Mapping[str, Any]) -> "RunScope":
        """The same scope with further variables, which come first."""
        inner = RunScope(self.around, self.run)
        inner._known.update(more)
        return inner


def taskrun_variable(execution: Execution, run: TaskRun) -> dict[str, Any]:
    """`taskrun`: keys without a value are left out.

    `attemptsCount` counts attempts that have ended.
    """
    attempts = sum(not one.lost for one in run.attempts)
    if attempts and run.attempts[-1].state not in TERMINAL:
        attempts -= 1
    shown: dict[str, Any] = {
        "id": execution.run_id(run.number),
        "startDate": iso_instant(run.history[0][1]),
        "attemptsCount": attempts,
    }
    if run.parent is not None:
        shown["parentId"] = execution.run_id(run.parent)
    around = directory_around(execution, run) if run.value is None else None
    value = run.value if around is None else around.value
    if value is not None:
        shown["value"] = value
    if run.iteration is not None:
        shown["iteration"] = run.iteration
    return shown


def directory_around(execution: Execution, run: TaskRun) -> TaskRun | None:
    """The WorkingDirectory whose work this task run is a part of: only its body is, as in Kestra;
    `errors` and `finally` run in directories of their own.
    """
    if run.parent is None or run.phase is not Phase.BODY:
        return None
    above = execution.runs[run.parent]
    task = above.task
    return above if isinstance(task, FlowableTask) and task.one_worker else None


def parents_variable(
    execution: Execution, run: TaskRun, most: int | None = None
) -> list[dict[str, Any]]:
    """`parents`, nearest first; ancestors that have neither a value nor outputs are left out."""
    found: list[dict[str, Any]] = []
    around = directory_around(execution, run)
    number = run.parent if around is None else around.parent
    while number is not None and (most is None or len(found) < most):
        above = execution.runs[number]
        shown: dict[str, Any] = {}
        if above.outputs:
            shown["outputs"] = above.outputs
        if above.value is not None:
            shown["taskrun"] = {"value": above.value}
        if shown:
            found.append(shown)
        number = above.parent
    return found


class _TaskStates:
    """`tasks`, brought up to date with the runs that changed since it was last asked for."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._states: dict[str, Any] = {}
        self._seen = 0
        self._open: list[int] = []

    def current(self) -> dict[str, Any]:
        runs = self._execution.runs
        changed = [*self._open, *range(self._seen, len(runs))]
        self._seen = len(runs)
        self._open = []
        for number in changed:
            run = runs[number]
            if run.gone:
                continue
            self._show(run)
            if run.state not in TERMINAL:
                self._open.append(number)
        return self._states

    def _show(self, run: TaskRun) -> None:
        state: dict[str, Any] = {"state": State(run.state).value}
        if run.value is None:
            self._states[run.task.id] = state
            return
        known = self._states.get(run.task.id)
        if known is None or "state" in known:
            known = self._states[run.task.id] = {}
        known[run.value] = state


def _beside(known: Any, value: str | None, state: dict[str, Any]) -> dict[str, Any]:
    """The entry of a task in `tasks`, with the state of one of its runs."""
    if value is None:
        return state
    return {**known, value: state} if isinstance(known, dict) else {value: state}


def nested(labels: list[tuple[str, str]]) -> dict[str, Any]:
    """Labels with dots in their names as maps in maps, those of the system first; the last of equal
    names wins.
    """
    nested: dict[str, Any] = {}
    if any(name.startswith(_OF_SYSTEM) for name, _ in labels):
        nested[_OF_SYSTEM.removesuffix(".")] = {}
    for name, value in labels:
        *above, last = name.split(".")
        holder = nested
        for part in above:
            inner = holder.get(part)
            if not isinstance(inner, dict):
                inner = holder[part] = {}
            holder = inner
        if not isinstance(holder.get(last), dict):
            holder[last] = value
    return nested
