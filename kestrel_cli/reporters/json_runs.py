"""Task runs as JSON text, fast: 100,000 of them are a document people write.

The same as `shape.run_shape` through `json_values.Values`, five times quicker: everything that
repeats is joined once, what is left is put between. `tests/reporters/test_json_runs.py` compares
the two.
"""

from typing import Final

from kestrel_cli.model.duration import iso_duration
from kestrel_cli.model.execution import Execution, History, TaskRun
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.reporters.json_metrics import MetricTexts
from kestrel_cli.reporters.json_values import Layout, Quote, Values, quoted
from kestrel_cli.reporters.shape import DATED

_REMEMBERED: Final = 4096


class RunTexts:
    """Writes the task runs of one execution after the other; each stands `level` levels deep."""

    def __init__(
        self, execution: Execution, layout: Layout, level: int = 0, quote: Quote = quoted
    ) -> None:
        self._quote = quote
        self._values = Values(layout, quote)
        self._level = level
        colon = layout.colon
        first, second, third = (layout.line_break(level + deeper) for deeper in (1, 2, 3))
        self._item, self._in_item = second, third
        self.end = layout.line_break(level) + "}"
        self._owner_parts = (
            f'",{first}"executionId"{colon}',
            f',{first}"namespace"{colon}',
            f',{first}"flowId"{colon}',
            f',{first}"taskId"{colon}',
        )
        self._id = f'{{{first}"id"{colon}"'
        self._parent = f',{first}"parentTaskRunId"{colon}"'
        self._value = f',{first}"value"{colon}'
        self._attempts = f',{first}"attempts"{colon}[{second}'
        self._attempt = f"{{{third}"
        self._next_attempt = f",{second}"
        self._attempt_state = f'"state"{colon}'
        self._metric_texts = MetricTexts(layout, level + 3, quote)
        self._metrics = f'"metrics"{colon}'
        self._log_file = f',{third}"logFile"{colon}'
        self._attempts_end = f"{first}]"
        self._outputs = f',{first}"outputs"{colon}'
        self._state = f',{first}"state"{colon}'
        self._iteration = f',{first}"iteration"{colon}'
        self._run_state = _StateTexts(layout, level + 1)
        self._try_state = _StateTexts(layout, level + 3)
        self.turn_to(execution)

    def turn_to(self, execution: Execution) -> None:
        """Go on with the task runs of this execution."""
        quote, flow = self._quote, execution.flow
        execution_id, namespace, flow_id, task_id = self._owner_parts
        self.execution = execution
        self._owner = (
            f"{execution_id}{quote(execution.id)}{namespace}{quote(flow.namespace)}"
            f"{flow_id}{quote(flow.id)}{task_id}"
        )
        self._task_ids: dict[str, str] = {}
        self._parents: tuple[int | None, str] = (None, "")

    def text(self, run: TaskRun) -> str:
        """A whole task run."""
        parts = self._parts(run)
        parts.append(self.end)
        return "".join(parts)

    def open(self, run: TaskRun) -> str:
        """A task run without the bracket that ends it."""
        return "".join(self._parts(run))

    def _parts(self, run: TaskRun) -> list[str]:
        task_id = run.task.id
        owner = self._task_ids.get(task_id)
        if owner is None:
            owner = self._task_ids[task_id] = self._owner + self._quote(task_id)
        parts = [self._id, self.execution.run_id(run.number), owner]
        if run.parent is not None and run.phase is not Phase.HELD:  # onPause stands beside it
            parts.append(self._parent_text(run.parent))
        if run.value is not None:
            parts += (self._value, self._quote(self.execution.masker.mask(run.value)))
        if run.attempts:
            self._add_attempts(run, parts)
        parts.append(self._outputs)
        outputs = self.execution.masker.shown(run.outputs)
        if outputs:
            parts.append(self._values.text(outputs, self._level + 1))
        else:
            parts.append("null" if outputs is None else "{}")
        parts.append(self._state)
        parts.append(self._run_state.text(run.history))
        if run.iteration is not None:
            parts.append(f"{self._iteration}{run.iteration}")
        return parts

    def _parent_text(self, number: int) -> str:
        known, text = self._parents
        if known != number:  # siblings mostly follow each other
            text = f'{self._parent}{self.execution.run_id(number)}"'
            self._parents = (number, text)
        return text

    def _add_attempts(self, run: TaskRun, parts: list[str]) -> None:
        before = self._attempts
        for attempt in run.attempts:
            parts += (before, self._attempt)
            if attempt.metrics:
                text = self._metric_texts.text(attempt.metrics)
                parts += (self._metrics, text, ",", self._in_item)
            parts.append(self._attempt_state)
            parts.append(self._try_state.text(attempt.history))
            if attempt.log_file is not None:
                parts += (self._log_file, self._quote(attempt.log_file))
            parts += (self._item, "}")
            before = self._next_attempt
        parts.append(self._attempts_end)


class _StateTexts:
    """Writes states that stand `level` levels deep."""

    def __init__(self, layout: Layout, level: int) -> None:
        colon = layout.colon
        self._colon = colon
        self._breaks = tuple(layout.line_break(level + deeper) for deeper in range(4))
        self._around: dict[tuple[str, ...], tuple[str, bool]] = {}
        self._known: dict[int, str] = {}

    def text(self, history: History) -> str:
        """The state object of a history."""
        known = self._known
        if len(known) > _REMEMBERED:
            known.clear()
        values = []
        for _, at in history:
            date = known.get(at)
            if date is None:  # the end of one run is the start of the next
                date = known[at] = iso_instant(at)
            values.append(date)
        states = tuple([state for state, _ in history])
        around = self._around.get(states) or self._remember(states)
        if around[1]:
            values += (iso_duration((history[-1][1] - history[0][1]) * 1000), values[-1])
        values.append(values[0])
        return around[0] % tuple(values)

    def _remember(self, states: tuple[str, ...]) -> tuple[str, bool]:
        """What stands around the dates when these are the states, `%s` for each date; and whether
        a duration and the last date come before the first date. Most runs have the same few.
        """
        last, first, second, third = self._breaks
        colon = self._colon
        entries = ",".join(
            f'{second}{{{third}"state"{colon}"{state}",{third}"date"{colon}"%s"{second}}}'
            for state in states
        )
        dated = states[-1] in DATED
        text = f'{{{first}"current"{colon}"{states[-1]}"'
        text += f',{first}"histories"{colon}[{entries}{first}]'
        if dated:
            text += f',{first}"duration"{colon}"%s",{first}"endDate"{colon}"%s"'
        text += f',{first}"startDate"{colon}"%s"{last}}}'
        if len(self._around) > _REMEMBERED:
            self._around.clear()
        found = self._around[states] = (text, dated)
        return found
