"""Listeners: which of them want to run, now that the execution has ended."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.functions.clock import day_of_week, is_day_week_in_month, is_weekend
from kestrel_cli.expressions.template import render_text
from kestrel_cli.expressions.truth import is_true
from kestrel_cli.expressions.variables import RunScope, Surroundings
from kestrel_cli.model import conditions as c
from kestrel_cli.model.event import Heard, LogLine
from kestrel_cli.model.execution import Execution

Noticed = Callable[[LogLine], None]


class _Unanswered(Exception):
    """Whether a condition holds cannot be said here."""


def heard(around: Surroundings, now: Callable[[], int], noticed: Noticed) -> Heard:
    """The listeners all of whose conditions hold, by their places in the flow.

    As in Kestra, a condition that cannot be rendered does not hold, and the log says so.
    """
    scope = RunScope(around)
    places = []
    for number, listener in enumerate(around.execution.flow.listeners):
        try:
            if all(_holds(condition, scope) for condition in listener.conditions):
                places.append(number)
        except (RenderError, _Unanswered, ValueError) as error:
            message = f"a condition of `listeners[{number}]` does not hold: {error}"
            message = around.execution.masker.mask(message)
            noticed(LogLine(None, now(), "WARN", message))
    return Heard(now(), places)


# One match for the whole family: a condition that is forgotten here does not go by silently.
def _holds(condition: Any, scope: RunScope) -> bool:  # noqa: C901, PLR0911
    execution = scope.around.execution
    match condition:
        case c.ExecutionStatus():
            return _among(execution.state.value, condition)
        case c.HasRetryAttempt():
            return _tried_again(execution, condition)
        case c.ExecutionFlow() | c.FlowCondition():
            flow = execution.flow
            return (condition.namespace, condition.flowId) == (flow.namespace, flow.id)
        case c.ExecutionNamespace():
            return _of_namespace(execution.flow.namespace, condition)
        case c.FlowNamespaceCondition():
            namespace = execution.flow.namespace
            starts = condition.prefix and namespace.startswith(condition.namespace)
            return starts or namespace == condition.namespace
        case c.ExecutionLabels():
            return _labels_of(condition.labels) <= set(execution.labels)
        case c.ExecutionOutputs():
            outputs = execution.outputs
            inner = scope.with_variables({"trigger": {"outputs": outputs or {}}})
            return bool(outputs) and _true(condition.expression, inner)
        case c.Expression():
            return _true(condition.expression, scope)
        case c.Not():
            return not any(_holds(one, scope) for one in condition.conditions)
        case c.Or():
            return any(_holds(one, scope) for one in condition.conditions)
        case c.DayWeek() | c.DayWeekInMonth() | c.Weekend() | c.DateTimeBetween() | c.TimeBetween():
            return _on_that_day(condition, scope)
        case _:
            raise _Unanswered(f"nothing can be said of {condition.type} here")


def _true(expression: str, scope: RunScope) -> bool:
    return is_true(_text(expression, scope))


def _text(template: str, scope: RunScope) -> str:
    return render_text(template, scope, scope.around.compat)


def _among(state: str, condition: Any) -> bool:
    """Neither left out by `in` nor named in `notIn`."""
    return (condition.in_ is None or state in condition.in_) and (
        condition.notIn is None or state not in condition.notIn
    )


def _tried_again(execution: Execution, condition: c.HasRetryAttempt) -> bool:
    """Whether an attempt of a task run that has several ended in one of the states of `in`, and
    `notIn` does not name it.
    """
    states = set(condition.in_ or ()) - set(condition.notIn or ())
    return any(
        attempt.state.value in states
        for run in execution.runs
        if not run.gone and len(run.attempts) > 1
        for attempt in run.attempts
    )


def _of_namespace(namespace: str, condition: c.ExecutionNamespace) -> bool:
    how = condition.comparison or ("PREFIX" if condition.prefix else "EQUALS")
    if how == "PREFIX":
        return namespace.startswith(condition.namespace)
    if how == "SUFFIX":
        return namespace.endswith(condition.namespace)
    return namespace == condition.namespace


def _labels_of(labels: object) -> set[tuple[str, str]]:
    if isinstance(labels, Mapping):
        return {(str(key), str(value)) for key, value in labels.items()}
    found = labels if isinstance(labels, Sequence) else ()
    return {(str(one.get("key")), str(one.get("value"))) for one in found}


def _on_that_day(condition: Any, scope: RunScope) -> bool:
    date = _text(condition.date, scope)
    match condition:
        case c.Weekend():
            return is_weekend(date)
        case c.DayWeek():
            return day_of_week(date) == _text(condition.dayOfWeek, scope)
        case c.DayWeekInMonth():
            wanted, place = _text(condition.dayOfWeek, scope), _text(condition.dayInMonth, scope)
            return is_day_week_in_month(date, wanted, place)
        case _:
            pass
    read = _moment if isinstance(condition, c.DateTimeBetween) else _time_of_day
    after, before = (
        None if one is None else read(_text(one, scope))
        for one in (condition.after, condition.before)
    )
    at = read(date)
    return (after is None or at > after) and (before is None or at < before)


def _moment(text: str) -> float:
    return datetime.fromisoformat(text.partition("[")[0]).timestamp()


def _time_of_day(text: str) -> float:
    """Seconds since midnight in UTC, as Java compares times with an offset; may be below zero."""
    bare = text.partition("[")[0]
    at = datetime.fromisoformat(bare).timetz() if "T" in bare else time.fromisoformat(bare)
    offset = at.utcoffset() or timedelta()
    return at.hour * 3600 + at.minute * 60 + at.second - offset.total_seconds()
