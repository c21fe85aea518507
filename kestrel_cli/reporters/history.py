"""Executions of the past: a list of them, one of them as `run` shows it, its log.

Three tables of forms. A log is read back by telling a reporter of `LOGS` the journal's entries
again, each with its execution as it was then; so it reads as it did live.
"""

import io
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TextIO

from kestrel_cli.model.duration import iso_duration
from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.history import Summary
from kestrel_cli.model.merging import without_nulls
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import State
from kestrel_cli.model.task import LogLevel
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.reporters.cells import cells
from kestrel_cli.reporters.clean import one_line
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.json_values import Layout, Values, quote_for
from kestrel_cli.reporters.log_options import LogOptions
from kestrel_cli.reporters.logs import LogLines
from kestrel_cli.reporters.ndjson import NdjsonReporter
from kestrel_cli.reporters.outputs import OUTPUTS, Sinks
from kestrel_cli.reporters.painter import write_lines
from kestrel_cli.reporters.shape import Shape
from kestrel_cli.reporters.spans import span_text
from kestrel_cli.reporters.style import ASCII, LOOKS, UNICODE, Look

if TYPE_CHECKING:
    from kestrel_cli.reporters.tree import Line

_HEADS: Final = ("ID", "FLOW", "STATE", "STARTED", "DURATION", "TASK RUNS")
_ROLES: Final = ("plain", "name", "plain", "time", "plain", "plain")
_ID, _FLOW, _STATE, _RUNS = 0, 1, 2, 5
_LOST: Final = Look("warning", "?", "?")  # of an execution whose process died
_GAP: Final = "  "
_LEAST_FLOW: Final = 12  # columns that the name of a flow keeps on a narrow terminal
_LEAST_ID: Final = 10
_LEAST_COLUMNS: Final = 3

LocalTime = Callable[[float], time.struct_time]


def show(execution: Execution, form: str, sinks: Sinks, exit_code: int) -> None:
    """One execution, as `run` shows it at its end; which one is last, nobody knows."""
    sinks = changed(sinks, out_style=changed(sinks.out_style, person=False))
    OUTPUTS[form](sinks).close(execution, exit_code)


def code_of(state: str) -> int:
    """The exit code that a run with this final state had."""
    return 0 if state in ("SUCCESS", "WARNING", "PAUSED") else 1


def write_table(
    summaries: Sequence[Summary],
    stream: TextIO,
    style: Style,
    localtime: LocalTime = time.localtime,
) -> None:
    """A line for each execution, in the order given."""
    rows = [_row(one, style, localtime) for one in summaries]
    if not rows:
        write_lines([[("dim", "no executions")]], stream, style.colour)
        return
    widths = [max(map(cells, column)) for column in zip(_HEADS, *rows, strict=True)]
    if style.wraps:
        widths = _fitted(widths, style.width)
    gap = (UNICODE if style.unicode else ASCII).gap
    lines = [_line(_HEADS, ("dim",) * len(_HEADS), widths, gap)]
    for one, row in zip(summaries, rows, strict=True):
        roles = list(_ROLES)
        roles[_STATE] = _look(one).role
        lines.append(_line(row, roles, widths, gap))
    write_lines(lines, stream, style.colour)


def _fitted(widths: Sequence[int], width: int) -> list[int]:
    """Columns that fit: less of the flow, less of the id (its beginning serves as well), and then
    fewer of them.
    """
    found = list(widths)
    for at, least in ((_FLOW, _LEAST_FLOW), (_ID, _LEAST_ID)):
        found[at] = max(found[at] - max(_whole(found) - width, 0), min(found[at], least))
    while len(found) > _LEAST_COLUMNS and _whole(found) > width:
        found.pop()
    return found


