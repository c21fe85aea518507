"""Functions that walk through the outputs and states of task runs."""

from __future__ import annotations

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.arguments import integer, text_argument
from kestrel_cli.expressions.scope import MISSING, Scope
from kestrel_cli.expressions.text import java_text


def current_each_output(scope: Scope, outputs: object) -> object:
    """The part of `outputs` that belongs to the current iteration, through all enclosing loops."""
    current = outputs
    for value in _iteration_values(scope):
        if not isinstance(current, dict):
            raise RenderError("The 'currentEachOutput' function expects the outputs of a loop.")
        if value not in current:
            raise RenderError(
                f"The 'currentEachOutput' function found no output for the iteration '{value}'."
            )
        current = current[value]
    return current


def _iteration_values(scope: Scope) -> list[str]:
    """The loop values from the outermost loop to the current task run."""
    parents, taskrun = scope.lookup("parents"), scope.lookup("taskrun")
    # `parents` starts with the nearest loop; outputs are nested from the outermost one.
    enclosing = list(reversed(parents)) if isinstance(parents, (list, tuple)) else []
    runs = [parent.get("taskrun") for parent in enclosing if isinstance(parent, dict)] + [taskrun]
    values = [run.get("value") for run in runs if isinstance(run, dict)]
    found = [java_text(value) for value in values if value is not None]
    if not found:
        raise RenderError("The 'currentEachOutput' function can only be used inside a loop.")
    return found


def iteration_output(scope: Scope, taskId: object = None, iteration: object = None) -> object:
    """The `value` output of a task in another iteration; the previous one unless said otherwise."""
    task = (
        _current_task(scope)
        if taskId is None
        else text_argument(taskId, "iterationOutput", "taskId")
    )
    number = (
        _previous(scope)
        if iteration is None
        else integer(iteration, "iterationOutput", "iteration")
    )
    outputs = scope.lookup("outputs")
    runs = outputs.get(task) if isinstance(outputs, dict) else None
    if not isinstance(runs, dict):
        raise RenderError(f"The 'iterationOutput' function found no outputs of task '{task}'.")
    entries = list(runs.values())
    if not 0 <= number < len(entries):
        raise RenderError(f"The 'iterationOutput' function found no iteration {number}.")
    entry = entries[number]
    return entry.get("value") if isinstance(entry, dict) else entry


def _current_task(scope: Scope) -> str:
    task = scope.lookup("task")
    name = task.get("id") if isinstance(task, dict) else None
    if not isinstance(name, str):
        raise RenderError("The 'iterationOutput' function expects an argument 'taskId'.")
    return name


def _previous(scope: Scope) -> int:
    taskrun = scope.lookup("taskrun")
    current = taskrun.get("iteration") if isinstance(taskrun, dict) else None
    if isinstance(current, bool) or not isinstance(current, int):
        raise RenderError("The 'iterationOutput' function expects an argument 'iteration'.")
    return current - 1


def parent_output(scope: Scope) -> object:
    """The outputs of the nearest enclosing task run."""
    parent = scope.lookup("parent")
    return parent.get("outputs") if isinstance(parent, dict) else None


def loop_outputs(outputs: object, name: object) -> list[object]:
    """One output of every iteration, in order; null where an iteration has none."""
    if not isinstance(outputs, (list, tuple)):
        raise RenderError("The 'loopOutputs' function expects a list in argument 'outputs'.")
    key = text_argument(name, "loopOutputs", "name")
    return [_named_output(entry, key) for entry in outputs]


def _named_output(entry: object, key: str) -> object:
    own = entry.get("outputs") if isinstance(entry, dict) else None
    return own.get(key) if isinstance(own, dict) else None


def tasks_with_state(scope: Scope, state: object) -> list[dict[str, object]]:
    """The task runs in a state, as `{taskId, state}` and `value` inside loops."""
    wanted = text_argument(state, "tasksWithState", "state").upper()
    tasks = scope.lookup("tasks")
    if tasks is MISSING or not isinstance(tasks, dict):
        return []
    found: list[dict[str, object]] = []
    for task_id, entry in tasks.items():
        if isinstance(entry, dict):
            found.extend(_with_state(str(task_id), entry, wanted))
    return found


def _with_state(task_id: str, entry: dict[object, object], wanted: str) -> list[dict[str, object]]:
    state = entry.get("state")
    if isinstance(state, str):
        return [{"state": state, "taskId": task_id}] if state.upper() == wanted else []
    # Inside a loop there is one entry per value.
    return [
        {"state": inner["state"], "value": value, "taskId": task_id}
        for value, inner in entry.items()
        if isinstance(inner, dict) and str(inner.get("state")).upper() == wanted
    ]
