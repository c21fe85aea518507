"""Triggers: what creates executions of a flow on a server. A local run has none of them."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from kestrel_cli.model.common import Assets, Labels, StateName, WorkerGroup
from kestrel_cli.model.conditions import Condition, PartId, Preconditions
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import Model
from kestrel_cli.model.marks import Bounds, Chosen, Filled, Looks, OldName, Since, Template
from kestrel_cli.model.task import LogLevel
from kestrel_cli.model.windows import Window

Mended = Literal["ALL", "LAST", "NONE"]


class Trigger(Model):
    """What every trigger has."""

    id: PartId
    type: str
    version: str | None = None
    description: str | None = None
    conditions: Annotated[list[Condition], Chosen("condition")] = []
    when: Annotated[str | None, Since("2.0")] = None
    disabled: bool = False
    workerGroup: WorkerGroup | None = None
    workerSelector: Annotated[Any, Since("2.0")] = None
    logLevel: Annotated[LogLevel | None, OldName("minLogLevel")] = None
    labels: Annotated[Any, Looks(Labels)] = None
    stopAfter: list[StateName] | None = None
    logToFile: bool = False
    failOnTriggerError: bool = False
    allowConcurrent: bool = False
    assets: Assets | None = None


class UnknownTrigger(Trigger):
    """A trigger that a plugin brings: what all triggers have is checked, it may say more."""


class Schedule(Trigger):
    """Creates executions at times that a cron expression says."""

    cron: str
    withSeconds: bool = False
    timezone: str | None = None
    inputs: dict[str, Any] | None = None
    lateMaximumDelay: Duration | None = None
    scheduleConditions: Annotated[list[Condition], Chosen("condition")] = []
    backfill: dict[str, Any] | None = None
    recoverMissedSchedules: Mended | None = None


class ScheduleOnDates(Trigger):
    """Creates executions at dates of a list."""

    dates: Annotated[list[str], Template]
    timezone: str | None = None
    inputs: dict[str, Any] | None = None
    recoverMissedSchedules: Mended | None = None


class Webhook(Trigger):
    """Creates executions when an address with its `key` is called."""

    key: Annotated[str, Filled, Bounds(most=256)]
    inputs: dict[str, Any] | None = None
    wait: bool = False
    returnOutputs: bool = False
    responseContentType: Literal["application/json", "text/plain"] | None = None
    responseCode: Annotated[int | None, Template] = None
    fetchType: Annotated[Literal["FETCH", "STORE", "NONE"] | None, Since("2.0")] = None


class Dependency(Model):
    """Kestra 2's form of an execution that is waited for."""

    namespace: str | None = None
    flowId: str | None = None
    states: list[StateName] | None = None
    labels: dict[str, Any] | None = None
    when: str | None = None


class Flow(Trigger):
    """Creates executions when executions of other flows come to a state."""

    inputs: dict[str, Any] | None = None
    states: list[StateName] | None = None
    preconditions: Preconditions | None = None
    dependsOn: Annotated[list[Dependency] | None, Since("2.0")] = None
    window: Annotated[Window | None, Since("2.0")] = None
    mode: Annotated[Literal["ALL", "ANY", "AT_LEAST"] | None, Since("2.0")] = None
    minSatisfied: Annotated[int | None, Bounds(least=1), Since("2.0")] = None


class Polling(Trigger):
    """A trigger that looks again after each interval."""

    interval: Duration | None = None


class HttpTrigger(Polling):
    """Creates executions when an answer over HTTP meets a condition."""

    uri: str
    method: Annotated[
        Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]
        | str
        | None,
        Template,
    ] = None
    body: str | None = None
    formData: Any = None
    params: Any = None
    contentType: str | None = None
    headers: Any = None
    options: Any = None
    sslOptions: Any = None
    responseCondition: str = "{{ response.statusCode < 400 }}"
    encryptBody: bool | str = False


_CORE: Final = "io.kestra.plugin.core."
_OLD: Final = "io.kestra.core.models.triggers.types."

TYPES: Final[Mapping[str, type[Trigger]]] = {
    f"{_CORE}trigger.Flow": Flow,
    f"{_CORE}trigger.Schedule": Schedule,
    f"{_CORE}trigger.ScheduleOnDates": ScheduleOnDates,
    f"{_CORE}trigger.Webhook": Webhook,
    f"{_CORE}http.Trigger": HttpTrigger,
}
ALIASES: Final[Mapping[str, str]] = {
    f"{_OLD}Flow": f"{_CORE}trigger.Flow",
    f"{_OLD}Schedule": f"{_CORE}trigger.Schedule",
    f"{_OLD}Webhook": f"{_CORE}trigger.Webhook",
    "io.kestra.plugin.fs.http.Trigger": f"{_CORE}http.Trigger",
}
UNKNOWN: Final = UnknownTrigger
