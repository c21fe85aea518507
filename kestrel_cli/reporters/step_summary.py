"""A run as Markdown, for the page that a CI system shows of a step; and as its outputs."""

import json
import secrets
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.reporters.clean import clean, one_line
from kestrel_cli.reporters.failures import failures
from kestrel_cli.reporters.family import family
from kestrel_cli.reporters.forest import FOLDS_ABOVE
from kestrel_cli.reporters.json_values import clipped_json
from kestrel_cli.reporters.paths import place_by_value
from kestrel_cli.reporters.spans import span_text
from kestrel_cli.reporters.style import LOOKS
from kestrel_cli.reporters.summary import summary_line
from kestrel_cli.reporters.tails import Tails
from kestrel_cli.reporters.tree import length

MOST_BYTES: Final = 900_000  # GitHub takes 1 MiB of a step, and other commands write there, too
_LONGEST: Final = 300  # characters of a value
_MOST_FAILURES: Final = 50
_SOUND: Final = (State.SUCCESS, State.SKIPPED)


def step_summary(root: Execution, tails: Tails, mocked: Sequence[str] = ()) -> str:
    """State, failures with the end of their logs, a table of task runs, what was mocked, inputs;
    secrets as masks. Never longer than GitHub takes.
    """
    parts, size = [], 0
    for part in _parts(root, tails, mocked):
        size += len(part.encode("utf-8", "replace"))
        if size > MOST_BYTES:
            parts.append("\n\n... and more, which is too long for this page.\n")
            break
        parts.append(part)
    return "".join(parts)


def step_outputs(root: Execution) -> str:
    """`state`, `execution-id` and the outputs of the flow, in the form of `$GITHUB_OUTPUT`."""
    found = {
        one_line(str(name)).replace("=", "_"): value if isinstance(value, str) else _json(value)
        for name, value in (root.masker.shown(root.outputs or {})).items()
    }
    found |= {"state": str(root.state), "execution-id": root.id}
    lines = []
    for name, text in found.items():
        end = f"kestrel_{secrets.token_hex(8)}"  # so that no value can end itself
        lines.append(f"{name}<<{end}\n{text}\n{end}\n")
    return "".join(lines)


def _parts(root: Execution, tails: Tails, mocked: Sequence[str]) -> Iterator[str]:
    line = "".join(text for _, text in summary_line(root))
    yield f"### {LOOKS[root.state].glyph} {_words(line)}\n\n"
    found = failures(root, tails)
    for one in found[:_MOST_FAILURES]:
        more = f", and {one.more:,} more like this" if one.more else ""
        place = "" if one.where is None else f" ({one.where[0]}:{one.where[1]}:{one.where[2]})"
        yield f"**{_words(one.path)}** failed{_words(place)}{more}\n\n"
        yield _pre([one.message.rstrip("\n"), *one.tail])
    if len(found) > _MOST_FAILURES:
        yield f"and {len(found) - _MOST_FAILURES:,} more failures\n\n"
    yield from _table(root)
    if mocked:
        yield "\nMocked: " + ", ".join(_code(name) for name in mocked) + "\n"
    if root.inputs:
        yield "\n| input | value |\n|---|---|\n"
        for name, value in root.masker.shown(root.inputs).items():
            text = value if isinstance(value, str) else clipped_json(value, _LONGEST)[0]
            yield f"| {_words(str(name))} | {_words(text)} |\n"


def _table(root: Execution) -> Iterator[str]:
    runs = [(one, run) for one in family(root) for run in one.listed()]
    shown = runs
    if len(runs) > FOLDS_ABOVE:  # what did not end well first
        shown = [one for one in runs if one[1].state not in _SOUND]
        shown = [*shown, *(one for one in runs if one[1].state in _SOUND)][:FOLDS_ABOVE]
    if not shown:
        return
    yield "| task | state | duration | attempts |\n|---|---|---|---|\n"
    for execution, run in shown:
        yield _row(execution, run)
    if len(shown) < len(runs):
        yield f"\nand {len(runs) - len(shown):,} more task runs\n"


def _row(execution: Execution, run: TaskRun) -> str:
    took = "" if run.state is State.SKIPPED else span_text(length(run))
    state = f"{LOOKS[run.state].glyph} {run.state}"
    path = place_by_value(execution, run)
    return f"| {_words(path)} | {state} | {took} | {len(run.attempts) or ''} |\n"


def _pre(rows: Sequence[str]) -> str:
    text = escape(clean("\n".join(rows)))
    return f"<pre>\n{text}\n</pre>\n\n"


def _words(text: str) -> str:
    """Text that Markdown and HTML leave alone."""
    text = escape(one_line(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"))
    return "".join(f"\\{one}" if one in "\\`*_{}[]|~" else one for one in text)


def _code(text: str) -> str:
    return f"`{one_line(text).replace('`', '')}`"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
