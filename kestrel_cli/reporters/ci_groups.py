"""Live lines for CI: from its twentieth line on, the log of a top-level task is a group that can be
opened. It ends before a failure, so nobody has to open anything to see that.

Whether a task fails is not known while it writes its first lines, and no line is held back for
that. Those of a short task that failed come once more as a group when the run is over, just above
the tree: in a long log that is where the failure is looked for.
"""

from collections import deque
from typing import Final, TextIO

from kestrel_cli.model.event import LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.state import State
from kestrel_cli.model.task import LEVELS, LogLevel
from kestrel_cli.reporters.ci import CiFormat
from kestrel_cli.reporters.clean import one_line
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.log_options import AS_USUAL, LogOptions
from kestrel_cli.reporters.logs import LogLines
from kestrel_cli.reporters.news import News

_LONG: Final = 20


class GroupedLines(LogLines):
    """LogLines with groups."""

    def __init__(
        self,
        stream: TextIO,
        style: Style,
        ci: CiFormat,
        level: LogLevel = "INFO",
        quiet: int = 0,
        options: LogOptions = AS_USUAL,
    ) -> None:
        super().__init__(stream, style, level, quiet, options=options)
        self._ci = ci
        self._tops: dict[str, str] = {}  # execution -> the top-level task that it belongs to
        self._counts: dict[str, int] = {}
        self._last: dict[str, deque[tuple[LogLine, Execution]]] = {}
        self._grouped: set[str] = set()
        self._open: tuple[str, int] | None = None
        self._number = 0

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        if parent is not None and run is not None:
            self._tops[execution.id] = self._top(parent, run) or ""
        super().started(execution, parent, run)

    def on_log(self, line: LogLine, execution: Execution) -> None:
        if not self._quiet and self._held is None and LEVELS[line.level] >= self._least:
            top = self._top(execution, line.run)
            self._turn_to(top, line)
            if top is not None:
                self._last.setdefault(top, deque(maxlen=_LONG + 1)).append((line, execution))
        super().on_log(line, execution)

    def end(self, execution: Execution) -> None:
        """End the group that is open, if one is; then a group for each failed task without one."""
        at = execution.history[-1][1]
        self._end(at)
        super().end(execution)
        for run in execution.runs:
            top = one_line(run.task.id)
            if run.parent is not None or run.state is not State.FAILED or top in self._grouped:
                continue
            lines = list(self._last.pop(top, ()))
            if lines:
                what = "its log" if len(lines) <= _LONG else "the end of its log"
                self._begin(top, what, at)
                for line, of in lines[-_LONG:]:
                    self._put_again(line, of)
                self._end(at)

    def _begin(self, top: str, what: str, at: int) -> None:
        self._number += 1
        self._open = (top, self._number)
        self._grouped.add(top)
        start = self._ci.group(f"{top} ({what})", self._number, at // 1_000_000)
        self._stream.write(f"{start}\n")

    def _end(self, at: int) -> None:
        if self._open is not None:
            name, number = self._open
            self._open = None
            self._stream.write(f"{self._ci.end_group(name, number, at // 1_000_000)}\n")

    def _tell(self, news: News, execution: Execution) -> None:
        if news.bad:
            self._end(news.at)
        super()._tell(news, execution)

    def _turn_to(self, top: str | None, line: LogLine) -> None:
        if self._open is not None and (self._open[0] != top or line.level == "ERROR"):
            self._end(line.at)
        if top is None or line.level == "ERROR":
            return
        count = self._counts[top] = self._counts.get(top, 0) + 1
        if count > _LONG and self._open is None:
            self._begin(top, "more of its log", line.at)

    def _top(self, execution: Execution, number: int | None) -> str | None:
        if execution.id in self._tops:
            return self._tops[execution.id]
        if number is None:
            return None
        *_, last = execution.upward(execution.runs[number])
        return one_line(last.task.id)
