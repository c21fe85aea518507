"""Live lines: one for each log entry, each failed attempt and what else is news.

    12:01:07.123 INFO  foreach[2/3] > log    hello caseB
    12:01:07.300 FAIL  foreach[2/3] > shell  exit code 2 (attempt 1 of 3, next in 5s)
    12:01:12.450 INFO  sub > [other] > log   hello from the flow that `sub` runs

Further lines of a message stand under its first one behind a margin: a CI system reads a line that
begins with blanks and `::` as a command, behind a margin it does not.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final, TextIO

from kestrel_cli.model.event import AttemptEnded, Event, Expanded, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import LEVELS, LogLevel
from kestrel_cli.reporters.cells import cells, folded
from kestrel_cli.reporters.clean import clean
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.family import followed
from kestrel_cli.reporters.links import drawn
from kestrel_cli.reporters.news import News, follows, news_of
from kestrel_cli.reporters.paths import below, elided, place, within
from kestrel_cli.reporters.style import ASCII, RESET, UNICODE, painted, sgr

_BEFORE_PATH: Final = len("12:01:07.123 INFO  ")
_PATH_STARTS: Final = 12  # columns of the path at first; grows with what comes
_PATH_PIPED: Final = 40
_LEAST_ROOM: Final = 30  # a narrower message column goes below its line's head
_NEWS: Final = ("FAIL", "KILL", "STOP", "WAIT", "AGAIN")  # names of lines beside the log levels


class LogLines:
    """Writes live lines to `stream`. `quiet`: 0 everything, 1 failures only, 2 nothing."""

    def __init__(
        self,
        stream: TextIO,
        style: Style,
        level: LogLevel = "INFO",
        quiet: int = 0,
        localtime: Callable[[float], time.struct_time] = time.localtime,
    ) -> None:
        self.written = 0
        self._stream = stream
        self._style = style
        self._least = LEVELS[level]
        self._quiet = quiet
        self._localtime = localtime
        self._second = (-1, "")
        self._glyphs = UNICODE if style.unicode else ASCII
        self._path_width = _PATH_STARTS
        self._path_most = max(16, min(64, style.width * 3 // 10)) if style.wraps else _PATH_PIPED
        self._outer: dict[str, str] = {}  # execution -> its path, when a task run started it
        self._loops: dict[str, dict[int, int]] = {}  # execution, loop -> how many values it has
        self._told: tuple[str, int | None, str] | None = None  # the last ERROR or WARN entry shown
        self._heads = {name: f"{name:<5} " for name in (*LEVELS, *_NEWS)}
        if style.colour:
            self._heads = {name: painted(name, text, True) for name, text in self._heads.items()}

    def started(self, execution: Execution, parent: Execution | None, run: int | None) -> None:
        """Remember where an execution stands; one that follows another one has a line."""
        before = followed(execution)
        if parent is not None and run is not None:
            call = parent.runs[run]
            path = place(parent, call, self._loops.get(parent.id, {}))
            path = below(within(self._outer.get(parent.id, ""), path), call, execution)
            self._outer[execution.id] = path
        elif before and before[-1].id in self._outer:
            self._outer[execution.id] = self._outer[before[-1].id]
        for number, frame in execution.frames.items():  # of one that goes on
            if number is not None:
                self._remember(number, frame.lanes, execution)
        if before and len(execution.history) == 1:
            self._tell(follows(execution), execution)

    def on_log(self, line: LogLine, execution: Execution) -> None:
        """One log entry, unless it is below the level."""
        if self._quiet or LEVELS[line.level] < self._least:
            return
        if line.level in ("ERROR", "WARN"):
            self._told = (execution.id, line.run, line.message)
        self._write(line.at, line.level, self._place(line.run, execution), line.message)

    def on_event(self, event: Event, execution: Execution) -> None:
        """One line for bad news and for what makes the user wait; everything else is silent."""
        if isinstance(event, AttemptEnded) and event.state is State.SUCCESS:
            return
        if isinstance(event, Expanded):
            self._remember(event.run, event.lanes, execution)
        if (news := news_of(event, execution)) is not None:
            self._tell(news, execution)

    def end(self, execution: Execution) -> None:
        """No further line comes."""

    def close(self, execution: Execution) -> None:
        """The run is over; say how to go on, if that can be."""
        if self._quiet < 2 and execution.state not in TERMINAL:
            from kestrel_cli.reporters.painter import write_lines
            from kestrel_cli.reporters.summary import hint_lines

            write_lines(hint_lines(execution), self._stream, self._style.colour)

    def _remember(self, run: int, lanes: Sequence[Lane], execution: Execution) -> None:
        if lanes and lanes[0].value is not None:
            loops = self._loops.setdefault(execution.id, {})
            loops[run] = len({lane.iteration for lane in lanes})

    def _tell(self, news: News, execution: Execution) -> None:
        if self._quiet >= (2 if news.bad else 1) or (
            not news.bad and LEVELS[news.level] < self._least
        ):
            return
        cause = news.cause
        if news.name == "FAIL" and self._told == (execution.id, news.run, cause):
            if not news.repeats:
                return  # the ERROR entry before has said it all
            cause = "failed"
        first, line_break, more = cause.partition("\n")
        message = f"{first}{news.note}{line_break}{more}"
        self._write(news.at, news.name, self._place(news.run, execution), message)

    def _place(self, number: int | None, execution: Execution) -> str:
        path = self._outer.get(execution.id, "")
        if number is not None:
            loops = self._loops.get(execution.id, {})
            path = within(path, place(execution, execution.runs[number], loops))
        elif not path:
            return execution.flow.id
        if self._style.wraps and len(path) > self._path_most:
            path = elided(path, self._path_most)
        path = clean(path)
        return path if self._style.unicode else path.replace("…", self._glyphs.gap)

    def _write(self, at: int, name: str, path: str, message: str) -> None:
        message = drawn(message)
        size = len(path) if path.isascii() else cells(path)
        if size > self._path_width:
            self._path_width = min(size, self._path_most)
        pad = " " * (self._path_width - size)
        colour = self._style.colour
        clock = self._clock(at)
        if colour:
            clock, path = f"{sgr('time')}{clock}{RESET}", f"{sgr('path')}{path}{RESET}"
        rows = self._rows(clean(message, colour), size)
        gap = "" if rows.startswith("\n") else f"{pad}  "
        self._stream.write(f"{clock} {self._heads[name]}{path}{gap}{rows}\n")
        self._stream.flush()  # a line that waits in a buffer is no live line
        self.written += 1

    def _rows(self, message: str, size: int) -> str:
        """The message, folded where a person reads along, with later rows indented."""
        wraps, colour = self._style.wraps, "\x1b" in message
        if not wraps and not colour and "\n" not in message:
            return message
        column = _BEFORE_PATH + (max(self._path_width, size) if wraps else self._path_width) + 2
        lines = message.rstrip("\n").split("\n")
        if wraps and self._style.width - column < min(_LEAST_ROOM, cells(lines[0])):
            lines, column = ["", *lines], _BEFORE_PATH
        if wraps:
            room = self._style.width - column - len(self._glyphs.margin)
            lines = [row for line in lines for row in folded(line, room)]
        if colour:  # colours end with their row
            lines = [f"{line}{RESET}" if "\x1b" in line else line for line in lines]
        margin = painted("guide", self._glyphs.margin, self._style.colour)
        return f"\n{' ' * column}{margin}".join(lines)

    def _clock(self, at: int) -> str:
        """`12:01:07.123` in the machine's zone; a second's text is made once."""
        second, micros = divmod(at, 1_000_000)
        known, text = self._second
        if second != known:
            moment = self._localtime(second)
            text = f"{moment.tm_hour:02d}:{moment.tm_min:02d}:{moment.tm_sec:02d}"
            self._second = (second, text)
        return f"{text}.{micros // 1000:03d}"
