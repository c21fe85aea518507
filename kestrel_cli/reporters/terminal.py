"""The run for people: live lines, then the tree, then the causes and one line of summary."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.task import LogLevel
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.log_options import AS_USUAL, LogOptions
from kestrel_cli.reporters.logs import LogLines
from kestrel_cli.reporters.painter import write_lines
from kestrel_cli.reporters.summary import (
    allowed_lines,
    cause_lines,
    hint_lines,
    next_lines,
    summary_line,
)
from kestrel_cli.reporters.tails import NO_TAILS, Tails
from kestrel_cli.reporters.tree import Line, tree_lines

if TYPE_CHECKING:
    from kestrel_cli.reporters.ci import CiFormat


class Terminal:
    """Text on one stream. `quiet` 1: failures and the summary only; 2: nothing."""

    def __init__(
        self,
        stream: TextIO,
        style: Style,
        log_level: LogLevel = "INFO",
        quiet: int = 0,
        tails: Tails = NO_TAILS,
        ci: "CiFormat | None" = None,
        now: int | None = None,
        logs: LogOptions = AS_USUAL,
    ) -> None:
        self._tails = tails
        self._now = now
        self._stream = stream
        self._style = style
        self._quiet = quiet
        self._live = LogLines(stream, style, log_level, quiet, options=logs)
        if ci is not None:
            from kestrel_cli.reporters.ci_groups import GroupedLines

            self._live = GroupedLines(stream, style, ci, log_level, quiet, logs)

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """Its place in the live lines."""
        self._live.started(execution, parent, run)

    def on_log(self, line: LogLine, execution: Execution) -> None:
        """A line of its own."""
        self._live.on_log(line, execution)

    def on_event(self, event: Event, execution: Execution) -> None:
        """A line for failures."""
        self._live.on_event(event, execution)

    def close(self, execution: Execution, exit_code: int) -> None:
        """Everything that is said at the end."""
        self._live.end(execution)
        if self._quiet > 1:
            return
        if not self._quiet:
            if self._live.written:
                self._stream.write("\n")
            self._show(tree_lines(execution, self._style, self._tails, self._now))
            self._stream.write("\n")
        for lines in (
            list(allowed_lines(execution, self._style, self._tails)),
            list(cause_lines(execution, self._style, self._tails, alone=self._quiet > 0)),
        ):
            self._show(lines)
            if lines and not self._quiet:
                self._stream.write("\n")
        end = [summary_line(execution, self._now), *hint_lines(execution)]
        if self._style.person:
            end += next_lines(execution, self._tails)
        if self._style.wraps:
            from kestrel_cli.reporters.folding import folded_lines

            end = list(folded_lines(end, self._style))
        self._show(end)

    def _show(self, lines: Iterable[Line]) -> None:
        write_lines(lines, self._stream, self._style.colour)
