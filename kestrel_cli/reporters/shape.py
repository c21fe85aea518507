"""The JSON shape of executions and task runs, as plain data in the order it is printed.

Task runs: the page "Task Runs" is law, field by field. Executions: Kestra's fields in Kestra's
order, then what is Kestrel's own. `json_runs.py` writes the same for many task runs, faster; the
tests hold the two together.
"""

from math import isnan
from typing import Any, Final

from kestrel_cli.model.duration import iso_duration
from kestrel_cli.model.execution import Attempt, Execution, History, TaskRun
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.merging import without_nulls
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import Metric
from kestrel_cli.reporters.family import Caller
from kestrel_cli.reporters.json_values import compact_json

_LONGEST: Final = 2.0**63  # seconds, about as many as Java's durations have
DATED: Final = TERMINAL | {State.PAUSED}  # states that have a duration and an end
SCHEMA_VERSION: Final = 1  # grows only when something is removed or changes its meaning
_CORRELATION: Final = "system.correlationId"
_OF_TRIGGER: Final = ("id", "type", "logFile")

Shape = dict[str, Any]


def run_shape(execution: Execution, run: TaskRun) -> Shape:
    """One task run. What does not apply is absent, but `outputs` is always there."""
    shape: Shape = {
        "id": execution.run_id(run.number),
        "executionId": execution.id,
        "namespace": execution.flow.namespace,
        "flowId": execution.flow.id,
        "taskId": run.task.id,
    }
    if run.parent is not None and run.phase is not Phase.HELD:  # onPause stands beside it
        shape["parentTaskRunId"] = execution.run_id(run.parent)
    if run.value is not None:
        shape["value"] = execution.masker.mask(run.value)
    if run.attempts:
        shape["attempts"] = [attempt_shape(attempt) for attempt in run.attempts]
    shape["outputs"] = execution.masker.shown(run.outputs)
    shape["state"] = state_shape(run.history)
    if run.iteration is not None:
        shape["iteration"] = run.iteration
    return shape


def attempt_shape(attempt: Attempt) -> Shape:
    """One attempt; `metrics` only when it reported some, `logFile` when its log is in a file."""
    shape: Shape = {}
    if attempt.metrics:
        shape["metrics"] = [metric_shape(metric) for metric in attempt.metrics]
    shape["state"] = state_shape(attempt.history)
    if attempt.log_file is not None:
        shape["logFile"] = attempt.log_file
    return shape


def metric_shape(metric: Metric) -> Shape:
    """A timer's value is a duration and stands last: the order of fields in Kestra's classes."""
    shape: Shape = {"name": metric.name, "tags": metric.tags}
    value = metric_value(metric)
    if metric.kind == "timer":
        return shape | {"type": "timer", "value": value}
    return shape | {"value": value, "type": metric.kind}


def metric_value(metric: Metric) -> str | float:
    """The duration of a timer as ISO text; else a number."""
    if metric.kind == "timer":
        # What a task reports is data, and timers add up: what no duration holds ends no report.
        seconds = 0.0 if isnan(metric.value) else min(max(metric.value, -_LONGEST), _LONGEST)
        return iso_duration(round(seconds * 1_000_000_000))
    return float(metric.value)


def state_shape(history: History) -> Shape:
    """A state with its history; `duration` and `endDate` once it is final, or PAUSED."""
    current, end = history[-1]
    start = history[0][1]
    shape: Shape = {
        "current": current,
        "histories": [{"state": state, "date": iso_instant(at)} for state, at in history],
    }
    if current in DATED:
        shape["duration"] = iso_duration((end - start) * 1000)
        shape["endDate"] = iso_instant(end)
    shape["startDate"] = iso_instant(start)
    return shape


def before_runs(execution: Execution) -> Shape:
    """The fields of an execution up to its task runs."""
    flow = execution.flow
    return {
        "id": execution.id,
        "namespace": flow.namespace,
        "flowId": flow.id,
        "flowRevision": flow.revision or 1,
    }


def after_runs(
    execution: Execution,
    exit_code: int | None,
    caller: Caller | None = None,
    error: Shape | None = None,
) -> Shape:
    """The fields of an execution from its task runs on. Only the one that a command is about has an
    exit code and an `error`, its first cause; `caller` is the task run that started the execution.
    """
    shape: Shape = {}
    shown = execution.masker.shown
    if execution.inputs:
        shape["inputs"] = shown(execution.inputs)
    if execution.outputs:
        shape["outputs"] = shown(execution.outputs)
    shape["labels"] = [{"key": key, "value": shown(value)} for key, value in execution.labels]
    if all(key != _CORRELATION for key, _ in execution.labels):
        shape["labels"].append({"key": _CORRELATION, "value": execution.id})
    # Of a flow without variables nothing is shown, of an execution whose last one was unset a map.
    if execution.variables or execution.variables is not execution.flow.variables:
        shape["variables"] = without_nulls(shown(execution.variables))
    shape["state"] = state_shape(execution.history)
    if execution.parent_id is not None:
        shape["parentId"] = execution.parent_id
    shape["originalId"] = execution.original_id or execution.id
    if execution.trigger is not None:
        shape["trigger"] = trigger_shape(shown(execution.trigger))
    shape["deleted"] = False
    created = execution.created_at if execution.original_at is None else execution.original_at
    shape["metadata"] = {
        "attemptNumber": execution.attempt_number,
        "originalCreatedDate": iso_instant(created),
    }
    if execution.kind is not None:
        shape["kind"] = execution.kind
    if execution.item is not None:
        shape["loopRun"] = loop_shape(execution, execution.item, caller)
    return shape if exit_code is None else shape | _own(exit_code, error)


def _own(exit_code: int, error: Shape | None) -> Shape:
    """What is Kestrel's own in the document of a command's execution."""
    shape: Shape = {} if error is None else {"error": error}
    return shape | {"exitCode": exit_code, "schemaVersion": SCHEMA_VERSION}


def trigger_shape(trigger: Shape) -> Shape:
    """What expressions see as `trigger`, its own fields apart from its variables."""
    shape: Shape = {name: trigger[name] for name in _OF_TRIGGER if name in trigger}
    variables = {name: value for name, value in trigger.items() if name not in _OF_TRIGGER}
    whole: Shape = without_nulls(shape | {"variables": variables} if variables else shape)
    return whole


def loop_shape(execution: Execution, item: Shape, caller: Caller | None) -> Shape:
    """An iteration of Loop: the task run it belongs to, its value as text, its place."""
    shape: Shape = {}
    if caller is not None:
        parent, number = caller
        shape["executionId"] = parent.id
        shape["taskId"] = parent.runs[number].task.id
        shape["taskRunId"] = parent.run_id(number)
    shape |= _item_shape(execution, item)
    if item.get("key") is not None:
        shape["key"] = execution.masker.shown(item["key"])
    around = item.get("parents") or []
    shape["parents"] = [_item_shape(execution, one) for one in around]
    return shape


def _item_shape(execution: Execution, item: Shape) -> Shape:
    value = execution.masker.shown(item.get("value"))
    shape: Shape = {"value": value if isinstance(value, str) else compact_json(value)}
    if item.get("index") is not None:
        shape["index"] = item["index"]
    return shape
