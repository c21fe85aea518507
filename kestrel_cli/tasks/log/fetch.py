"""io.kestra.plugin.core.log.Fetch"""

from collections.abc import Iterator
from typing import ClassVar

from kestrel_cli.tasks.base import (
    LEVELS,
    Dynamic,
    Entry,
    LogLevel,
    Outcome,
    RunContext,
    RunnableTask,
    TaskFailed,
)


class Fetch(RunnableTask):
    """Write the log entries of an execution, of this one when none is named, into an Ion file.

    The output `size` is their number, `uri` the address of the file. With `tasksId` the entries
    come task by task. Deprecated in Kestra.
    """

    namespace: Dynamic[str] | None = None
    flowId: Dynamic[str] | None = None
    executionId: Dynamic[str] | None = None
    tasksId: Dynamic[list[str]] | None = None
    level: Dynamic[LogLevel] = "INFO"

    gives: ClassVar[dict[str, str]] = {
        "size": "how many entries there are",
        "uri": "the address of the file of entries (Ion)",
    }

    def run(self, ctx: RunContext) -> Outcome:
        from kestrel_cli.tasks.base import ion

        least = LEVELS[ctx.level(self.level)]
        wanted: set[str] = {name for name, rank in LEVELS.items() if rank >= least}
        size = 0
        with ctx.files.create(".ion") as file:
            for entry in self._entries(ctx):
                if entry.level in wanted:
                    file.stream.write(
                        ion.write(_described(entry)).encode("utf-8", "replace") + b"\n"
                    )
                    size += 1
        return Outcome({"size": size, "uri": file.uri})

    def _entries(self, ctx: RunContext) -> Iterator[Entry]:
        execution = ctx.text(self.executionId) or None
        flow = _flow(ctx.text(self.namespace), ctx.text(self.flowId), execution)
        tasks: list[str | None] = [ctx.text(one) for one in ctx.items(self.tasksId or [])]
        for wanted in tasks or [None]:
            for entry in ctx.logged.entries(execution):
                if wanted in (None, entry.task) and flow in (None, (entry.namespace, entry.flow)):
                    yield entry


def _flow(namespace: str, flow: str, execution: str | None) -> tuple[str, str] | None:
    """The flow that the execution has to be of."""
    if not namespace and not flow:
        return None
    if execution is None:
        raise TaskFailed("`namespace` and `flowId` should only be set when `executionId` is set.")
    if not namespace or not flow:
        raise TaskFailed("Both `namespace` and `flowId` must be set when `executionId` is set.")
    return namespace, flow


def _described(entry: Entry) -> dict[str, object]:
    """The entry in Kestra's shape, without what is not known."""
    found = {
        "namespace": entry.namespace,
        "flowId": entry.flow,
        "taskId": entry.task,
        "executionId": entry.execution,
        "taskRunId": entry.task_run,
        "attemptNumber": entry.attempt,
        "timestamp": entry.at,
        "level": entry.level,
        "message": entry.message,
    }
    return {name: value for name, value in found.items() if value is not None}