def _whole(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _row(one: Summary, style: Style, localtime: LocalTime) -> list[str]:
    look = _look(one)
    started = time.strftime("%Y-%m-%d %H:%M:%S", localtime(one.started_at // 1_000_000))
    return [
        one_line(one.id),
        one_line(f"{one.namespace}.{one.flow_id}"),
        f"{look.glyph if style.unicode else look.ascii} {one_line(one.state)}",
        started,
        "" if one.ended_at is None else span_text(one.ended_at - one.started_at),
        "" if one.runs is None else f"{one.runs:,}",
    ]


def _look(one: Summary) -> Look:
    return LOOKS[State(one.state)] if one.state in State.__members__ else _LOST


def _line(texts: Sequence[str], roles: Sequence[str], widths: Sequence[int], gap: str) -> "Line":
    line: Line = []
    for at, (text, role, width) in enumerate(zip(texts, roles, widths, strict=False)):
        shown = _end_of(text, width, gap) if at == _FLOW else text[:width] if at == _ID else text
        pad = " " * (width - cells(shown))
        shown = pad + shown if at == _RUNS else shown + pad
        line.append((role, f"{_GAP if at else ''}{shown}"))
    return line


def _end_of(text: str, width: int, gap: str) -> str:
    """`text` in `width` columns: its end says more than its beginning."""
    if cells(text) <= width:
        return text
    while cells(text) > width - len(gap):
        text = text[1:]
    return gap + text


def write_list_json(summaries: Sequence[Summary], stream: TextIO) -> None:
    """One JSON list; the fields are named as in an execution."""
    values = Values(Layout(2), quote_for(stream))
    stream.writelines(values.pieces([_shape(one) for one in summaries]))
    stream.write("\n")
    stream.flush()


def _shape(one: Summary) -> Shape:
    state: Shape = {"current": one.state}
    if one.ended_at is not None:
        state["duration"] = iso_duration((one.ended_at - one.started_at) * 1000)
        state["endDate"] = iso_instant(one.ended_at)
    state["startDate"] = iso_instant(one.started_at)
    shape: Shape = {
        "id": one.id,
        "namespace": one.namespace,
        "flowId": one.flow_id,
        "state": state,
        "taskRunCount": one.runs,
        "file": one.file,
    }
    whole: Shape = without_nulls(shape)
    return whole


LISTS: Final[Mapping[str, Callable[[Sequence[Summary], Sinks], None]]] = {
    "table": lambda summaries, sinks: write_table(summaries, sinks.out, sinks.out_style),
    "json": lambda summaries, sinks: write_list_json(summaries, sinks.out),
}


class Logs:
    """The live lines of an execution, and nothing at its end."""

    def __init__(self, lines: LogLines) -> None:
        self._lines = lines

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """Its place in the lines."""
        self._lines.started(execution, parent, run)

    def on_log(self, line: LogLine, execution: Execution) -> None:
        self._lines.on_log(line, execution)

    def on_event(self, event: Event, execution: Execution) -> None:
        """A line for what is news."""
        self._lines.on_event(event, execution)

    def close(self, execution: Execution, exit_code: int) -> None:
        """What was kept back until it was known what follows."""
        self._lines.end(execution)


class NdjsonLogs:
    """Log entries as JSON objects, one on each line."""

    def __init__(self, lines: NdjsonReporter) -> None:
        self._lines = lines

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """Nothing: each line names its execution."""

    def on_log(self, line: LogLine, execution: Execution) -> None:
        self._lines.on_log(line, execution)

    def on_event(self, event: Event, execution: Execution) -> None:
        """Nothing."""

    def close(self, execution: Execution, exit_code: int) -> None:
        """Nothing."""


def _text_logs(sinks: Sinks) -> Reporter:
    options = LogOptions(folds=False, live=False)  # the whole log
    return Logs(LogLines(sinks.out, sinks.out_style, sinks.log_level, sinks.quiet, options=options))


class JsonLogs:
    """Log entries as one JSON list."""

    def __init__(self, stream: TextIO, level: LogLevel) -> None:
        self._stream = stream
        self._lines = io.StringIO()
        self._entries = NdjsonLogs(NdjsonReporter(self._lines, level))

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """Nothing: each entry names its execution."""

    def on_log(self, line: LogLine, execution: Execution) -> None:
        self._entries.on_log(line, execution)

    def on_event(self, event: Event, execution: Execution) -> None:
        """Nothing."""

    def close(self, execution: Execution, exit_code: int) -> None:
        """The list."""
        entries = self._lines.getvalue().splitlines()
        self._stream.write("[" + ",".join(f"\n  {entry}" for entry in entries) + "\n]\n")
        self._stream.flush()


def _json_logs(sinks: Sinks) -> Reporter:
    return JsonLogs(sinks.out, sinks.log_level)


def _ndjson_logs(sinks: Sinks) -> Reporter:
    return NdjsonLogs(NdjsonReporter(sinks.out, sinks.log_level))


LOGS: Final[Mapping[str, Callable[[Sinks], Reporter]]] = {
    "text": _text_logs,
    "json": _json_logs,
    "ndjson": _ndjson_logs,
}
