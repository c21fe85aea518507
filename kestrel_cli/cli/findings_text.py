"""Findings about files, line by line for people: what stops a flow comes first in its file, what is
only worth knowing comes last.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.flowfile.diagnostics import Line, lines, visible
from kestrel_cli.reporters.cells import folded
from kestrel_cli.reporters.clean import clean
from kestrel_cli.reporters.console import Style

_RANKS: Final = {"error": 0, "warning": 1, "info": 2}
_NOT_RUN: Final = "unsupported-type"
_MOST_NOTES: Final = 100
_PLACE: Final = 1  # the line of a finding that says where it is
_MARGIN: Final = "  "
_LEAST_ROOM: Final = 20


def finding_lines(found: Sequence[Diagnostic], style: Style, *, verbose: bool) -> Iterator[Line]:
    """The lines of all findings; nothing in them is a command to a CI system."""
    for line in _lines(found, style, verbose=verbose):
        yield [(role, clean(text)) for role, text in line]


def _lines(found: Sequence[Diagnostic], style: Style, *, verbose: bool) -> Iterator[Line]:
    """Every finding with an empty line behind it. Errors and warnings are never left out.

    Unless `verbose`, notes about types that do not run are one line for each type, at the end, and
    other notes stop after a hundred. `verbose` names the rule of each finding.
    """
    by_type: dict[str, list[Diagnostic]] = {}
    notes = 0
    for one in in_order(found):
        if one.code == _NOT_RUN and not verbose:
            by_type.setdefault(one.message, []).append(one)
            continue
        notes += one.severity == "info"
        if one.severity != "info" or notes <= _MOST_NOTES or verbose:
            for number, line in enumerate(lines(one, style.width if style.wraps else 1000)):
                if number != _PLACE:
                    yield from _rows(line, style)
                else:
                    yield [*line, ("dim", f"  [{one.code}]")] if verbose else line
            yield []
    if notes > _MOST_NOTES and not verbose:
        yield [("plain", f"and {notes - _MOST_NOTES} more notes; `-v` shows them")]
        yield []
    if by_type:
        yield from _not_run(by_type, style)
        yield []


def in_order(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """File by file as they came; in a file errors, warnings, notes."""
    files = {one: number for number, one in enumerate(dict.fromkeys(f.where.file for f in found))}
    return sorted(found, key=lambda one: (files[one.where.file], _RANKS[one.severity]))


def _not_run(by_type: dict[str, list[Diagnostic]], style: Style) -> Iterator[Line]:
    for message, notes in by_type.items():
        text = f"{visible(message)} ({_places(notes)})"
        yield from _rows([("waiting", "info: "), ("plain", text)], style)
    hints = dict.fromkeys(one.hint for notes in by_type.values() for one in notes if one.hint)
    for hint in hints:
        yield from _rows([("value", "hint: "), ("plain", visible(hint))], style)


def _places(notes: list[Diagnostic]) -> str:
    if len(notes) == 1:
        return visible(str(notes[0].where))
    files = len({one.where.file for one in notes})
    return f"{len(notes)} tasks in {files} file{'' if files == 1 else 's'}"


def _rows(line: Line, style: Style) -> Iterator[Line]:
    """The line, its last part folded where somebody reads along."""
    *before, (role, text) = line
    used = sum(len(part) for _, part in before)
    if not style.wraps or before[0][0] == "dim":
        yield line
        return
    room = max(style.width - max(used, len(_MARGIN)), _LEAST_ROOM)
    for number, row in enumerate(folded(text, room)):
        yield [*(before if number == 0 else [("plain", _MARGIN)]), (role, row.rstrip())]
