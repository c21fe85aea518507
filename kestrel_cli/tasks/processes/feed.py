"""What a child writes, on its way into the log: live, in order, and bounded.

Ordinary lines are entries of their own. When there are very many, lines that were read together
share an entry; beyond a limit they are counted only, and the last of them are shown at the end.
Messages (protocol.py) are always obeyed.
"""

from collections import deque
from typing import Any, Final

from kestrel_cli.tasks.base import LEVELS, LogLevel, RunContext
from kestrel_cli.tasks.processes.lines import Line, LineCutter
from kestrel_cli.tasks.processes.protocol import is_message, read_message, shortened

SINGLE: Final = 1_000  # lines with an entry of their own
MOST_LINES: Final = 100_000  # lines that are logged
MOST_BYTES: Final = 16 << 20
LAST: Final = 200  # lines that are shown of those beyond
_ENTRY: Final = 15_000  # letters of an entry; the log splits at a little more
_LEVELS: Final[tuple[LogLevel, LogLevel]] = ("INFO", "ERROR")  # of output and error output


class Feed:
    """Takes pieces of both streams; `outputs` is what the messages gave so far."""

    def __init__(
        self,
        ctx: RunContext,
        levels: tuple[LogLevel, LogLevel] = _LEVELS,
    ) -> None:
        self.outputs: dict[str, Any] = {}
        self._ctx = ctx
        self._levels = levels
        self._hidden: bytes | None = None
        self._cutters = (LineCutter(), LineCutter())
        self._lines = 0
        self._bytes = 0
        self._beyond = 0
        self._last: deque[tuple[LogLevel, Line]] = deque(maxlen=LAST)

    def take(self, stream: int, data: bytes) -> None:
        """A piece of the output (0) or of the error output (1)."""
        cutter = self._cutters[stream]
        if self._full and not cutter.may_hold_message(data):
            count, lines = cutter.skim(data, LAST)
            self._beyond += count
            self._last.extend((self._levels[stream], line) for line in lines)
        else:
            self._log(self._levels[stream], cutter.cut(data))

    def begun(self) -> str:
        """The line that is the last by now and has not ended, if lines of its stream are shown."""
        for cutter, level in zip(self._cutters, self._levels, strict=True):
            if LEVELS[level] >= LEVELS["INFO"] and (line := cutter.begun()).strip():
                hidden = (self._hidden or b"").decode("utf-8", "replace")
                return line.replace(hidden, "") if hidden else line
        return ""

    def keep(self, outputs: dict[str, Any]) -> None:
        """Outputs of a message; those of later ones win."""
        self.outputs |= outputs

    def hide(self, words: bytes | None) -> None:
        """Leave this out of all lines: the name of a file that only we know of."""
        self._hidden = words

    def hurry(self) -> None:
        """From now on lines that are taken together share an entry."""
        self._lines = max(self._lines, SINGLE)

    def finish(self) -> None:
        """The child has ended: lines without an end, and what is to be told of those left out."""
        for cutter, level in zip(self._cutters, self._levels, strict=True):
            self._log(level, cutter.rest())
        if self._beyond:
            self._tell_of_the_rest()

    @property
    def _full(self) -> bool:
        return self._lines >= MOST_LINES or self._bytes >= MOST_BYTES

    def _log(self, level: LogLevel, lines: list[Line]) -> None:
        joined: list[str] = []
        size = 0
        at = level
        for line in lines:
            if not line.dropped and is_message(line.data):
                self._write(at, joined)
                joined, size = [], 0
                self._obey(line.data)
            elif self._full:
                self._beyond += 1
                self._last.append((level, line))
            else:
                own, text = self.entry(level, self._text(line))
                split = self._lines < SINGLE or own != at or size + len(text) > _ENTRY
                if joined and split:
                    self._write(at, joined)
                    joined, size = [], 0
                at = own
                self._lines += 1
                self._bytes += len(line.data)
                joined.append(text)
                size += len(text) + 1
        self._write(at, joined)

    def entry(self, level: LogLevel, text: str) -> tuple[LogLevel, str]:
        """How a line is logged: a program may say its level and more in a form of its own."""
        return level, text

    def _text(self, line: Line) -> str:
        if self._hidden and self._hidden in line.data:
            line.data = line.data.replace(self._hidden, b"")
        return line.text()

    def _write(self, level: LogLevel, joined: list[str]) -> None:
        if joined:
            self._ctx.log(level, "\n".join(joined))

    def _obey(self, data: bytes) -> None:
        try:
            message = read_message(data)
        except ValueError as error:
            self._ctx.log("WARN", f"Invalid outputs '{shortened(data)}': {error}")
            return
        self.keep(message.outputs)
        report = {"counter": self._ctx.count, "timer": self._ctx.time, "gauge": self._ctx.gauge}
        for metric in message.metrics:
            report[metric.kind](metric.name, metric.value, metric.tags)
        for level, text in message.logs:
            self._ctx.log(level, text)

    def _tell_of_the_rest(self) -> None:
        shown = min(self._beyond, len(self._last))
        self._ctx.log(
            "WARN",
            f"there was too much output: {self._lines + self._beyond} lines, of which the first "
            f"{self._lines} and the last {shown} are shown",
        )
        last = list(self._last)[-shown:]
        self._last.clear()
        self._lines, self._bytes = SINGLE, 0
        at = 0
        while at < len(last):
            level, lines = last[at][0], []
            while at < len(last) and last[at][0] == level:
                lines.append(last[at][1])
                at += 1
            self._log(level, lines)
