"""The state that a flow leaves for its next executions: a map in the key-value store."""

import re
from hashlib import sha256
from typing import Any

from kestrel_cli.tasks.base import Dynamic, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.properties.keys import checked_key


class StateTask(RunnableTask):
    """Which state a task means: one for each name, flow and loop value.

    With `namespace` all flows of the namespace share it, without `taskrunValue` all loop values.
    """

    name: Dynamic[str] = "default"
    namespace: Dynamic[bool] = False
    taskrunValue: Dynamic[bool] = True


def state_key(ctx: RunContext, task: StateTask) -> str:
    """The key of the state in the flow's own namespace."""
    flow = "" if ctx.boolean(task.namespace) else f"{_slug(ctx.about.flow)}_"
    value = ctx.about.value if ctx.boolean(task.taskrunValue) else None
    apart = "" if value is None else f"_{sha256(value.encode('utf-8', 'replace')).hexdigest()[:32]}"
    return checked_key(ctx, f"{flow}states_tasks-states_{ctx.text(task.name)}{apart}")


def state_of(ctx: RunContext, key: str) -> dict[str, Any] | None:
    """The state that is there, None when there is none. Raises TaskFailed for what is no map."""
    found = ctx.kv.get(key, ctx.about.namespace)
    if not found:
        return None
    if not isinstance(found[0], dict):
        raise TaskFailed(f"the key `{key}` holds no state: it is no map")
    return found[0]


def _slug(flow: str) -> str:
    kept = re.sub(r"[^\w-]", "", flow, flags=re.ASCII).replace("_", "-")
    return re.sub(r"-+", "-", kept).strip("-").lower()
