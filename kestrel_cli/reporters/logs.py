"""Live lines: one for each log entry and each failed attempt.

    12:01:07.123 INFO  foreach[2/3] > log    hello caseB
    12:01:07.300 FAIL  foreach[2/3] > shell  exit code 2 (attempt 1 of 3, next in 5s)

Further lines of a message stand under its first one behind a margin: a CI system reads a line that
begins with blanks and `::` as a command, behind a margin it does not.
"""

import time
from collections.abc import Callable
from typing import Final, TextIO

from kestrel_cli.model.event import AttemptEnded, Concluded, Event, Expanded, LogLine, Refused
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.model.task import LEVELS, LogLevel
from kestrel_cli.reporters.cells import cells, folded
from kestrel_cli.reporters.clean import clean
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.paths import elided, place
from kestrel_cli.reporters.spans import span_text
from kestrel_cli.reporters.style import ASCII, RESET, UNICODE, painted, sgr
from kestrel_cli.scheduler.retry import next_attempt_at

_BEFORE_PATH: Final = len("12:01:07.123 INFO  ")
_PATH_STARTS: Final = 12  # columns of the path at first; grows with what comes
_PATH_PIPED: Final = 40
_LEAST_ROOM: Final = 30  # a narrower message column goes below its line's head


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
        self._loops: dict[int, int] = {}  # run number of a loop -> how many values it has
        self._told: tuple[int | None, str] | None = None  # the ERROR entry that was shown last
        self._heads = {name: f"{name:<5} " for name in (*LEVELS, "FAIL", "KILL")}
        if style.colour:
            self._heads = {name: painted(name, text, True) for name, text in self._heads.items()}

    def on_log(self, line: LogLine, execution: Execution) -> None:
        """One log entry, unless it is below the level."""
        if self._quiet or LEVELS[line.level] < self._least:
            return
        if line.level == "ERROR":
            self._told = (line.run, line.message)
        self._write(line.at, line.level, self._place(line.run, execution), line.message)

    def on_event(self, event: Event, execution: Execution) -> None:
        """One line for what failed or was killed; everything else is silent."""
        if isinstance(event, AttemptEnded):
            if event.state is State.FAILED or event.state is State.KILLED:
                self._ended(event, execution)
        elif isinstance(event, Expanded):
            self._remember(event)
        elif isinstance(event, Refused):
            if self._told != (event.run, event.error):
                self._failed(event.at, event.run, execution, f"{event.error} (not started)")
        elif isinstance(event, Concluded) and event.error is not None:
            self._failed(event.at, None, execution, self._untold(None, event.error))

    def _remember(self, event: Expanded) -> None:
        if event.lanes and event.lanes[0].value is not None:
            self._loops[event.run] = len({lane.iteration for lane in event.lanes})

    def _ended(self, event: AttemptEnded, execution: Execution) -> None:
        if event.state is State.KILLED:
            self._failed(event.at, event.run, execution, event.error or "killed", "KILL")
            return
        note = _note(execution, execution.runs[event.run], event)
        if not note and self._told == (event.run, event.error):
            return  # the ERROR entry before has said it all
        cause, line_break, more = self._untold(event.run, event.error or "failed").partition("\n")
        self._failed(event.at, event.run, execution, f"{cause}{note}{line_break}{more}")

    def _untold(self, run: int | None, cause: str) -> str:
        """The cause of a failure, or one word when the log entry before said it already."""
        return "failed" if self._told == (run, cause) else cause

    def _failed(
        self, at: int, run: int | None, execution: Execution, message: str, name: str = "FAIL"
    ) -> None:
        if self._quiet < 2:
            self._write(at, name, self._place(run, execution), message)

    def _place(self, number: int | None, execution: Execution) -> str:
        if number is None:
            return execution.flow.id
        path = place(execution, execution.runs[number], self._loops)
        if self._style.wraps and len(path) > self._path_most:
            path = elided(path, self._path_most)
        path = clean(path)
        return path if self._style.unicode else path.replace("…", self._glyphs.gap)

    def _write(self, at: int, name: str, path: str, message: str) -> None:
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


def _note(execution: Execution, run: TaskRun, event: AttemptEnded) -> str:
    """What a failed attempt means for the run: which attempt it was, when the next one comes."""
    policy = execution.flow.policies.get(run.task.id)
    parts = []
    if policy is not None:
        parts.append(attempt_text(execution, run))
        if run.state is State.RETRYING:
            again = next_attempt_at(policy, run.attempts, event.draw)
            parts.append(f"next in {span_text((again or event.at) - event.at)}")
    if run.state is State.WARNING or run.state is State.SUCCESS:
        parts.append("failure allowed")
    return f" ({', '.join(parts)})" if parts else ""


def attempt_text(execution: Execution, run: TaskRun) -> str:
    """`attempt 2 of 3`; `attempt 2` when nothing limits their number."""
    policy = execution.flow.policies.get(run.task.id)
    made = len(run.attempts)
    most = policy.maxAttempts if policy else None
    return f"attempt {made} of {most}" if most else f"attempt {made}"
