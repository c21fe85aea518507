"""Conditions of triggers: what has to hold for an execution to be created."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from kestrel_cli.model.common import StateName
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model
from kestrel_cli.model.marks import Chosen, Filled, Matches, OldName, Template
from kestrel_cli.model.windows import TimeWindow

PartId = Annotated[
    str,
    Matches(
        r"[a-zA-Z0-9][a-zA-Z0-9_-]*",
        "letters, digits, `_` and `-`, starting with a letter or digit",
    ),
]
States = Annotated[list[StateName], Template]
Weekday = Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]


class Condition(Model):
    """What every condition has."""

    type: str


class UnknownCondition(Condition):
    """A condition that a plugin brings: it may say anything."""


class ExecutionFlow(Condition):
    """Holds for executions of one flow."""

    namespace: str
    flowId: str


class ExecutionLabels(Condition):
    """Holds for executions that have all these labels."""

    labels: Annotated[Any, Filled]


class ExecutionNamespace(Condition):
    """Holds for executions of flows in one namespace, or below it."""

    namespace: str
    comparison: Literal["EQUALS", "PREFIX", "SUFFIX"] | None = None
    prefix: bool = False


class ExecutionOutputs(Condition):
    """Holds when an expression on the outputs of the execution does."""

    expression: str


class ExecutionStatus(Condition):
    """Holds for executions in one of these states."""

    in_: States | None = None
    notIn: States | None = None


class HasRetryAttempt(Condition):
    """Holds for executions with a task run that was tried again."""

    in_: States | None = None
    notIn: States | None = None


class Expression(Condition):
    """Holds when an expression does."""

    expression: str


class DateTimeBetween(Condition):
    """Holds after one moment and before another; at least one of them is given."""

    date: str = "{{ trigger.date }}"
    after: str | None = None
    before: str | None = None


class TimeBetween(Condition):
    """Holds after one time of the day and before another; at least one of them is given."""

    date: str = "{{ trigger.date }}"
    after: str | None = None
    before: str | None = None


class DayWeek(Condition):
    """Holds on one day of the week."""

    date: str = "{{ trigger.date }}"
    dayOfWeek: Annotated[Weekday, Template]


class DayWeekInMonth(Condition):
    """Holds on the first, second ... or last of a weekday in the month."""

    date: str = "{{ trigger.date }}"
    dayOfWeek: Annotated[Weekday, Template]
    dayInMonth: Annotated[Literal["FIRST", "LAST", "SECOND", "THIRD", "FOURTH"], Template]


class Weekend(Condition):
    """Holds on Saturdays and Sundays."""

    date: str = "{{ trigger.date }}"


class PublicHoliday(Condition):
    """Holds on public holidays of a country."""

    date: str = "{{ trigger.date }}"
    country: str | None = None
    subDivision: str | None = None


class FlowCondition(Condition):
    """Deprecated: use ExecutionFlow."""

    namespace: str
    flowId: str


class FlowNamespaceCondition(Condition):
    """Deprecated: use ExecutionNamespace."""

    namespace: str
    prefix: bool = False


class Not(Condition):
    """Holds when none of the conditions does."""

    conditions: Annotated[list[Condition], Chosen("condition"), Filled]


class Or(Condition):
    """Holds when one of the conditions does."""

    conditions: Annotated[list[Condition], Chosen("condition"), Filled]


class Multiple(Condition):
    """What conditions on several executions share."""

    id: PartId
    timeWindow: Annotated[TimeWindow | None, OldName("timeSLA")] = None
    resetOnSuccess: bool = True


class MultipleCondition(Multiple):
    """Holds when all conditions, by name, were met in one span of time. Deprecated: use
    `preconditions`.
    """

    window: Duration | None = None
    windowAdvance: Duration | None = None
    conditions: Annotated[dict[str, Condition], Chosen("condition"), Filled]


class Filter(Model):
    """One look at an execution: a field of it, and how it compares."""

    field: Literal["FLOW_ID", "NAMESPACE", "STATE", "EXPRESSION"]
    type: Literal[
        "EQUAL_TO",
        "NOT_EQUAL_TO",
        "IN",
        "NOT_IN",
        "IS_TRUE",
        "IS_FALSE",
        "IS_NULL",
        "IS_NOT_NULL",
        "STARTS_WITH",
        "ENDS_WITH",
        "REGEX",
        "CONTAINS",
    ]
    value: str | None = None
    values: list[str] | None = None


class ExecutionFilter(Model):
    """Filters that count together."""

    id: Annotated[str, Filled]
    operand: Literal["AND", "OR"] = "AND"
    filters: Annotated[list[Filter], Filled]


class Upstream(Model):
    """A flow whose executions are waited for."""

    namespace: str
    flowId: str | None = None
    states: list[StateName] | None = None
    labels: dict[str, Any] | None = None


class Preconditions(Model):
    """Executions that all have to have come, in one span of time."""

    id: PartId
    timeWindow: TimeWindow | None = None
    resetOnSuccess: bool = True
    flows: list[Upstream] | None = None
    where: list[ExecutionFilter] | None = None


_CORE: Final = "io.kestra.plugin.core.condition."
_OLD: Final = "io.kestra.core.models.conditions.types."
_RENAMED: Final = (
    DateTimeBetween,
    DayWeek,
    DayWeekInMonth,
    ExecutionFlow,
    ExecutionLabels,
    ExecutionNamespace,
    ExecutionOutputs,
    ExecutionStatus,
    Expression,
    HasRetryAttempt,
    Not,
    Or,
    PublicHoliday,
    TimeBetween,
    Weekend,
)
_KEPT: Final = (FlowCondition, FlowNamespaceCondition, MultipleCondition)

TYPES: Final[Mapping[str, type[Condition]]] = {
    _CORE + one.__name__: one for one in (*_RENAMED, *_KEPT)
}
ALIASES: Final[Mapping[str, str]] = {
    **{
        f"{package}{one.__name__}Condition": _CORE + one.__name__
        for one in _RENAMED
        for package in (_CORE, _OLD)
    },
    **{_OLD + one.__name__: _CORE + one.__name__ for one in _KEPT},
    f"{_OLD}VariableCondition": f"{_CORE}Expression",
}
UNKNOWN: Final = UnknownCondition
