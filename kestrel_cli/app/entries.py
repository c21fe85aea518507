"""Log lines with the names of what they belong to."""

from typing import Any

from kestrel_cli.model.event import LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.worker.services import log_entry


def described(execution: Execution, line: LogLine) -> dict[str, Any]:
    """A log line as `errorLogs()` gives it."""
    names: dict[str, str | None] = {
        "namespace": execution.flow.namespace,
        "flowId": execution.flow.id,
        "taskId": None,
        "executionId": execution.id,
        "taskRunId": None,
    }
    if line.run is not None:
        names["taskId"] = execution.runs[line.run].task.id
        names["taskRunId"] = execution.run_id(line.run)
    return log_entry(line, names)
