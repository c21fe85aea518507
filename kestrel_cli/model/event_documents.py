"""The lines of `-o ndjson`, declared: what programs may rely on."""

from typing import Literal

from kestrel_cli.model.common import StateName
from kestrel_cli.model.documents import ExecutionDocument, TaskRunDocument
from kestrel_cli.model.fields import Model


class StartedByDocument(Model):
    """The task run that started an execution."""

    executionId: str
    taskRunId: str


class SlaDocument(Model):
    """The promise that was broken."""

    id: str
    behavior: str
    reason: str


class EventDocument(Model):
    """One line: what happened, when, in which execution; the rest is there where it has a meaning.

    `value` and `path` of a log line tell which task run of a loop has written it.
    """

    event: Literal[
        "started",
        "log",
        "begun",
        "attemptStarted",
        "attemptEnded",
        "expanded",
        "skipped",
        "stoodIn",
        "refused",
        "ended",
        "timerFired",
        "judged",
        "resumed",
        "lost",
        "called",
        "launched",
        "calledEnded",
        "followed",
        "killRequested",
        "concluded",
        "heard",
        "violated",
        "queued",
        "reopened",
        "end",
    ]
    at: str
    executionId: str
    taskRun: TaskRunDocument | None = None
    execution: ExecutionDocument | None = None
    error: str | None = None
    startedBy: StartedByDocument | None = None
    level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"] | None = None
    taskId: str | None = None
    taskRunId: str | None = None
    value: str | None = None
    path: str | None = None
    attempt: int | None = None
    message: str | None = None
    calls: int | None = None
    number: int | None = None
    called: str | None = None
    state: StateName | None = None
    follower: str | None = None
    listeners: list[int] | None = None
    again: str | None = None
    sla: SlaDocument | None = None
    restarted: list[str] | None = None
    removed: list[str] | None = None
