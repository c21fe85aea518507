"""The status below the live lines, and what stands in for it where nobody watches.

     > order[37/60] > brew  12s
       | Password:
     > load                 next try in 4s (attempt 1 of 3 failed)
       and 3 more
       order 37/60, 41 ended, 01:07

Pure: what is under way, a moment and a width make lines.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from kestrel_cli.model.state import State
from kestrel_cli.reporters.cells import cells, cut, ending
from kestrel_cli.reporters.clean import one_line
from kestrel_cli.reporters.paths import SEPARATOR, elided
from kestrel_cli.reporters.standing import AT_WORK, Doing, Kind, Loop, Standing
from kestrel_cli.reporters.style import LOOKS

if TYPE_CHECKING:
    from kestrel_cli.reporters.tree import Line

_LOOKS: Final[dict[Kind, State]] = {
    "works": State.RUNNING,
    "calls": State.RUNNING,
    "retry": State.RETRYING,
    "follow": State.RETRIED,
    "pause": State.PAUSED,
    "pass": State.PAUSED,
    "turn": State.QUEUED,
}
_WAITS: Final[dict[Kind, tuple[str, str]]] = {  # until a moment that is known; that is not
    "retry": ("next try in {}", "is tried again"),
    "follow": ("a new execution in {}", "a new execution follows"),
    "pause": ("paused for {}", "paused"),
    "pass": ("once more in {}", "once more"),
    "turn": ("waits for its turn", "waits for its turn"),
}
_MOST_LOOPS: Final = 3
_MOST_SAID: Final = 3
_GAP: Final = "  "
_SHORT: Final = 16  # columns that a path gets, however much is said of it
_SAID: Final = 80  # the same of a line that has not ended, in a log
_SECOND: Final = 1_000_000


def status_lines(
    standing: Standing,
    now: int,
    since: int,
    width: int,
    *,
    unicode: bool = True,
    stopping: bool = False,
) -> "list[Line]":
    """The status in at most `width` columns a line: a line for each thing under way, the last one
    for the run as a whole; a single thing and the run share theirs, if they fit. Of a run that has
    only begun there is nothing to tell.
    """
    if not (standing.doing or standing.loops or standing.ended or stopping):
        return []
    rows = [_row(one, now, unicode=unicode) for one in standing.doing]
    if any(_least(row) > width for row in rows):  # then how long is more important than how often
        rows = [row._replace(attempt="") for row in rows]
    lines = _laid_out(rows, width, unicode=unicode)
    blank = " " * (_glyph_width(rows) + 2)
    said = _said(standing.doing, blank, width, unicode=unicode)
    if (more := standing.count - len(rows)) > 0:
        lines.append([("dim", f"{blank}and {more} more")])
    whole = _whole(standing, now, since, unicode=unicode, stopping=stopping)
    if len(lines) == 1:
        together = [*lines[0], ("dim", f"{_dot(unicode=unicode)}{whole}")]
        if _length(together) <= width:
            return [together, *said.values()]
    lines.append([("dim", blank + whole)])
    for at in sorted(said, reverse=True):
        lines.insert(at + 1, said[at])
    return [_within(line, width, unicode=unicode) for line in lines]


def still_running(standing: Standing, now: int) -> str | None:
    """One plain line for a log that nobody watches; None when nothing is under way."""
    if not standing.doing:
        return None
    one = standing.doing[0]
    works = one.kind in AT_WORK
    words = "still running" if works else "still waiting"
    note = f"{_seconds(now - one.since)} s" if works else _waits(one, now)
    attempt = f", {one.attempt}" if one.attempt else ""
    more = standing.count - 1
    rest = f" and {more} more" if more else ""
    said = ending(one_line(one.said).strip(), _SAID, "...")
    stuck = f", after `{said}`" if said else ""
    return f"{words}: {one_line(one.path)} ({note}{attempt}{stuck}){rest}"


class _Row(NamedTuple):
    role: str
    glyph: str
    path: str
    note: str
    attempt: str

    @property
    def notes(self) -> str:
        return " ".join(one for one in (self.note, self.attempt) if one)


def _row(one: Doing, now: int, *, unicode: bool) -> _Row:
    look = LOOKS[_LOOKS[one.kind]]
    if one.kind in AT_WORK:
        seconds = _seconds(now - one.since)
        note = _span(seconds) if seconds else ""
    else:
        note = _waits(one, now)
    failed = " failed" if one.kind == "retry" else ""
    attempt = f"({one.attempt}{failed})" if one.attempt else ""
    return _Row(look.role, look.glyph if unicode else look.ascii, one_line(one.path), note, attempt)


def _least(row: _Row) -> int:
    """The columns that a row takes when its path is short."""
    return len(row.glyph) + 2 + min(cells(row.path), _SHORT) + len(_GAP) + len(row.notes)


def _glyph_width(rows: Sequence[_Row]) -> int:
    return max((len(row.glyph) for row in rows), default=1)


def _laid_out(rows: Sequence[_Row], width: int, *, unicode: bool) -> "list[Line]":
    """Glyphs, paths and what is said of them, below each other."""
    glyphs = _glyph_width(rows)
    notes = max((len(row.notes) for row in rows), default=0)
    room = max(width - glyphs - 2 - len(_GAP) - notes, _SHORT)
    paths = [_fitting(row.path, room, unicode=unicode) for row in rows]
    longest = max(map(cells, paths), default=0)
    lines: list[Line] = []
    for row, path in zip(rows, paths, strict=True):
        pad = " " * (longest - cells(path)) + _GAP if row.notes else ""
        glyph = f" {row.glyph:<{glyphs}} "
        lines.append([(row.role, glyph), ("path", path), ("plain", pad + row.notes)])
    return lines


def _said(doing: Sequence[Doing], blank: str, width: int, *, unicode: bool) -> "dict[int, Line]":
    """Below which rows the end of a line stands that their scripts have begun and not ended, as a
    question that nobody sees; of so many rows only.
    """
    found: dict[int, Line] = {}
    for at, one in enumerate(doing):
        text = one_line(one.said).strip()
        if text and len(found) < _MOST_SAID:
            margin = f"{blank}{'│' if unicode else '|'} "
            text = ending(text, width - len(margin), "…" if unicode else "...")
            found[at] = [("guide", margin), ("plain", text)]
    return found


def _waits(one: Doing, now: int) -> str:
    known, unknown = _WAITS[one.kind]
    if one.until is None:
        return unknown
    return known.format(_span(max(-(-(one.until - now) // _SECOND), 0)))


def _whole(standing: Standing, now: int, since: int, *, unicode: bool, stopping: bool) -> str:
    parts = ["stopping"] if stopping else []
    names: dict[str, Loop] = {}
    for loop in standing.loops:  # of loops inside of a parallel one, the first speaks for all
        names.setdefault(loop.name, loop)
    for loop in list(names.values())[:_MOST_LOOPS]:
        done = " done" if loop.parallel else ""
        parts.append(f"{one_line(loop.name)} {loop.at}/{loop.total}{done}")
    if standing.ended and not names:
        parts.append(f"{standing.ended} ended")
    parts.append(_clock(_seconds(now - since)))
    return _dot(unicode=unicode).join(parts)


def _dot(*, unicode: bool) -> str:
    return " · " if unicode else ", "


def _fitting(path: str, room: int, *, unicode: bool) -> str:
    """The path in so many columns: its end says most."""
    gap = "…" if unicode else "..."
    if cells(path) > room:
        path = elided(path, room)
    if cells(path) > room and SEPARATOR in path:
        path = f"…{SEPARATOR}{path.rpartition(SEPARATOR)[2]}"
    path = path if unicode else path.replace("…", gap)
    return cut(path, room, 1, gap)[0]


def _within(line: "Line", width: int, *, unicode: bool) -> "Line":
    """The line, cut where it is too long: a row that wraps would not be cleared as a whole."""
    if _length(line) <= width:
        return line
    found: Line = []
    left = width
    for role, text in line:
        if left <= 0:
            break
        shown = cut(text, left, 1, "…" if unicode else "")[0] if cells(text) > left else text
        found.append((role, shown))
        left -= cells(shown)
    return found


def _length(line: "Line") -> int:
    return sum(cells(text) for _, text in line)


def _seconds(micros: int) -> int:
    return max(micros, 0) // _SECOND


def _span(seconds: int) -> str:
    """`4s`, `1m 3s`, `2h 5m`."""
    minutes, second = divmod(seconds, 60)
    if not minutes:
        return f"{second}s"
    hours, minute = divmod(minutes, 60)
    return f"{hours}h {minute}m" if hours else f"{minute}m {second}s"


def _clock(seconds: int) -> str:
    """`00:09`, `1:02:03`."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute:02d}:{second:02d}"
