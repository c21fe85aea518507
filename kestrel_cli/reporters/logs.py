"""Live lines: one for each log entry, each failed attempt and what else is news.

    12:01:07.123 INFO  foreach[2/3] > log    hello caseB
    12:01:07.300 FAIL  foreach[2/3] > shell  exit code 2 (attempt 1 of 3, next in 5s)
    12:01:12.450 INFO  sub > [other] > log   hello from the flow that `sub` runs

Further lines of a message stand under its first one behind a margin: a CI system reads a line that
begins with blanks and `::` as a command, behind a margin it does not.
"""

import time
from collections.abc import Callable
from typing import Final, TextIO

from kestrel_cli.model.event import AttemptEnded, Event, Expanded, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import LEVELS, LogLevel
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.family import followed
from kestrel_cli.reporters.held_lines import HeldLines
from kestrel_cli.reporters.log_entry import Entry
from kestrel_cli.reporters.log_layout import layout_for
from kestrel_cli.reporters.log_options import AS_USUAL, LogOptions
from kestrel_cli.reporters.log_places import Places
from kestrel_cli.reporters.news import News, follows, news_of
from kestrel_cli.reporters.repeats import Repeats

_Name = tuple[str, int | None]  # an execution and a task run of it
_Told = tuple[LogLine, Execution]

_ENDS_AT_ONCE: Final = "io.kestra.plugin.core.execution.Fail"
_SAYS_NOTHING: Final = "Task failure"  # of a Fail to which the flow gives no message
_FOLDED: Final = ("ERROR", "WARN", "FAIL")
_BAD: Final = (State.FAILED, State.KILLED)
_SILENT: Final = 2  # so often `--quiet`: nothing is told
_UNFOLDED: Final = 2  # so often `--verbose`: nothing is counted only


