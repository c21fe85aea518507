"""What tasks that start executions share: labels, inputs, and the state an execution leaves."""

from typing import Any

from kestrel_cli.tasks.base import CallResult, RunContext, State, Task, TaskFailed, tolerated
from kestrel_cli.tasks.properties.rendering import rendered

_TRANSMITTED = {State.FAILED: "ERROR", State.KILLED: "ERROR", State.WARNING: "WARN"}


def call_labels(ctx: RunContext, labels: object) -> list[tuple[str, str]]:
    """Labels as a task says them, rendered: a map, or a list of maps with `key` and `value`."""
    if labels is None:
        return []
    if isinstance(labels, dict):
        pairs: list[tuple[object, object]] = list(labels.items())
    elif isinstance(labels, list) and all(isinstance(one, dict) for one in labels):
        pairs = [(one.get("key"), one.get("value")) for one in labels]
    else:
        raise TaskFailed("`labels` must be a map, or a list of maps with `key` and `value`")
    found = [(ctx.text(key), ctx.text(value)) for key, value in pairs]
    for key, value in found:
        if key.startswith("system."):
            raise TaskFailed(
                f"System labels can only be set by Kestra itself, offending label: {key}={value}"
            )
    return found


def call_inputs(ctx: RunContext, inputs: object) -> dict[str, Any]:
    """The inputs of an execution: every text in them rendered, a lone expression typed."""
    if inputs is None:
        return {}
    if not isinstance(inputs, dict):
        raise TaskFailed("`inputs` must be a map of names to values")
    return {ctx.text(name): rendered(ctx, value) for name, value in inputs.items()}


def transmitted(ctx: RunContext, task: Task, called: CallResult, *, wanted: bool) -> State:
    """What the state of an execution makes of the task run; the log tells what is left of it once
    allowFailure and allowWarning were looked at.
    """
    if called.error is not None:
        return State.FAILED
    if not wanted or called.state not in _TRANSMITTED:
        return State.SUCCESS
    state = tolerated(task, called.state)
    level = _TRANSMITTED.get(state, "INFO")
    ctx.log(
        level,  # type: ignore[arg-type]  # a level
        f"Subflow execution {called.call.link(called.execution)} ends in {state} state",
    )
    return called.state
