"""What differs between two executions, for people and for programs."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from kestrel_cli.app.comparing.comparison import Difference
from kestrel_cli.app.comparing.sources import Side
from kestrel_cli.flowfile.diagnostics import Line
from kestrel_cli.model.masker import hidden
from kestrel_cli.reporters.cells import folded
from kestrel_cli.reporters.clean import one_line
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.wording import counted

_MARGIN: Final = 9  # columns before a value
_CONTEXT: Final = 10  # letters before the first one that differs
_NOWHERE: Final = "(not there)"


def comparison_lines(
    here: Side, there: Side, found: Sequence[Difference], style: Style, *, verbose: bool
) -> Iterator[Line]:
    """Both executions, each difference as path, here, there and why, and the count."""
    for name, side in (("here", here), ("there", there)):
        document = side.document
        flow = one_line(f"{document.get('namespace')}.{document.get('flowId')}")
        parts = f"{one_line(side.name)}  {flow} {one_line(side.state)}"
        yield [("dim", f"{name:6} "), ("plain", parts)]
    yield []
    counting = [one for one in found if not one.expected]
    expected = [one for one in found if one.expected]
    for one in [*counting, *(expected if verbose else ())]:
        yield from _difference(one, style)
    if expected and not verbose:
        for why, count, path in _by_reason(expected):
            more = f" and {count - 1} more" if count > 1 else ""
            yield [("dim", "expected: "), ("plain", f"{one_line(path)}{more}")]
            for row in folded(why, style.width - 2):
                yield [("dim", f"  {row.rstrip()}")]
        yield []
    role, words = ("failed", counted(len(counting), "difference")) if counting else ("ok", "equal")
    more = f", {counted(len(expected), 'expected difference')}" if expected else ""
    yield [(role, words), ("plain", more)]


def _difference(one: Difference, style: Style) -> Iterator[Line]:
    room = max(style.width - _MARGIN, 20)
    here, there = _cut(_text(one.here), _text(one.there), room)
    yield [("name", one_line(one.path)), ("dim", "  (expected)" if one.expected else "")]
    yield [("dim", "  here   "), ("error", here)]
    yield [("dim", "  there  "), ("ok", there)]
    for number, row in enumerate(folded(one.why, room)):
        yield [("dim", "  why    " if number == 0 else " " * _MARGIN), ("plain", row.rstrip())]
    yield []


def _text(value: Any) -> str:
    if value is None:
        return _NOWHERE
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return one_line(hidden(text))


def _cut(here: str, there: str, room: int) -> tuple[str, str]:
    """Both as far as there is room: from a little before where they begin to differ."""
    if max(len(here), len(there)) <= room:
        return here, there
    pairs = zip(here, there, strict=False)
    equal = next((n for n, (one, other) in enumerate(pairs) if one != other), 0)
    start = equal - _CONTEXT if equal > room - _CONTEXT else 0
    return _part(here, start, room), _part(there, start, room)


def _part(text: str, start: int, room: int) -> str:
    before = "..." if start else ""
    rest = text[start:]
    space = room - len(before)
    return before + (rest if len(rest) <= space else f"{rest[: space - 3]}...")


def _by_reason(expected: Sequence[Difference]) -> Iterator[tuple[str, int, str]]:
    """Each reason with how often it was met, and where first."""
    first: dict[str, str] = {}
    counts: dict[str, int] = {}
    for one in expected:
        first.setdefault(one.why, one.path)
        counts[one.why] = counts.get(one.why, 0) + 1
    for why, path in first.items():
        yield why, counts[why], path


def as_json(here: Side, there: Side, found: Sequence[Difference], code: int) -> str:
    """All of it as one document."""
    document = {
        "schemaVersion": 1,
        "here": _side(here),
        "there": _side(there),
        "equal": code == 0,
        "differences": [_shown(one) for one in found if not one.expected],
        "expected": [_shown(one) for one in found if one.expected],
        "exitCode": code,
    }
    return hidden(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _side(side: Side) -> dict[str, Any]:
    own = {name: side.document.get(name) for name in ("id", "namespace", "flowId", "flowRevision")}
    return {"name": side.name, **own, "state": side.state}


def _shown(one: Difference) -> dict[str, Any]:
    return {"path": one.path, "here": one.here, "there": one.there, "why": one.why}
