"""What a row asserts about an execution, compared with what it is."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from kestrel_cli.model.execution import Execution, TaskRun


class Facts:
    """The execution of a row."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution

    def problems(self, wanted: dict[str, Any]) -> Iterator[str]:
        """What does not hold."""
        execution = self.execution
        if (state := wanted.get("state")) and execution.state != state:
            yield f"expected state {state}, got {execution.state}"
        if "taskRunCount" in wanted and not matches(wanted["taskRunCount"], len(execution.runs)):
            names = [f"{run.task.id}({run.state})" for run in execution.runs]
            yield f"expected {wanted['taskRunCount']} task runs, got {len(execution.runs)}: {names}"
        for task_id in wanted.get("absent", ()):
            if execution.runs_of.get(task_id):
                yield f"expected no task run of {task_id}"
        for one in wanted.get("taskRuns", ()):
            yield from self._task_run(one)
        yield from self._execution_fields(wanted)

    def _execution_fields(self, wanted: dict[str, Any]) -> Iterator[str]:
        execution = self.execution
        fields = {
            "outputs": execution.outputs,
            "inputsTyped": execution.inputs,
            "variables": execution.variables,
        }
        for name, got in fields.items():
            for key, value in (wanted.get(name) or {}).items():
                if not matches(value, _at(got or {}, key)):
                    yield f"expected {name}.{key} {value!r}, got {_at(got or {}, key)!r}"
        labels = dict(execution.labels)
        for key, value in (wanted.get("labels") or {}).items():
            right = execution.id if value == "$executionId" else value
            if not key.startswith("$") and labels.get(key) != right:
                yield f"expected label {key}={right}, got {labels}"

    def _task_run(self, one: dict[str, Any]) -> Iterator[str]:
        found = self._selected(one)
        if "count" in one:
            if len(found) != one["count"]:
                yield f"expected {one['count']} runs of {one['taskId']}, got {len(found)}"
            return
        if not found:
            yield f"no task run fits {one}"
            return
        problems = [list(self._run_problems(one, run)) for run in found]
        if all(problems):
            yield from problems[0]

    def _selected(self, one: dict[str, Any]) -> list[TaskRun]:
        runs = self.execution.runs
        if "index" in one:
            at = one["index"] % len(runs) if runs else 0
            runs = runs[at : at + 1]
        if "taskId" in one:
            runs = [run for run in runs if run.task.id == one["taskId"]]
        if "values" in one:
            runs = [run for run in runs if self._values(run) == one["values"]]
        if "nth" in one:
            runs = runs[one["nth"] : one["nth"] + 1]
        return runs

    def _values(self, run: TaskRun) -> list[str]:
        found: list[str] = []
        at: TaskRun | None = run
        while at is not None:
            if at.value is not None:
                found.append(at.value)
            at = None if at.parent is None else self.execution.runs[at.parent]
        return found[::-1]

    def _run_problems(self, one: dict[str, Any], run: TaskRun) -> Iterator[str]:
        name = run.task.id
        if "state" in one and run.state != one["state"]:
            yield f"expected {name} {one['state']}, got {run.state} ({run.error})"
        if "attempts" in one and not matches(one["attempts"], len(run.attempts)):
            yield f"expected {one['attempts']} attempts of {name}, got {len(run.attempts)}"
        states = [attempt.state for attempt in run.attempts]
        if "attemptStates" in one and states != one["attemptStates"]:
            yield f"expected attempts of {name} {one['attemptStates']}, got {states}"
        if "iteration" in one and run.iteration != one["iteration"]:
            yield f"expected iteration {one['iteration']} of {name}, got {run.iteration}"
        for state, count in one.get("historyCounts", {}).items():
            if sum(step == state for step, _ in run.history) != count:
                yield f"expected {count} times {state} in {name}, got {run.history}"
        for key, value in one.get("outputs", {}).items():
            got = _at(run.outputs or {}, key)
            if not matches(value, got):
                yield f"expected output {name}.{key} {value!r}, got {got!r}"


def _at(values: dict[str, Any], key: str) -> Any:
    if key in values:
        return values[key]
    found: Any = values
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def matches(wanted: Any, got: Any) -> bool:
    """Whether a value is as wanted: equal, or what a matcher says."""
    if isinstance(wanted, dict) and any(key.startswith("$") for key in wanted):
        return all(_matcher(key, value, got, wanted) for key, value in wanted.items())
    if isinstance(wanted, dict) and isinstance(got, dict):
        return all(key in got and matches(value, got[key]) for key, value in wanted.items())
    return bool(wanted == got)


def _matcher(key: str, value: Any, got: Any, all_of_it: dict[str, Any]) -> bool:
    if key not in _MATCHERS:
        raise ValueError(f"unknown matcher {key}")
    return bool(_MATCHERS[key](value, got, all_of_it))


def _near(_: Any, got: Any, all_of_it: dict[str, Any]) -> bool:
    moment = datetime.fromisoformat(str(got))
    return abs((datetime.now(UTC) - moment).total_seconds()) <= all_of_it["$withinSeconds"]


_MATCHERS: dict[str, Callable[[Any, Any, dict[str, Any]], bool]] = {
    "$contains": lambda value, got, _: all(
        one in str(got) for one in (value if isinstance(value, list) else [value])
    ),
    "$startsWith": lambda value, got, _: str(got).startswith(value),
    "$endsWith": lambda value, got, _: str(got).endswith(value),
    "$matches": lambda value, got, _: re.fullmatch(value, str(got)) is not None,
    "$exists": lambda value, got, _: (got is not None) == value,
    "$ne": lambda value, got, _: got != value,
    "$gt": lambda value, got, _: got > value,
    "$ge": lambda value, got, _: got >= value,
    "$isoDateTimeNear": _near,
    "$withinSeconds": lambda *_: True,
}
