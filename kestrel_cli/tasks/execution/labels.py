"""io.kestra.plugin.core.execution.Labels"""

import json
from typing import Any, ClassVar

from kestrel_cli.tasks.base import Change, Dynamic, Outcome, RunContext, RunnableTask, TaskFailed


class Labels(RunnableTask):
    """Give the execution labels: a map, a list of `key` and `value`, or an expression with one."""

    labels: Dynamic[Any]

    by_engine: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        added = dict(_pair(ctx, key, value) for key, value in _pairs(ctx, self.labels))
        kept = [pair for pair in ctx.labels() if pair[0] not in added]
        return Outcome(change=Change(labels=[*kept, *added.items()]))


def _pairs(ctx: RunContext, said: object) -> list[tuple[object, object]]:
    if isinstance(said, str):
        text = ctx.text(said)
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            raise TaskFailed(f"the labels must be a map or a list as JSON, got: {text}") from None
    if isinstance(said, dict):
        return list(said.items())
    if isinstance(said, list) and all(isinstance(one, dict) and "key" in one for one in said):
        return [(one["key"], one.get("value")) for one in said]
    raise TaskFailed("the labels must be a map, or a list of maps with `key` and `value`")


def _pair(ctx: RunContext, key: object, value: object) -> tuple[str, str]:
    name, text = ctx.text(key), ctx.text(value)
    if not name or not text:
        raise TaskFailed(f"Label values cannot be empty, offending label: {name}")
    if name.startswith("system."):
        raise TaskFailed(
            f"System labels can only be set by Kestra itself, offending label: {name}={text}"
        )
    return name, text
