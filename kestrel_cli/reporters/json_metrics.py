"""Metrics of attempts as JSON text, fast: what repeats from run to run is joined once."""

from collections.abc import Iterable

from kestrel_cli.model.task import Metric
from kestrel_cli.reporters.json_values import Layout, Quote, Values
from kestrel_cli.reporters.shape import metric_shape, metric_value

_MARK = "0a1b2c3d"  # stands for the value while the text around it is made
_Alike = tuple[str, str, tuple[tuple[str, str], ...]]
"""A metric but for its value: kind, name, tags."""


class MetricTexts:
    """Writes the list of metrics of an attempt; the list stands `level` levels deep."""

    def __init__(self, layout: Layout, level: int, quote: Quote) -> None:
        self._values = Values(layout, quote)
        self._level = level
        self._open = f"[{layout.line_break(level + 1)}"
        self._between = f",{layout.line_break(level + 1)}"
        self._tags: dict[str, str] = {}
        self._items: tuple[tuple[str, str], ...] = ()
        self._close = f"{layout.line_break(level)}]"

    def add(self, metric: Metric, values: list[str]) -> _Alike:
        """Add the value of a metric to the values; returns what it shares with others."""
        value = metric_value(metric)
        if type(value) is str:
            values.append(f'"{value}"')
        else:
            text = repr(value)
            values.append(text if text[-1].isdigit() else self._values.text(value))  # nan, inf
        if metric.tags is not self._tags:  # task runs of one task share them
            self._tags, self._items = metric.tags, tuple(metric.tags.items())
        return metric.kind, metric.name, self._items

    def template(self, metrics: Iterable[_Alike]) -> str:
        """The list, `%s` for each value."""
        return f"{self._open}{self._between.join(map(self._around, metrics))}{self._close}"

    def _around(self, alike: _Alike) -> str:
        kind, name, tags = alike
        shape = {**metric_shape(Metric(kind, name, 0.0, dict(tags))), "value": _MARK}  # type: ignore[arg-type]  # it was one's
        before, _, after = self._values.text(shape, self._level + 1).rpartition(f'"{_MARK}"')
        return f"{literal(before)}%s{literal(after)}"


def literal(text: str) -> str:
    """A text that stands for itself among those with `%s`."""
    return text.replace("%", "%%")
