import pytest

from kestrel_cli.model.conditions import ALIASES, TYPES
from kestrel_cli.model.event import Heard
from kestrel_cli.model.fields import accept_all, made_of
from kestrel_cli.model.flow import Listener
from kestrel_cli.model.state import State
from kestrel_cli.worker.listeners import heard
from tests.support.flows import leaf
from tests.worker.working import Work

OLD = "io.kestra.core.models.conditions.types."
CORE = "io.kestra.plugin.core.condition."
MONDAY = "2026-11-30T10:15:00Z"


def condition(name, **properties):
    for inner in properties.get("conditions", ()):
        assert inner.type.startswith(CORE)
    full = ALIASES.get(OLD + name, CORE + name)
    if "conditions" in properties:
        return made_of(TYPES[full], {"type": full, **properties})
    made = accept_all(TYPES[full], {"type": full, **properties})
    assert isinstance(made, TYPES[full]), properties
    return made


def listened(*conditions, state=State.FAILED, **properties):
    """The places of the listeners to run, and what the log says; one listener with conditions."""
    one = made_of(Listener, {"conditions": list(conditions), "tasks": (leaf("late"),)})
    work = Work(leaf("t"), listeners=(one,))
    progress = work.around.execution.progress
    progress.state = state
    for name, value in properties.items():
        setattr(progress, name, value)
    event = heard(work.around, work.now, work.lines.append)
    assert isinstance(event, Heard)
    return event.listeners == [0], work.logs()


YES, NO = condition("Expression", expression="{{ 1 }}"), condition("Expression", expression=" 0 ")


@pytest.mark.parametrize(
    ("holds", "name", "properties"),
    [
        (True, "ExecutionStatus", {"in": ["FAILED", "WARNING"]}),
        (False, "ExecutionStatus", {"in": ["SUCCESS"]}),
        (True, "ExecutionStatus", {}),
        (False, "ExecutionStatus", {"notIn": ["FAILED"]}),
        (True, "ExecutionStatusCondition", {"notIn": ["SUCCESS"]}),
        (True, "ExecutionFlow", {"namespace": "company.team", "flowId": "test"}),
        (False, "ExecutionFlow", {"namespace": "company.team", "flowId": "other"}),
        (True, "FlowCondition", {"namespace": "company.team", "flowId": "test"}),
        (True, "ExecutionNamespace", {"namespace": "company.team"}),
        (False, "ExecutionNamespace", {"namespace": "company"}),
        (True, "ExecutionNamespace", {"namespace": "company", "prefix": True}),
        (True, "ExecutionNamespace", {"namespace": "company", "comparison": "PREFIX"}),
        (True, "ExecutionNamespace", {"namespace": ".team", "comparison": "SUFFIX"}),
        (False, "FlowNamespaceCondition", {"namespace": "company"}),
        (True, "FlowNamespaceCondition", {"namespace": "company", "prefix": True}),
        (True, "ExecutionLabels", {"labels": {"team": "blue"}}),
        (True, "ExecutionLabels", {"labels": [{"key": "team", "value": "blue"}]}),
        (False, "ExecutionLabels", {"labels": {"team": "red"}}),
        (True, "ExecutionOutputs", {"expression": "{{ trigger.outputs.n == 3 }}"}),
        (False, "ExecutionOutputs", {"expression": "{{ trigger.outputs.n == 4 }}"}),
        (True, "Expression", {"expression": "{{ execution.state == 'FAILED' }}"}),
        (False, "Expression", {"expression": " "}),
        (True, "Not", {"conditions": [NO, NO]}),
        (False, "Not", {"conditions": [NO, YES]}),
        (True, "Or", {"conditions": [NO, YES]}),
        (False, "Or", {"conditions": [NO]}),
        (False, "Weekend", {"date": MONDAY}),
        (True, "Weekend", {"date": "2026-11-29"}),
        (True, "DayWeek", {"date": MONDAY, "dayOfWeek": "MONDAY"}),
        (False, "DayWeek", {"date": MONDAY, "dayOfWeek": "FRIDAY"}),
        (True, "DayWeekInMonth", {"date": MONDAY, "dayOfWeek": "MONDAY", "dayInMonth": "LAST"}),
        (True, "DateTimeBetween", {"date": MONDAY, "after": "2026-11-30T11:00:00+02:00"}),
        (False, "DateTimeBetween", {"date": MONDAY, "before": "2026-11-30T12:15:00+02:00"}),
        (True, "TimeBetween", {"date": MONDAY, "after": "10:14:59Z", "before": "13:00:00+02:00"}),
        (False, "TimeBetween", {"date": MONDAY, "after": "10:15:00Z"}),
    ],
)
def test_conditions_hold_as_in_kestra(holds, name, properties):
    more = {"labels": [("team", "blue"), ("env", "x")], "outputs": {"n": 3}}
    assert listened(condition(name, **properties), **more) == (holds, [])


def test_an_attempt_counts_as_a_retry_only_beside_others():
    again = condition("HasRetryAttempt", **{"in": ["FAILED"]})
    assert listened(again) == (False, [])


def test_all_conditions_of_a_listener_have_to_hold():
    assert listened(YES, NO) == (False, [])
    assert listened(YES, YES) == (True, [])
    assert listened() == (True, [])


@pytest.mark.parametrize(
    ("name", "properties", "why"),
    [
        ("Expression", {"expression": "{{ nobody.knows }}"}, "Unable to find `nobody`"),
        ("Weekend", {}, "Unable to find `trigger`"),
        ("TimeBetween", {"date": "soon", "after": "10:00:00Z"}, "soon"),
        ("PublicHoliday", {"date": MONDAY, "country": "NO"}, "PublicHoliday"),
    ],
)
def test_what_cannot_be_said_does_not_hold_and_is_told(name, properties, why):
    holds, logs = listened(condition(name, **properties))
    assert not holds
    ((level, message),) = logs
    assert level == "WARN"
    assert message.startswith("a condition of `listeners[0]` does not hold: ")
    assert why in message
