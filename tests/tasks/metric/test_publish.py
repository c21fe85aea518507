from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import Outcome
from kestrel_cli.tasks.metric.publish import PublishedMetric
from tests.support.flows import task
from tests.support.reach import ReachingContext


def published(tmp_path: Path, metrics: object, **values: Any) -> ReachingContext:
    ctx = ReachingContext(tmp_path, values)
    assert task("metric.Publish", "p", metrics=metrics).run(ctx) == Outcome()
    return ctx


def test_each_kind_is_reported(tmp_path: Path) -> None:
    metrics = [
        PublishedMetric(type="counter", name="<name>", value="<n>", tags={"a": "<name>", "b": 1}),
        PublishedMetric(type="gauge", name="g", value=1.5),
        PublishedMetric(type="timer", name="t", value="PT1M"),
        PublishedMetric(type="timer", name="t", value=2),
    ]
    ctx = published(tmp_path, metrics, name="rows", n=3)
    assert ctx.counters == [("rows", 3.0, {"a": "rows", "b": "1"})]
    assert ctx.gauges == [("g", 1.5, {})]
    assert ctx.timers == [("t", 60.0, {}), ("t", 2.0, {})]


def test_the_list_may_come_from_an_expression_whose_values_are_data(tmp_path: Path) -> None:
    said = [{"type": "counter", "name": "<x>", "value": "2", "tags": {"t": "<x>", "u": None}}]
    assert published(tmp_path, "<all>", all=said).counters == [("<x>", 2.0, {"t": "<x>"})]


def test_no_metrics_are_no_failure(tmp_path: Path) -> None:
    assert published(tmp_path, None).counters == []


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        (1, "must be a map"),
        ({"type": "counter", "name": "a"}, "Metric name and value can't be null"),
        ({"type": "counter", "name": "", "value": 1}, "Metric name and value can't be null"),
        ({"type": "counter", "name": "a", "value": "x"}, "`value` must be a number, got `x`"),
        ({"type": "gauge", "name": "a", "value": "nan"}, "`value` must be a number"),
        ({"type": "timer", "name": "a", "value": "x"}, "is not a duration"),
        ({"type": "meter", "name": "a", "value": 1}, "`type` must be counter, timer or gauge"),
        ({"type": "counter", "name": "a", "value": 1, "tags": [1]}, "`tags` must be a map"),
    ],
)
def test_what_is_no_metric_is_refused_with_its_place(
    tmp_path: Path, metric: object, words: str
) -> None:
    with pytest.raises(TaskFailed, match=rf"metrics\[0\].*{words}"):
        published(tmp_path, "<all>", all=[metric])
