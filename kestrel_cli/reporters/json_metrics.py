"""Metrics of attempts as JSON text, fast: what repeats from run to run is joined once."""

from typing import Final

from kestrel_cli.model.task import Metric
from kestrel_cli.reporters.json_values import Layout, Quote, Values
from kestrel_cli.reporters.shape import metric_shape, metric_value

_REMEMBERED: Final = 1024
_MARK: Final = "0a1b2c3d"  # stands for the value while the text around it is made


class MetricTexts:
    """Writes the list of metrics of an attempt; the list stands `level` levels deep."""

    def __init__(self, layout: Layout, level: int, quote: Quote) -> None:
        self._values = Values(layout, quote)
        self._level = level
        self._open = f"[{layout.line_break(level + 1)}"
        self._between = f",{layout.line_break(level + 1)}"
        self._close = f"{layout.line_break(level)}]"
        self._known: dict[tuple[str, str, tuple[tuple[str, str], ...]], tuple[str, str]] = {}

    def text(self, metrics: list[Metric] | tuple[()]) -> str:
        """The list."""
        return f"{self._open}{self._between.join(map(self._text, metrics))}{self._close}"

    def _text(self, metric: Metric) -> str:
        key = (metric.kind, metric.name, tuple(metric.tags.items()))
        around = self._known.get(key)
        if around is None:
            around = self._around(metric)
            if len(self._known) < _REMEMBERED:
                self._known[key] = around
        return f"{around[0]}{self._values.text(metric_value(metric))}{around[1]}"

    def _around(self, metric: Metric) -> tuple[str, str]:
        """What stands before and after the value."""
        shape = {**metric_shape(metric), "value": _MARK}
        before, _, after = self._values.text(shape, self._level + 1).rpartition(f'"{_MARK}"')
        return before, after