class LogLines:
    """Writes live lines to `stream`. `quiet`: 0 everything, 1 failures only, 2 nothing."""

    def __init__(
        self,
        stream: TextIO,
        style: Style,
        level: LogLevel = "INFO",
        quiet: int = 0,
        localtime: Callable[[float], time.struct_time] = time.localtime,
        options: LogOptions = AS_USUAL,
    ) -> None:
        self.written = 0
        self._stream = stream
        self._flushes = not getattr(stream, "line_buffering", False)
        self._style = style
        self._least = LEVELS[level]
        self._quiet = quiet
        self._options = options
        self._places = Places()
        self._layout = layout_for(style, options.form, localtime)
        self._told: tuple[str, int | None, str] | None = None  # the last ERROR or WARN entry shown
        self._ends: dict[_Name, list[_Told]] = {}  # errors that may be why an attempt ends
        folds = options.folds and options.form != "json" and options.verbose < _UNFOLDED
        self._repeats = Repeats() if folds else None
        self._held = HeldLines() if options.on == "failure" else None

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """Remember where an execution stands; one that follows another one has a line."""
        self._places.started(execution, parent, run)
        if followed(execution) and len(execution.history) == 1:
            self._tell(follows(execution), execution)

    def on_log(self, line: LogLine, execution: Execution) -> None:
        """One log entry, unless it is below the level."""
        if LEVELS[line.level] < self._least or (self._quiet and line.level != "ERROR"):
            return
        if line.level != "ERROR" and not self._ends:  # nearly always
            self._hear(line, execution)
            return
        may_end = line.ends or not self._options.live
        name = (execution.id, line.run)
        if self._ends and not (may_end and name in self._ends and _ends_soon(line, execution)):
            self._release(name)
        if line.level == "ERROR" and (may_end or _ends_soon(line, execution)):
            self._ends.setdefault(name, []).append((line, execution))
        else:
            self._hear(line, execution)

    def on_event(self, event: Event, execution: Execution) -> None:
        """One line for bad news and for what makes the user wait; everything else is silent."""
        if isinstance(event, Expanded):
            self._places.opened(event.run, event.lanes, execution)
        ended = event if isinstance(event, AttemptEnded) else None
        done = ended is not None and ended.state not in _BAD
        news = None if done else news_of(event, execution)
        if news is None and self._options.verbose:
            from kestrel_cli.reporters.more_news import more_of

            news = more_of(event, execution, self._options.verbose)
        if news is not None:
            self._tell(news, execution)
        elif self._ends:
            self._release((execution.id, getattr(event, "run", None)))
        if ended is None:
            return
        if done and self._held is not None:
            self._held.take(ended.run, execution)
        if self._repeats is not None:
            for entry, path in self._repeats.ended(event.at):
                self._put(entry, path)

    def end(self, execution: Execution) -> None:
        """No further line comes: what was kept back is told."""
        at = execution.history[-1][1]
        for name in list(self._ends):
            self._release(name)
        if self._held is not None:
            for one, run in self._held.left():
                if one.runs[run].state in _BAD:
                    self._release_held(run, one)
        if self._repeats is not None:
            for entry, path in self._repeats.ended(at, all_loops=True):
                self._put(entry, path)

    def close(self, execution: Execution) -> None:
        """The run is over; say how to go on, if that can be."""
        self.end(execution)
        if self._quiet < 2 and execution.state not in TERMINAL:
            from kestrel_cli.reporters.painter import write_lines
            from kestrel_cli.reporters.summary import hint_lines

            write_lines(hint_lines(execution), self._stream, self._style.colour)

    # -- log entries

    def _hear(self, line: LogLine, execution: Execution) -> None:
        if self._quiet:
            return
        if self._held is not None and line.run is not None:
            self._held.put(line, line.run, execution)
        else:
            self._show(line, execution)

    def _show(self, line: LogLine, execution: Execution) -> None:
        if line.level in ("ERROR", "WARN"):
            self._told = (execution.id, line.run, line.message)
        level = line.level
        self._write(
            Entry(line.at, level, level, line.message, execution, line.run, line.attempt),
            line.message,
            ends=line.ends,
        )

    def _release(self, name: _Name) -> None:
        """Something else comes of this task run: what it has said is not why its attempt ended.
        What is read back is told in its order.
        """
        for one in [name] if self._options.live else list(self._ends):
            for line, execution in self._ends.pop(one, ()):
                self._hear(line, execution)

    def _release_held(self, run: int, execution: Execution) -> None:
        assert self._held is not None
        lines, lost = self._held.take(run, execution)
        if lost and lines:
            message = f"{lost:,} lines before are not shown"
            self._show(LogLine(run, lines[0].at, "INFO", message), execution)
        for line in lines:
            self._show(line, execution)

    # -- news

    def _tell(self, news: News, execution: Execution) -> None:
        if news.bad and news.run is not None and self._held is not None:
            self._release_held(news.run, execution)
        name = (execution.id, news.run)
        if self._quiet < _SILENT and self._is_end(news, name):
            self._tell_end(news, execution)
            return
        self._release(name)
        if self._quiet >= (2 if news.bad else 1) or (
            not news.bad and LEVELS[news.level] < self._least
        ):
            return
        cause = news.cause
        if news.name == "FAIL" and self._told == (execution.id, news.run, cause):
            if not news.repeats:
                return  # the ERROR entry before has said it all
            cause = "failed"
        self._write_news(news, cause, execution)

    def _is_end(self, news: News, name: _Name) -> bool:
        waiting = self._ends.get(name, [])
        return bool(waiting) and news.name == "FAIL" and waiting[-1][0].message == news.cause

    def _tell_end(self, news: News, execution: Execution) -> None:
        """An attempt ends by the error that was logged last: one line for both."""
        waiting = self._ends.pop((execution.id, news.run))
        line, _ = waiting[-1 if waiting[0][0].message == _SAYS_NOTHING else 0]
        if not (news.note or news.repeats or self._quiet):
            self._show(line, execution)
            return
        self._told = (execution.id, line.run, line.message)
        self._write_news(news, line.message, execution, line.attempt)

    def _write_news(
        self, news: News, cause: str, execution: Execution, attempt: int | None = None
    ) -> None:
        first, line_break, more = cause.partition("\n")
        message = f"{first}{news.note}{line_break}{more}"
        level: LogLevel = "ERROR" if news.bad else news.level
        entry = Entry(news.at, news.name, level, message, execution, news.run, attempt)
        self._write(entry, cause, ends=True)

    # -- the stream

    def _write(self, entry: Entry, alike: str, *, ends: bool = False) -> None:
        path = self._places.of(entry.run, entry.execution)
        if self._repeats is not None and entry.name in _FOLDED:
            loop = self._places.loop(entry.execution, entry.run)
            if self._repeats.folds(entry, path, loop, alike, ends=ends):
                return
        self._put(entry, path)

    def _put_again(self, line: LogLine, execution: Execution) -> None:
        """One more time, as it was."""
        level = line.level
        entry = Entry(line.at, level, level, line.message, execution, line.run, line.attempt)
        self._put(entry, self._places.of(line.run, execution))

    def _put(self, entry: Entry, path: str) -> None:
        self._stream.write(self._layout.text(entry, path))
        if self._flushes:
            self._stream.flush()  # a line that waits in a buffer is no live line
        self.written += 1


def _ends_soon(line: LogLine, execution: Execution) -> bool:
    """Whether its task fails once it has said so."""
    return line.run is not None and execution.runs[line.run].task.type == _ENDS_AT_ONCE
