"""What a row asserts about an execution, compared with what it is."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kestrel_cli.model.event import LogLine
from kestrel_cli.model.execution import Execution, TaskRun


class Facts:
    """The execution of a row, what was logged, and where its files are."""

    def __init__(
        self,
        execution: Execution,
        logs: list[tuple[LogLine, Execution]] | None = None,
        state: Path | None = None,
    ) -> None:
        self.execution = execution
        self.runs = execution.listed()
        self.logs = logs or []
        self.state = state

    def problems(self, wanted: dict[str, Any]) -> Iterator[str]:
        """What does not hold."""
        execution, runs = self.execution, self.runs
        if (state := wanted.get("state")) and execution.state != state:
            yield f"expected state {state}, got {execution.state} {self._errors()}"
        if "taskRunCount" in wanted and not matches(wanted["taskRunCount"], len(runs)):
            names = [f"{run.task.id}({run.state})" for run in runs]
            yield f"expected {wanted['taskRunCount']} task runs, got {len(runs)}: {names}"
        for task_id in wanted.get("absent", ()):
            if any(run.task.id == task_id for run in runs):
                yield f"expected no task run of {task_id}"
        if "allTaskRunStates" in wanted:
            for run in runs:
                if run.state not in wanted["allTaskRunStates"]:
                    yield f"expected {run.task.id} in {wanted['allTaskRunStates']}, got {run.state}"
        for one in wanted.get("taskRuns", ()):
            yield from self._task_run(one)
        yield from self._execution_fields(wanted)
        yield from self._order(wanted.get("order"))
        for one in wanted.get("logs", ()):
            yield from self._log(one)
        yield from self._executions(wanted.get("executions", ()))

    def _errors(self) -> list[str]:
        return [line.message[:300] for line, _ in self.logs if line.level == "ERROR"][:3]

    def _order(self, wanted: Any) -> Iterator[str]:
        """Task ids in the order of their runs; others may stand between, unless it is whole."""
        if not wanted:
            return
        names = [run.task.id for run in self.runs]
        rows = wanted if isinstance(wanted[0], (list, tuple)) else [wanted]
        for row in rows:
            places = [names.index(name) if name in names else -1 for name in row]
            if -1 in places or places != sorted(places):
                yield f"expected the order {row}, got {names}"

    def _log(self, one: dict[str, Any]) -> Iterator[str]:
        found = [
            line.message
            for line, execution in self.logs
            if ("level" not in one or line.level == one["level"])
            and ("taskId" not in one or self._task_of(line, execution) == one["taskId"])
            and _says(one, line.message)
        ]
        if "count" in one:
            if not matches(one["count"], len(found)):
                yield f"expected {one} in the log, got {len(found)} of it"
        elif bool(found) == bool(one.get("none")):
            yield f"expected {one} in the log, got {[line.message for line, _ in self.logs]}"

    def _task_of(self, line: LogLine, execution: Execution) -> str | None:
        return None if line.run is None else execution.runs[line.run].task.id

    def _executions(self, wanted: list[dict[str, Any]]) -> Iterator[str]:
        """Executions that were started below, or that this one follows."""
        below = list(_below(self.execution))
        for one in wanted:
            found = [*self.execution.earlier, *below]
            if one.get("includingSelf"):
                found.append(self.execution)
            if one.get("loopIterations"):
                found = [each for each in below if each.owner is self.execution]
            elif "flowId" in one:
                found = [each for each in found if each.flow.id == one["flowId"]]
            if "count" in one and not matches(one["count"], len(found)):
                yield f"expected {one['count']} executions for {one}, got {len(found)}"
            if not found:
                yield f"no execution fits {one}"
            states = sorted(each.state for each in found)
            if "containsStates" in one and sorted(one["containsStates"]) != states:
                yield f"expected {one}, got {states}"
            for each in found:
                yield from self._execution(one, each)

    def _execution(self, one: dict[str, Any], each: Execution) -> Iterator[str]:
        facts = Facts(each, self.logs, self.state)
        plain = {k: v for k, v in one.items() if k not in ("count", "labels")}
        for problem in facts.problems(plain):
            yield f"execution of {each.flow.id}: {problem}"
        labels = dict(each.labels)
        for key, value in (one.get("labels") or {}).items():
            right = self.execution.id if value == "$executionId" else value
            if not key.startswith("$") and labels.get(key) != right:
                yield f"expected label {key}={right}, got {labels}"
        item = each.item or {}
        for key, value in (one.get("firstTaskRunOutputs") or {}).items():
            right = re.sub(r"\$(\w+)", lambda found: str(item.get(found[1])), str(value))
            got = (facts.runs[0].outputs or {}).get(key) if facts.runs else None
            if got != right:
                yield f"expected the first output {key} {right!r}, got {got!r}"

    def _execution_fields(self, wanted: dict[str, Any]) -> Iterator[str]:
        execution = self.execution
        fields = {
            "outputs": execution.outputs,
            "inputsTyped": execution.inputs,
            "variables": execution.variables,
        }
        for name, got in fields.items():
            if name in wanted and wanted[name] is None and got:
                yield f"expected no {name}, got {got!r}"
            for key, value in (wanted.get(name) or {}).items():
                if not self._fits(value, _at(got or {}, key)):
                    yield f"expected {name}.{key} {value!r}, got {_at(got or {}, key)!r}"
        yield from self._labels(wanted.get("labels"))

    def _labels(self, wanted: dict[str, Any] | None) -> Iterator[str]:
        if wanted is None:
            return
        labels = dict(self.execution.labels)
        right = {k: self._resolved(v) for k, v in wanted.items() if not k.startswith("$")}
        for key, value in right.items():
            if labels.get(key) != value:
                yield f"expected label {key}={value}, got {labels}"
        if not wanted.get("$partial") and labels.keys() - right.keys():
            yield f"unexpected labels {sorted(labels.keys() - right.keys())}"

    def _resolved(self, value: Any) -> Any:
        if value == "$executionId":
            return self.execution.id
        match = re.fullmatch(r"\$taskRunId\((.+)\)", str(value))
        if match is None:
            return value
        runs = [run for run in self.runs if run.task.id == match[1]]
        return self.execution.run_id(runs[0].number) if runs else None

    def _fits(self, wanted: Any, got: Any) -> bool:
        """`matches`, and matchers that look into files."""
        if isinstance(wanted, dict) and wanted.keys() & {"$fileContent", "$fileLines"}:
            text = self._content(str(got))
            if text is None:
                return False
            if "$fileContent" in wanted and text != wanted["$fileContent"]:
                return False
            return wanted.get("$fileLines", text.count("\n")) == text.count("\n")
        if isinstance(wanted, dict) and "$firstValueFileContent" in wanted:
            first = next(iter(got.values()), None) if isinstance(got, dict) else None
            text = self._content(str(first))
            return text is not None and matches(wanted["$firstValueFileContent"], text)
        if isinstance(wanted, dict) and isinstance(got, dict):
            plain = not any(key.startswith("$") for key in wanted)
            if plain:
                return all(key in got and self._fits(v, got[key]) for key, v in wanted.items())
        return matches(self._resolved(wanted), got)

    def _content(self, uri: str) -> str | None:
        if self.state is None or not uri.startswith("kestra:///"):
            return None
        path = self.state / "storage" / uri.removeprefix("kestra:///")
        return path.read_text("utf-8") if path.is_file() else None

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
        runs = self.runs
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
        return list(self.execution.values_above(run))

    def _run_problems(self, one: dict[str, Any], run: TaskRun) -> Iterator[str]:
        name = run.task.id
        yield from self._attempt_problems(one, run)
        if "state" in one and run.state != one["state"]:
            yield f"expected {name} {one['state']}, got {run.state} ({run.error})"
        if "value" in one and not matches(one["value"], run.value):
            yield f"expected the value {one['value']!r} of {name}, got {run.value!r}"
        if "iteration" in one and run.iteration != one["iteration"]:
            yield f"expected iteration {one['iteration']} of {name}, got {run.iteration}"
        for state, count in one.get("historyCounts", {}).items():
            if sum(step == state for step, _ in run.history) != count:
                yield f"expected {count} times {state} in {name}, got {run.history}"
        if "outputs" in one and one["outputs"] is None and run.outputs:
            yield f"expected no outputs of {name}, got {run.outputs!r}"
        for key, value in (one.get("outputs") or {}).items():
            got = _at(run.outputs or {}, key)
            if not self._fits(value, got):
                yield f"expected output {name}.{key} {value!r}, got {got!r}"

    def _attempt_problems(self, one: dict[str, Any], run: TaskRun) -> Iterator[str]:
        name = run.task.id
        if "attempts" in one and not matches(one["attempts"], len(run.attempts)):
            yield f"expected {one['attempts']} attempts of {name}, got {len(run.attempts)}"
        states = [attempt.state for attempt in run.attempts]
        histories = [[step for step, _ in attempt.history] for attempt in run.attempts]
        if "attemptHistories" in one and histories != one["attemptHistories"]:
            yield f"expected histories {one['attemptHistories']} of {name}, got {histories}"
        if "attemptStates" in one and states != one["attemptStates"]:
            yield f"expected attempts of {name} {one['attemptStates']}, got {states}"


def _says(one: dict[str, Any], message: str) -> bool:
    said = {f"${key}": one[key] for key in ("contains", "startsWith", "endsWith") if key in one}
    if said and not matches(said, message):
        return False
    wanted = one.get("message", one.get("equals"))
    return wanted is None or matches(wanted, message)


def _below(execution: Execution) -> Iterator[Execution]:
    """Every execution that was started below, in order."""
    for number in sorted(execution.called):
        for one in execution.called[number]:
            yield from one.earlier
            yield one
            yield from _below(one)


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
