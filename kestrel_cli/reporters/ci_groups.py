"""Live lines for CI: from its twentieth line on, the log of a top-level task is a group that can be
opened. It ends before a failure, so nobody has to open anything to see that.
"""

from typing import Final, TextIO

from kestrel_cli.model.event import LogLine
from kestrel_cli.model.execution import Execution
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
        self._open: tuple[str, int] | None = None
        self._number = 0

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        if parent is not None and run is not None:
            self._tops[execution.id] = self._top(parent, run) or ""
        super().started(execution, parent, run)

    def on_log(self, line: LogLine, execution: Execution) -> None:
        if not self._quiet and self._held is None and LEVELS[line.level] >= self._least:
            self._turn_to(self._top(execution, line.run), line)
        super().on_log(line, execution)

    def end(self, at: int) -> None:
        self._end_group(at)
        super().end(at)

    def _end_group(self, at: int) -> None:
        """End the group that is open, if one is."""
        if self._open is not None:
            name, number = self._open
            self._open = None
            self._stream.write(f"{self._ci.end_group(name, number, at // 1_000_000)}\n")

    def _tell(self, news: News, execution: Execution) -> None:
        if news.bad:
            self._end_group(news.at)
        super()._tell(news, execution)

    def _turn_to(self, top: str | None, line: LogLine) -> None:
        if self._open is not None and (self._open[0] != top or line.level == "ERROR"):
            self._end_group(line.at)
        if top is None or line.level == "ERROR":
            return
        count = self._counts[top] = self._counts.get(top, 0) + 1
        if count > _LONG and self._open is None:
            self._number += 1
            self._open = (top, self._number)
            start = self._ci.group(f"{top} (more of its log)", self._number, line.at // 1_000_000)
            self._stream.write(f"{start}\n")

    def _top(self, execution: Execution, number: int | None) -> str | None:
        if execution.id in self._tops:
            return self._tops[execution.id]
        if number is None:
            return None
        *_, last = execution.upward(execution.runs[number])
        return one_line(last.task.id)
