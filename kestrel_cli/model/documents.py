"""The JSON document of an execution, declared: what `-o json` writes and programs may rely on."""

from typing import Any, Literal

from kestrel_cli.model.common import StateName
from kestrel_cli.model.fields import Model


class StateAt(Model):
    """A state and when it was entered."""

    state: StateName
    date: str


class StateDocument(Model):
    """A state with its history; `duration` and `endDate` once it is final, or PAUSED."""

    current: StateName
    histories: list[StateAt]
    duration: str | None = None
    endDate: str | None = None
    startDate: str


class MetricDocument(Model):
    """A counter, gauge or timer; a timer's value is a duration such as `PT0.5S`."""

    name: str
    tags: dict[str, str]
    type: Literal["counter", "gauge", "timer"]
    value: float | str


class AttemptDocument(Model):
    """One try of a task run."""

    metrics: list[MetricDocument] | None = None
    state: StateDocument
    logFile: str | None = None


class TaskRunDocument(Model):
    """One run of a task. `outputs` is always there, null before the end."""

    id: str
    executionId: str
    namespace: str
    flowId: str
    taskId: str
    parentTaskRunId: str | None = None
    value: str | None = None
    attempts: list[AttemptDocument] | None = None
    outputs: dict[str, Any] | None
    state: StateDocument
    iteration: int | None = None


class LabelDocument(Model):
    """A label."""

    key: str
    value: str


class TriggerDocument(Model):
    """What created the execution."""

    id: str | None = None
    type: str | None = None
    logFile: str | None = None
    variables: dict[str, Any] | None = None


class MetadataDocument(Model):
    """Which attempt of the execution this is, and when the first one was created."""

    attemptNumber: int
    originalCreatedDate: str


class ItemDocument(Model):
    """The value of an iteration of Loop, as text, and its number."""

    value: str
    index: int | None = None


class LoopRunDocument(Model):
    """The iteration of Loop that the execution is."""

    executionId: str | None = None
    taskId: str | None = None
    taskRunId: str | None = None
    value: str
    index: int | None = None
    key: str | None = None
    parents: list[ItemDocument]


class ErrorDocument(Model):
    """The first cause of a FAILED execution; `others` is how many more there are."""

    message: str
    taskId: str | None = None
    taskRunId: str | None = None
    path: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    logTail: list[str] | None = None
    others: int | None = None


class ExecutionDocument(Model):
    """An execution with its task runs in the order of their creation.

    `error`, `exitCode` and `schemaVersion` stand in the one that a command is about.
    """

    id: str
    namespace: str
    flowId: str
    flowRevision: int
    taskRunList: list[TaskRunDocument] | None = None
    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None
    labels: list[LabelDocument]
    variables: dict[str, Any] | None = None
    state: StateDocument
    parentId: str | None = None
    originalId: str
    trigger: TriggerDocument | None = None
    deleted: bool
    metadata: MetadataDocument
    kind: str | None = None
    loopRun: LoopRunDocument | None = None
    error: ErrorDocument | None = None
    exitCode: int | None = None
    schemaVersion: int | None = None


class RunDocument(ExecutionDocument):
    """The execution that a command is about, and in `executions` the others of the run."""

    executions: list[ExecutionDocument] | None = None
