"""What the `...Execution` notifications tell of an execution."""

import time
from typing import Any

from kestrel_cli.tasks.base import RunContext, TaskFailed, clock_duration, fresh, record


@record
class ExecutionFacts:
    """An execution in short. `failed` and `last` are task ids; `started` is in seconds."""

    namespace: str
    flow: str
    id: str
    state: str
    started: float | None = None
    failed: str | None = None
    last: str | None = None
    message: str | None = None
    fields: dict[str, Any] = fresh(factory=dict)

    @property
    def title(self) -> str:
        """One line that names it and its state."""
        return f"[{self.namespace}] {self.flow} ➛ {self.state}"

    @property
    def verdict(self) -> str:
        """How it went, and for how long."""
        if self.failed is not None:
            said = f"Failed on task `{self.failed}`"
        else:
            said = "Failed" if self.state in ("FAILED", "KILLED") else "Succeeded"
        if self.started is None:
            return said
        nanos = round(max(time.time() - self.started, 0) * 1e9)
        return f"{said} after {clock_duration(nanos)}"

    @property
    def entries(self) -> list[tuple[str, str]]:
        """The facts by name, the flow's own fields too."""
        found = [
            ("Namespace", self.namespace),
            ("Flow ID", self.flow),
            ("Execution ID", self.id),
            ("Execution Status", self.state),
            *((name, str(value)) for name, value in self.fields.items()),
        ]
        return found + ([("Final task ID", self.last)] if self.last is not None else [])


def facts_of(ctx: RunContext, execution: object, message: object, fields: object) -> ExecutionFacts:
    """Render the three properties and look the execution up: the running one, or the one that a
    flow trigger was fired by. Raises TaskFailed for another.
    """
    wanted = ctx.text(execution)
    about = ctx.about
    custom = {} if fields is None else ctx.structure(fields)
    said = None if message is None else ctx.text(message)
    if wanted == about.execution:
        failed = ctx.typed("{{ tasksWithState('FAILED') }}")
        passed = ctx.typed("{{ tasksWithState('SUCCESS') }}")
        return ExecutionFacts(
            about.namespace,
            about.flow,
            wanted,
            ctx.text("{{ execution.state }}"),
            float(ctx.text("{{ execution.startDate | timestampMilli }}")) / 1000,
            failed[-1]["taskId"] if failed else None,
            next((run["taskId"] for run in (failed or passed)[-1:]), None),
            said,
            custom,
        )
    trigger = ctx.typed("{{ trigger ?? null }}")
    if not isinstance(trigger, dict) or str(trigger.get("executionId")) != wanted:
        raise TaskFailed(
            f"Unable to find execution '{wanted}': only the running execution is known here, and "
            "the one in the trigger variable `executionId`"
        )
    space, flow, state = (str(trigger.get(name, "?")) for name in ("namespace", "flowId", "state"))
    return ExecutionFacts(space, flow, wanted, state, message=said, fields=custom)
