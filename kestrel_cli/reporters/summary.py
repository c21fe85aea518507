"""The end of a run: what made it fail, then one line that says it all."""

from collections.abc import Iterator
from typing import Final

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.reporters.cells import folded
from kestrel_cli.reporters.clean import clean
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.forest import causes, leaves
from kestrel_cli.reporters.logs import attempt_text
from kestrel_cli.reporters.paths import place_by_value
from kestrel_cli.reporters.spans import span_text
from kestrel_cli.reporters.style import ASCII, LOOKS, UNICODE
from kestrel_cli.reporters.tree import Line, length

_MOST_CAUSES: Final = 20
_GLANCE: Final = 12  # task runs whose tree needs no list of causes below it
_COUNTED: Final = (
    (State.FAILED, "failed"),
    (State.WARNING, "with a warning"),
    (State.KILLED, "killed"),
    (State.SKIPPED, "skipped"),
)


def cause_lines(execution: Execution, style: Style) -> Iterator[Line]:
    """Each failed leaf with its path, attempt and message, when the execution FAILED.

    A short tree shows the same in one glance, so nothing is repeated below it.
    """
    if execution.state is not State.FAILED:
        return
    failed = causes(execution) if len(execution.runs) > _GLANCE else []
    if failed or execution.error is not None:
        yield [("failed", "cause:")]
    for run in failed[:_MOST_CAUSES]:
        yield from _cause(run.error or "failed", style, execution, run)
    if len(failed) > _MOST_CAUSES:
        yield [("dim", f"  and {len(failed) - _MOST_CAUSES:,} more")]
    if execution.error is not None:
        yield from _cause(execution.error, style, execution, None)


def summary_line(execution: Execution) -> Line:
    """flow `demo.each_switch` FAILED in 1.2s: 7 task runs, 1 failed"""
    flow, runs = execution.flow, execution.runs
    counts = [f"{len(runs):,} task run{'s' * (len(runs) != 1)}"]
    for state, word in _COUNTED:
        if number := len(leaves(runs, state)):
            counts.append(f"{number:,} {word}")
    return [
        ("plain", f"flow `{flow.namespace}.{flow.id}` "),
        (LOOKS[execution.state].role, execution.state),
        ("plain", f" in {span_text(length(execution))}: {', '.join(counts)}"),
    ]


def _cause(message: str, style: Style, execution: Execution, run: TaskRun | None) -> Iterator[Line]:
    glyphs, look = (UNICODE if style.unicode else ASCII), LOOKS[State.FAILED]
    where = "flow outputs"
    if run is not None:
        where = clean(place_by_value(execution, run))
        if run.attempts:
            where += f" ({attempt_text(execution, run)})"
    rows = clean(message).rstrip("\n").split("\n")
    places = [where if style.unicode else where.replace("…", glyphs.gap)]
    if style.wraps:
        room = style.width - 6
        rows = [part for row in rows for part in folded(row, room)]
        places = folded(places[0], room)
    yield [
        (look.role, f"  {look.glyph if style.unicode else look.ascii} "),
        ("path", "\n    ".join(places)),
    ]
    for row in rows:  # a row never begins with user text: see logs.py
        yield [("guide", f"    {glyphs.margin}"), ("plain", row)]
