"""io.kestra.plugin.core.metric.Publish"""

import math
from typing import Any, ClassVar, Literal

from kestrel_cli.tasks.base import (
    Duration,
    Dynamic,
    Model,
    Outcome,
    RunContext,
    RunnableTask,
    TaskFailed,
)
from kestrel_cli.tasks.properties.rendering import source_text


class PublishedMetric(Model):
    """A counter, gauge (numbers) or timer (a duration)."""

    type: Literal["counter", "timer", "gauge"]
    name: Dynamic[str]
    value: Dynamic[Any]
    tags: Dynamic[dict[str, Any]] | None = None


class Publish(RunnableTask):
    """Report metrics of your own: counters add up, so do timers, the last value of a gauge stays.

    `metrics` is a list of `type`, `name`, `value` and `tags`, or an expression that gives one.
    """

    metrics: Dynamic[list[PublishedMetric]] | None = None

    measures: ClassVar[dict[str, str]] = {"...": "what `metrics` lists"}

    def run(self, ctx: RunContext) -> Outcome:
        for number, metric in enumerate(ctx.items(self.metrics or [])):
            if isinstance(metric, PublishedMetric):
                _publish(ctx, number, {**_rendered(ctx, metric), "type": metric.type})
            else:
                _publish(ctx, number, metric)
        return Outcome()


def _rendered(ctx: RunContext, metric: PublishedMetric) -> dict[str, Any]:
    return {
        "name": ctx.text(metric.name),
        "value": ctx.text(metric.value),
        "tags": None if metric.tags is None else ctx.structure(metric.tags),
    }


def _publish(ctx: RunContext, number: int, metric: Any) -> None:
    where = f"metrics[{number}]"
    if not isinstance(metric, dict):
        raise TaskFailed(f"{where} must be a map with `type`, `name` and `value`")
    name, value, tags = metric.get("name"), metric.get("value"), metric.get("tags") or {}
    if not isinstance(name, str) or not name or value in (None, ""):
        raise TaskFailed(f"{where}: Metric name and value can't be null")
    if not isinstance(tags, dict):
        raise TaskFailed(f"{where}: `tags` must be a map")
    texts = {str(key): source_text(one) for key, one in tags.items() if one is not None}
    match metric.get("type"):
        case "counter":
            ctx.count(name, _number(where, value), texts)
        case "gauge":
            ctx.gauge(name, _number(where, value), texts)
        case "timer":
            ctx.time(name, _seconds(where, value), texts)
        case other:
            raise TaskFailed(f"{where}: `type` must be counter, timer or gauge, got `{other}`")


def _seconds(where: str, value: object) -> float:
    try:
        return Duration.parse(value).seconds
    except ValueError as error:
        raise TaskFailed(f"{where}: {error}") from None


def _number(where: str, value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise TaskFailed(f"{where}: `value` must be a number, got `{str(value)[:100]}`")
    return number
