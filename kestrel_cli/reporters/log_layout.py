"""Live lines as text: in full, short, or as JSON; folded and grouped where a person reads along.

On a terminal the lines of one task run that come together have their head once, a margin stands
before the others. In a pipe each line has its head, so that one can search for it.
"""

import time
from collections.abc import Callable
from typing import Final

from kestrel_cli.model.task import LEVELS
from kestrel_cli.reporters.cells import cells
from kestrel_cli.reporters.clean import clean
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.log_entry import Entry, Layout
from kestrel_cli.reporters.log_options import LogForm
from kestrel_cli.reporters.paths import elided
from kestrel_cli.reporters.snippets import fitted, widest
from kestrel_cli.reporters.style import ASCII, RESET, UNICODE, painted, sgr
from kestrel_cli.reporters.wording import worded

_CLOCK: Final = len("12:01:07.123 ")
_NAME: Final = len("INFO  ")
_PATH_STARTS: Final = 12  # columns of the path at first; grows with what comes
_PATH_PIPED: Final = 40
_LEAST_ROOM: Final = 30  # a narrower message column goes below its line's head
_GOOD_ROOM: Final = 60  # the same for messages of several lines
_NARROW: Final = 80  # terminals below indent by little
_INDENT: Final = 4
_TOGETHER: Final = 3_000_000  # microseconds: what comes later has a head, and so a time, again
_NEWS: Final = ("FAIL", "KILL", "STOP", "WAIT", "AGAIN", "RUN", "DONE", "SKIP", "LOOP")
_MILD: Final = ("TRACE", "DEBUG", "INFO")  # their names are left out of short lines


Localtime = Callable[[float], time.struct_time]


def layout_for(style: Style, form: LogForm, localtime: Localtime) -> Layout:
    """The layout of that name."""
    if form == "json":
        from kestrel_cli.reporters.log_json import JsonLines

        return JsonLines(style)
    return TextLines(style, localtime, short=form == "short")


class TextLines:
    """Lines for people."""

    def __init__(
        self, style: Style, localtime: Localtime = time.localtime, *, short: bool = False
    ) -> None:
        self._style = style
        self._short = short
        self._localtime = localtime
        self._second = (-1, "")
        self._glyphs = UNICODE if style.unicode else ASCII
        self._margin = painted("guide", self._glyphs.margin, style.colour)
        self._path_width = 0 if short else _PATH_STARTS
        self._path_most = max(16, min(64, style.width * 3 // 10)) if style.wraps else _PATH_PIPED
        self._below = 0 if short else _CLOCK + _NAME
        if style.wraps and style.width < _NARROW:
            self._below = min(self._below, _INDENT)
        self._heads = {name: self._head(name) for name in (*LEVELS, *_NEWS)}
        self._known: tuple[str, str, int] = ("", "", 0)  # a path, as it is shown, its columns
        self._group: object = None  # what the lines before are of
        self._since = 0  # when its head was written
        self._column = 0  # where messages stand, behind the last head or below it

    def text(self, entry: Entry, path: str) -> str:
        """The head and the message, or more of what stands before."""
        style = self._style
        message = entry.message
        if not message.isprintable() or "[[" in message or "##" in message:
            message = clean(worded(message), style.colour)
        if not style.wraps and "\n" not in message and "\x1b" not in message:
            return f"{self._start(entry, path)}{message}\n"
        lines = message.rstrip("\n").split("\n")
        if not style.person:
            return self._whole(entry, path, lines)
        group = (entry.execution.id, entry.run, entry.name, entry.attempt)
        if group == self._group and 0 <= entry.at - self._since <= _TOGETHER:
            suits = self._column == self._below or not self._goes_below(lines, self._column)
            if suits:
                return "".join(self._rows(lines, self._column))
        self._group = group if entry.name in LEVELS else None  # each piece of news has its head
        self._since = entry.at
        return self._whole(entry, path, lines)

    def _whole(self, entry: Entry, path: str, lines: list[str]) -> str:
        start = self._start(entry, path)
        if self._style.wraps and self._goes_below(lines, self._column):
            room = self._style.width - (_CLOCK + _NAME)
            start = self._start(entry, path, max(room, self._path_most)).rstrip(" ")
            self._column = self._below
            return f"{start}\n{''.join(self._rows(lines, self._column))}"
        rows = self._rows(lines, self._column)
        return start + rows[0][self._column + len(self._margin) :] + "".join(rows[1:])

    def _goes_below(self, lines: list[str], column: int) -> bool:
        """Whether the message is easier to read below its head."""
        room = self._style.width - column - len(self._glyphs.margin)
        if room >= _GOOD_ROOM:
            return False
        wide = widest(lines)
        return wide > room and (room < _LEAST_ROOM or len(lines) > 1)

    def _rows(self, lines: list[str], column: int) -> list[str]:
        """The lines behind a margin, folded where a person reads along. Colours end with their
        row.
        """
        if self._style.wraps:
            lines = fitted(lines, self._style.width - column - len(self._glyphs.margin))
        before = " " * column + self._margin
        ended = [f"{row}{RESET}" if "\x1b" in row else row for row in lines]
        return [f"{before}{row}\n" for row in ended]

    def _start(self, entry: Entry, path: str, most: int = 0) -> str:
        """What stands before the message; `most` is what the path may take if it stands alone."""
        if most or self._known[0] is not path:
            shown = path
            if self._style.wraps and len(path) > (most or self._path_most):
                shown = elided(path, most or self._path_most)
            shown = clean(shown)
            if not self._style.unicode:
                shown = shown.replace("…", self._glyphs.gap)
            size = len(shown) if shown.isascii() else cells(shown)
            if not most:
                self._known = (path, shown, size)
                if size > self._path_width and not self._short:
                    self._path_width = min(size, self._path_most)
        else:
            _, shown, size = self._known
        pad = " " * (self._path_width - size)
        before = _CLOCK + _NAME
        if self._short:
            before = 0 if entry.name in _MILD else len(entry.name) + 1
        self._column = before + max(self._path_width, size) + 2
        clock = "" if self._short else self._clock(entry.at)
        if self._style.colour:
            clock = f"{sgr('time')}{clock}{RESET}" if clock else ""
            shown = f"{sgr('path')}{shown}{RESET}"
        return f"{clock}{' ' if clock else ''}{self._heads[entry.name]}{shown}{pad}  "

    def _head(self, name: str) -> str:
        if self._short:
            return "" if name in _MILD else painted(name, f"{name} ", self._style.colour)
        return painted(name, f"{name:<5} ", self._style.colour)

    def _clock(self, at: int) -> str:
        """`12:01:07.123` in the machine's zone; a second's text is made once."""
        second, micros = divmod(at, 1_000_000)
        known, text = self._second
        if second != known:
            moment = self._localtime(second)
            text = f"{moment.tm_hour:02d}:{moment.tm_min:02d}:{moment.tm_sec:02d}"
            self._second = (second, text)
        return f"{text}.{micros // 1000:03d}"
