"""What to say to somebody whose expression names something that is not there."""

from collections.abc import Iterable

from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.expressions.variables import RunScope, parents_variable
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import State

_MOST_SHOWN = 10


def hint_for(error: MissingValue, scope: RunScope) -> str | None:
    """The spelling that would work, or the names that exist there; None: nothing to say."""
    explain = scope.around.explain
    if explain is not None and (told := explain(error)) is not None:
        return told
    if error.path == ("taskrun",) and scope.run is not None:
        return _loop_value_hint(error.name, scope.around.execution, scope.run)
    if error.is_number:
        return (
            f"`{error.name}` is a number here, and the keys of `{_spelled(error.path)}` are text: "
            f"`{_spelled(error.path)}[(...) | string]`"
        )
    if not error.path:
        return _listed("the variables here are", scope.variables(), error.name)
    if error.path[0] == "outputs":
        return _output_hint(error, scope)
    if error.keys is None:
        return f"`{_spelled(error.path)}` has no such parts: it is null or no map"
    return _listed(f"`{_spelled(error.path)}` has", error.keys, error.name)


def _loop_value_hint(name: str, execution: Execution, run: TaskRun) -> str | None:
    if name not in ("value", "iteration"):
        return _listed("`taskrun` has", ("id", "startDate", "attemptsCount", "parentId"), name)
    spellings = loop_spellings(execution, run)
    if not spellings:
        return f"`taskrun.{name}` exists only in the tasks of a loop"
    return (
        f"only the direct children of a loop have `taskrun.{name}`; "
        f"here the loop's value is `{spellings[-1]}`"
    )


def _output_hint(error: MissingValue, scope: RunScope) -> str | None:
    execution = scope.around.execution
    if len(error.path) == 1:
        return _no_outputs_hint(error.name, execution, scope.run)
    depth = _loop_depth(execution, error.path[1])
    if depth and len(error.path) - 2 < depth and error.name not in _values_around(scope):
        return _indexed_hint(error, scope, depth)
    where = f"`{_spelled(error.path)}` has"
    return _listed(where, error.keys or (), error.name)


def _no_outputs_hint(task_id: str, execution: Execution, run: TaskRun | None) -> str | None:
    if task_id in execution.flow.by_id:
        runs = execution.runs_of.get(task_id)
        if runs and run is not None and _begins_with(execution.runs[runs[-1]], run, execution):
            return (
                f"`{task_id}` and `{run.task.id}` begin together, and neither sees the outputs of"
                f" the other; put them in a Sequential"
            )
        state = execution.runs[runs[-1]].state if runs else None
        why = f"its task run is {state}" if state else "it has not run"
        return f"the task `{task_id}` has no outputs: {why}"
    if not execution.values:
        return "no task has outputs yet"
    return _listed("there are outputs of", execution.values, task_id)


def _begins_with(other: TaskRun, run: TaskRun, execution: Execution) -> bool:
    """Whether the outputs of the other one may be there by now, but were not when `run` began."""
    return (
        other.number != run.number
        and other.state in (State.CREATED, State.RUNNING, State.SUCCESS, State.WARNING)
        and not any(one.number == other.number for one in execution.upward(run))
        and (other.outputs is not None or not other.ended)
        and run.number in execution.seen
    )


def _indexed_hint(error: MissingValue, scope: RunScope, depth: int) -> str:
    """The outputs of a looped task need one index for each loop around it."""
    task_id = error.path[1]
    known = error.path[2:]
    # The attribute that was wanted stands right after the task id when the index was forgotten.
    keys = error.keys or ()
    spellings = loop_spellings(scope.around.execution, scope.run) if scope.run else []
    first = keys[0] if keys else "value"
    indexes = [*spellings[:depth], *[f"'{first}'"] * depth][:depth]
    if any(part.startswith("[") for part in known):
        return _listed(f"`{_spelled(error.path)}` has", keys, error.name) or ""
    right = f"outputs.{task_id}" + "".join(f"[{index}]" for index in indexes) + f".{error.name}"
    have = _listed("", keys, error.name)
    return (
        f"`{task_id}` ran in a loop, its outputs have one index for each value: "
        f"`{right}`; it has{have}"
    )


def loop_spellings(execution: Execution, run: TaskRun) -> list[str]:
    """How the loop values around a task run are written in its templates, outermost first."""
    spellings = ["taskrun.value"] if run.value is not None else []
    for index, parent in enumerate(parents_variable(execution, run)):
        if "taskrun" in parent:
            spellings.append(
                "parent.taskrun.value" if index == 0 else f"parents[{index}].taskrun.value"
            )
    return spellings[::-1]


def _values_around(scope: RunScope) -> list[str]:
    """The loop values that a template may have used as an index: its own and those above."""
    if scope.run is None:
        return []
    above = parents_variable(scope.around.execution, scope.run)
    values = [parent["taskrun"]["value"] for parent in above if "taskrun" in parent]
    return values if scope.run.value is None else [scope.run.value, *values]


def _loop_depth(execution: Execution, task_id: str) -> int:
    """How many loops a task stands in, by its last task run."""
    numbers = execution.runs_of.get(task_id)
    if not numbers:
        return 0
    depth, number = 0, int(numbers[-1])
    while True:
        run = execution.runs[number]
        depth += run.value is not None
        if run.parent is None:
            return depth
        number = run.parent


def _spelled(path: tuple[str, ...]) -> str:
    return "".join(
        part if part.startswith("[") or not n else f".{part}" for n, part in enumerate(path)
    )


def _listed(lead: str, names: Iterable[str], wanted: str) -> str | None:
    known = [str(name) for name in names]
    if not known:
        return f"{lead} nothing".strip() if lead else " nothing"
    shown = ", ".join(f"`{name}`" for name in known[:_MOST_SHOWN])
    more = f" and {len(known) - _MOST_SHOWN} more" if len(known) > _MOST_SHOWN else ""
    near = _near(wanted, known)
    return f"{lead} {shown}{more}" + (f"; did you mean `{near}`?" if near else "")


def _near(wanted: str, known: list[str]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(wanted, known[:500], n=1, cutoff=0.7)), None)
