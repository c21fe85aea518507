"""The end of a run: what made it fail, one line that says it all, and how to go on."""

from collections.abc import Iterator
from typing import Final

from kestrel_cli.model.execution import Execution
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.reporters.causes import Cause, tally
from kestrel_cli.reporters.cells import folded
from kestrel_cli.reporters.clean import clean
from kestrel_cli.reporters.commands import command, resuming
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.failures import Failure, allowed, failures
from kestrel_cli.reporters.family import family, followed
from kestrel_cli.reporters.news import attempt_text
from kestrel_cli.reporters.snippets import fitted
from kestrel_cli.reporters.spans import span_text
from kestrel_cli.reporters.style import ASCII, LOOKS, UNICODE
from kestrel_cli.reporters.tails import MOST_ROWS, NO_TAILS, Tails
from kestrel_cli.reporters.tree import Line, length, tail_rows
from kestrel_cli.reporters.wording import worded

_MOST_CAUSES: Final = 20
_GLANCE: Final = 12  # task runs whose tree needs no list of causes below it
_COUNTED: Final = (
    (State.FAILED, "failed"),
    (State.WARNING, "with a warning"),
    (State.KILLED, "killed"),
    (State.CANCELLED, "cancelled"),
    (State.RETRIED, "retried"),
    (State.PAUSED, "paused"),
    (State.SKIPPED, "skipped"),
)


def cause_lines(
    execution: Execution, style: Style, tails: Tails = NO_TAILS, *, alone: bool = False
) -> Iterator[Line]:
    """Each failed leaf with its path, attempt, message and the end of its log, when the execution
    FAILED; equal ones are told once. Outputs of a flow whose tasks failed come last.

    A short tree shows the same in one glance, so nothing is repeated below it. Where they stand
    `alone`, below lines that have told of each failure, the ends of logs are what is new.
    """
    if execution.state is not State.FAILED:
        return
    found = failures(execution, tails)
    if _is_short(execution) and not (alone and any(one.tail for one in found)):
        found = [one for one in found if one.cause == Cause(execution, None, "")]
        if any(run.state is State.FAILED for run in execution.listed()):
            return
    if found:
        yield [("failed", "cause:")]
    own = found.pop() if found and found[-1].cause.run is None else None  # what is rendered at last
    for one in found[:_MOST_CAUSES]:
        yield from _failure(one, State.FAILED, style)
    if len(found) > _MOST_CAUSES:
        rest = sum(1 + one.more for one in found[_MOST_CAUSES:])
        yield [("dim", f"  and {rest:,} more")]
    if own is not None:
        yield from _failure(own, State.FAILED, style)


def allowed_lines(execution: Execution, style: Style, tails: Tails = NO_TAILS) -> Iterator[Line]:
    """How many failures were allowed, and tasks ended with a warning, with one of them as an
    example; a short tree shows them all.
    """
    if _is_short(execution):
        return
    found = allowed(execution, tails)
    if not found:
        return
    number = sum(1 + one.more for one in found)
    words = "task run failed or warned, which the flow allows"
    if number > 1:
        words = "task runs failed or warned, which the flow allows; one of them"
    yield [("warning", f"{number:,} {words}:")]
    yield from _failure(found[0]._replace(more=0), State.WARNING, style)


def _is_short(execution: Execution) -> bool:
    return sum(len(one.listed()) for one in family(execution)) <= _GLANCE


def summary_line(execution: Execution, now: int | None = None) -> Line:
    """flow `demo.each_switch` FAILED in 1.2s: 7 task runs, 1 failed"""
    flow, executions = execution.flow, family(execution)
    number = sum(len(one.listed()) for one in executions)
    counts = [f"{number:,} task run{'s' * (number != 1)}"]
    if len(executions) > 1:
        counts[0] += f" in {len(executions):,} executions"
    found = tally(executions)
    counts += [f"{found[state]:,} {word}" for state, word in _COUNTED if found[state]]
    first = (followed(execution) or [execution])[0]
    own = length(execution, now)
    took = own if first is execution else own + execution.created_at - first.created_at
    return [
        ("plain", f"flow `{flow.namespace}.{flow.id}` "),
        (LOOKS[execution.state].role, execution.state),
        ("plain", f" in {span_text(took)}: {', '.join(counts)}"),
    ]


def hint_lines(execution: Execution) -> Iterator[Line]:
    """How to go on with an execution that stands still."""
    if execution.state not in TERMINAL and any(
        one.state is State.PAUSED for one in family(execution)
    ):
        first = (followed(execution) or [execution])[0]  # the run is found under its id
        yield [("plain", f"hint: `{resuming(first)}` goes on with it")]


def next_lines(execution: Execution, tails: Tails) -> Iterator[Line]:
    """What to type next, in one line, after a run that did not end well."""
    if execution.state not in (State.FAILED, State.KILLED):
        return
    words = [f"`{command(execution, 'restart')}` runs what failed again"]
    found = [one for one in failures(execution, tails) if one.cause.run is not None]
    if execution.state is State.KILLED:
        words = [f"`{command(execution, 'restart')}` goes on with it"]
    elif not found:
        words = [f"`{command(execution, 'replay')}` runs it again from the beginning"]
    elif (run := found[0].cause.run) is not None:
        task = run.task.id
        if len(found[0].tail) >= MOST_ROWS:
            words.append(f"`{command(execution, 'logs', f'--task {task}')}` shows its whole log")
        elif found[0].cause.execution is execution and found[0].more == 0:
            again = command(execution, "replay", f"--task {task}")
            words.append(f"`{again}` does so as a new execution")
    yield [("plain", f"hint: {'; '.join(words)}")]


def _failure(one: Failure, state: State, style: Style) -> Iterator[Line]:
    glyphs, look = (UNICODE if style.unicode else ASCII), LOOKS[state]
    execution, run, _ = one.cause
    where, message = clean(one.path), one.message
    if run is not None and run.attempts:
        where += f" ({attempt_text(execution, run)})"
    rows = clean(worded(message)).rstrip("\n").split("\n")
    places = [where if style.unicode else where.replace("…", glyphs.gap)]
    if style.wraps:
        room = style.width - 6
        rows = fitted(rows, room)
        places = folded(places[0], room)
    yield [
        (look.role, f"  {look.glyph if style.unicode else look.ascii} "),
        ("path", "\n    ".join(places)),
    ]
    for row in rows:  # a row never begins with user text: see logs.py
        yield [("guide", f"    {glyphs.margin}"), ("plain", row)]
    for row in tail_rows(one.tail, style.width - 4, style):
        yield [("guide", f"    {glyphs.margin}"), ("dim", row)]
    if one.more:
        yield [("dim", f"    and {one.more:,} more like this")]
