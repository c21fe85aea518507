"""Task runs as JSON text, fast: 100,000 of them are a document people write.

The same as `shape.run_shape` through `json_values.Values`, ten times quicker: nearly all runs of an
execution have the same text but for two dozen values, so that text is made once for all that are
alike. `tests/reporters/test_json_runs.py` compares the two.
"""

from typing import Any, Final

from kestrel_cli.model.duration import iso_duration
from kestrel_cli.model.execution import Attempt, Execution, History, TaskRun
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.reporters.json_metrics import MetricTexts, literal
from kestrel_cli.reporters.json_values import Layout, Quote, Values, quoted
from kestrel_cli.reporters.shape import DATED

_REMEMBERED: Final = 4096

_States = tuple[str, ...]
_Tried = tuple[_States, tuple[Any, ...], bool]
"""What is alike in attempts: the states, the metrics but for their values, whether there is a log
file.
"""


class RunTexts:
    """Writes the task runs of one execution after the other; each stands `level` levels deep."""

    def __init__(
        self, execution: Execution, layout: Layout, level: int = 0, quote: Quote = quoted
    ) -> None:
        self._quote = quote
        self._values = Values(layout, quote)
        self._level = level
        self._colon = layout.colon
        self._first, self._second, self._third = (
            layout.line_break(level + deeper) for deeper in (1, 2, 3)
        )
        self.end = layout.line_break(level) + "}"
        self._metrics = MetricTexts(layout, level + 3, quote)
        dates: dict[int, str] = {}
        self._run_state = _StateTexts(layout, level + 1, dates)
        self._try_state = _StateTexts(layout, level + 3, dates)
        self.turn_to(execution)

    def turn_to(self, execution: Execution) -> None:
        """Go on with the task runs of this execution."""
        self.execution = execution
        self._alike: dict[Any, str] = {}
        self._parents: tuple[int | None, str] = (None, "")

    def text(self, run: TaskRun) -> str:
        """A whole task run."""
        return self.open(run) + self.end

    def open(self, run: TaskRun) -> str:
        """A task run without the bracket that ends it."""
        execution = self.execution
        values = [execution.run_id(run.number)]
        parent = run.parent if run.phase is not Phase.HELD else None  # onPause stands beside it
        if parent is not None:
            values.append(self._parent_id(parent))
        if run.value is not None:
            values.append(self._quote(execution.masker.mask(run.value)))
        tried = [self._attempt(attempt, values) for attempt in run.attempts]
        outputs = execution.masker.shown(run.outputs)
        if outputs:
            values.append(self._values.text(outputs, self._level + 1))
        else:
            values.append("null" if outputs is None else "{}")
        states = self._run_state.add(run.history, values)
        if run.iteration is not None:
            values.append(str(run.iteration))
        task = run.task.id
        key = (task, parent is None, run.value is None, run.iteration is None, states, *tried)
        template = self._alike.get(key)
        if template is None:
            template = self._template(
                run, has_parent=parent is not None, states=states, tried=tried
            )
            if len(self._alike) > _REMEMBERED:
                self._alike.clear()
            self._alike[key] = template
        return template % tuple(values)

    def _attempt(self, attempt: Attempt, values: list[str]) -> _Tried:
        """Add what an attempt has for itself to the values; returns what it shares with others."""
        metrics = tuple([self._metrics.add(metric, values) for metric in attempt.metrics])
        states = self._try_state.add(attempt.history, values)
        if attempt.log_file is not None:
            values.append(self._quote(attempt.log_file))
        return states, metrics, attempt.log_file is not None

    def _parent_id(self, number: int) -> str:
        known, text = self._parents
        if known != number:  # siblings mostly follow each other
            text = self.execution.run_id(number)
            self._parents = (number, text)
        return text

    def _template(
        self, run: TaskRun, *, has_parent: bool, states: _States, tried: list[_Tried]
    ) -> str:
        """The text of all runs that are alike, `%s` where each has its own."""
        flow, quote = self.execution.flow, self._quote
        owner = (
            ("executionId", self.execution.id),
            ("namespace", flow.namespace),
            ("flowId", flow.id),
            ("taskId", run.task.id),
        )
        fields = [f'"id"{self._colon}"%s"']
        fields += [self._field(name, literal(quote(value))) for name, value in owner]
        if has_parent:
            fields.append(self._field("parentTaskRunId", '"%s"'))
        if run.value is not None:
            fields.append(self._field("value", "%s"))
        if tried:
            attempts = f",{self._second}".join(map(self._attempt_template, tried))
            fields.append(self._field("attempts", f"[{self._second}{attempts}{self._first}]"))
        fields.append(self._field("outputs", "%s"))
        fields.append(self._field("state", self._run_state.template(states)))
        if run.iteration is not None:
            fields.append(self._field("iteration", "%s"))
        return f"{{{self._first}" + f",{self._first}".join(fields)

    def _attempt_template(self, tried: _Tried) -> str:
        states, metrics, has_log_file = tried
        fields = [self._field("metrics", self._metrics.template(metrics))] if metrics else []
        fields.append(self._field("state", self._try_state.template(states)))
        if has_log_file:
            fields.append(self._field("logFile", "%s"))
        return f"{{{self._third}" + f",{self._third}".join(fields) + f"{self._second}}}"

    def _field(self, name: str, value: str) -> str:
        return f'"{name}"{self._colon}{value}'


class _StateTexts:
    """Writes states that stand `level` levels deep. `dates` are remembered: the end of one run is
    the start of the next.
    """

    def __init__(self, layout: Layout, level: int, dates: dict[int, str]) -> None:
        self._colon = layout.colon
        self._breaks = tuple(layout.line_break(level + deeper) for deeper in range(4))
        self._dates = dates
        self._lengths: dict[int, str] = {}

    def add(self, history: History, values: list[str]) -> _States:
        """Add the dates of a history, and its duration, to the values; returns its states."""
        known = self._dates
        if len(known) > _REMEMBERED:
            known.clear()
        states, moments = zip(*history, strict=True)
        dates = [known.get(at) or self._date(at) for at in moments]
        values += dates
        if states[-1] in DATED:
            length = moments[-1] - moments[0]
            values += (self._lengths.get(length) or self._length(length), dates[-1], dates[0])
        else:
            values.append(dates[0])
        return states

    def _date(self, at: int) -> str:
        date = self._dates[at] = iso_instant(at)
        return date

    def _length(self, micros: int) -> str:
        if len(self._lengths) > _REMEMBERED:
            self._lengths.clear()
        text = self._lengths[micros] = iso_duration(micros * 1000)
        return text

    def template(self, states: _States) -> str:
        """The text around the dates when these are the states."""
        last, first, second, third = self._breaks
        colon = self._colon
        entries = ",".join(
            f'{second}{{{third}"state"{colon}"{state}",{third}"date"{colon}"%s"{second}}}'
            for state in states
        )
        text = f'{{{first}"current"{colon}"{states[-1]}"'
        text += f',{first}"histories"{colon}[{entries}{first}]'
        if states[-1] in DATED:
            text += f',{first}"duration"{colon}"%s",{first}"endDate"{colon}"%s"'
        return text + f',{first}"startDate"{colon}"%s"{last}}}'
