"""Findings as GitHub shows them: annotations beside the lines, and the summary of the step."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from kestrel_cli.diagnostic import Diagnostic, Severity
from kestrel_cli.reporters.clean import one_line

_MOST: Final = 10  # annotations of a level that GitHub shows for a step
_NOUNS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "info": "note"}
_MOST_BYTES: Final = 900_000  # GitHub refuses a summary above 1 MiB


def annotations(found: Sequence[Diagnostic]) -> list[str]:
    """Workflow commands, one for each finding; GitHub shows ten of each level."""
    lines = []
    shown: Counter[str] = Counter()
    for one in found:
        shown[one.severity] += 1
        if shown[one.severity] <= _MOST:
            lines.append(_annotation(one))
    return lines


def left_out(found: Sequence[Diagnostic]) -> str | None:
    """How many findings have no annotation, in words; None when all have one."""
    counts = Counter(one.severity for one in found)
    more = [
        f"{counts[level] - _MOST} more {noun}{'' if counts[level] - _MOST == 1 else 's'}"
        for level, noun in _NOUNS.items()
        if counts[level] > _MOST
    ]
    return (
        f"and {', '.join(more)}: GitHub shows {_MOST} annotations of each level" if more else None
    )


def step_summary(found: Sequence[Diagnostic], headline: str, command: str = "validate") -> str:
    """All findings as a table of Markdown, as many as GitHub takes."""
    lines = [f"### kestrel {command}: {headline}", ""]
    if found:
        lines += ["| | Rule | Where | What |", "| --- | --- | --- | --- |"]
    room = _MOST_BYTES
    for number, one in enumerate(found):
        hint = f"<br>hint: {_cell(one.hint)}" if one.hint else ""
        row = f"| {_NOUNS[one.severity]} | {_cell(one.code)} | {_cell(str(one.where))} "
        row += f"| {_cell(one.message)}{hint} |"
        room -= len(row.encode()) + 1
        if room < 0:
            lines += ["", f"and {len(found) - number} more"]
            break
        lines.append(row)
    return "\n".join(lines) + "\n\n"


def _cell(text: str) -> str:
    plain = one_line(text).replace("&", "&amp;").replace("<", "&lt;")
    return plain.replace("\\", "\\\\").replace("|", "\\|")


def _annotation(one: Diagnostic) -> str:
    command = "notice" if one.severity == "info" else one.severity
    file, line, column = one.where
    place = f",line={line},col={column}" if line else ""
    hint = f"\nhint: {one.hint}" if one.hint else ""
    name, title = _in_property(file), _in_property(one.code)
    return f"::{command} file={name}{place},title={title}::{_in_message(one.message + hint)}"


def _in_message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _in_property(text: str) -> str:
    return _in_message(text).replace(":", "%3A").replace(",", "%2C")
