"""Results of tasks that are used again (`taskCache`).

They are key-values of a namespace that no flow can have. The key is the digest of the task with all
its templates rendered, and of the value of the run: where anything of it changes, it runs again.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.fields import Model
from kestrel_cli.model.task import RunContext, RunnableTask
from kestrel_cli.tasks.properties.rendering import rendered

SPACE: Final = "_task_cache"
_FAKE: Final = {"workingDir": "", "outputDir": "", "outputFiles": {}}


def key_of(ctx: RunContext, task: RunnableTask) -> str | None:
    """The key of this run's result; None, with a warning, when the task can't be rendered now."""
    try:
        said = rendered(ctx.with_variables(_FAKE), _plain(task))
    except (RenderError, TaskFailed) as error:
        ctx.log("WARN", f"the result of the task is not cached: {error}")
        return None
    about = ctx.about
    whole = [about.namespace, about.flow, about.value, said]
    text = json.dumps(whole, default=str, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def cached(ctx: RunContext, key: str) -> dict[str, Any] | None:
    """The outputs of an earlier run; None when there is none that still counts."""
    found = ctx.kv.get(key, SPACE)
    if not found or not isinstance(found[0], dict):
        return None
    task = ctx.about.task
    message = (
        f"Skipping task execution for task '{task}' as there is an existing cache entry for it"
    )
    ctx.log("INFO", message)
    outputs = found[0].get("outputs")
    return outputs if isinstance(outputs, dict) else {}


def keep(
    ctx: RunContext, task: RunnableTask, key: str, outputs: Mapping[str, object] | None
) -> None:
    """Remember a result. What can't be kept is a warning."""
    try:
        assert task.taskCache is not None  # the caller has looked
        ttl = task.taskCache.ttl
        seconds = None if ttl is None else ctx.duration(ttl).seconds
        ctx.kv.set(key, {"outputs": dict(outputs or {})}, SPACE, seconds)
    except (RenderError, TaskFailed) as error:
        ctx.log("WARN", f"the result of the task is not cached: {error}")


def _plain(value: object) -> Any:
    """Properties as they stand in the file."""
    if isinstance(value, Model):
        said = {p.name: getattr(value, p.attribute) for p in value.properties.values()}
        return {name: _plain(held) for name, held in said.items() if held is not None}
    if isinstance(value, dict):
        return {key: _plain(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(held) for held in value]
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
