"""What is told of rehearsals: text for people, a document for programs."""

import json
from typing import Any, Final

from kestrel_cli.app.rehearsal.rehearse import MadeUp, Rehearsal
from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.flowfile.diagnostics import as_data

_WIDEST: Final = 60  # columns of a value
_NAME: Final = 40  # of a name
_READERS: Final = 4


def rehearsal_text(one: Rehearsal, *, quiet: int, all_branches: bool, width: int) -> str:
    """A few lines for each flow: the verdict, what was made up, what was reached."""
    verdict = "walks" if not one.at_fault else "does not walk"
    if one.at_fault and one.state not in (None, "FAILED"):
        errors = sum(each.severity == "error" for each in one.findings)
        verdict = f"{errors} error{'' if errors == 1 else 's'}, does not walk in every case"
    runs = f"{one.task_runs} task run{'' if one.task_runs == 1 else 's'}"
    walks = "" if one.walks == 1 else f", {one.walks} walks"
    lines = [f"{one.file}: `{one.flow}` {verdict}: {one.state or 'not begun'}, {runs}{walks}"]
    if not quiet:
        if one.made_up:
            lines += ["made up, and who reads it (line):", *_table(one, width)]
        lines += [
            f"  `{task}` could not do with what was made up, and was not run: {why}"
            for task, why in one.stood_in.items()
        ]
        lines.append("reached: " + _reached(one))
        if all_branches:
            lines += [
                f"  never: {never.kind} {never.what} ({never.file}:{never.line})"
                for never in one.covered.never
            ]
    return "\n".join(lines) + "\n"


def _table(one: Rehearsal, width: int) -> list[str]:
    widest = min(max(len(each.name) for each in one.made_up), _NAME)
    room = max(min(_WIDEST, width - widest - 4), 16)
    lines = []
    for each in one.made_up:
        value = json.dumps(each.value, ensure_ascii=False, default=str)
        if len(value) > room:
            value = value[: room - 3] + "..."
        line, readers = f"  {each.name:<{widest}}  {value}", _readers(each, one.file)
        if readers and len(line) + len(readers) + 2 > width:
            lines += [line, *_broken(readers, widest + 4, width)]
        else:
            lines.append(f"{line}  {readers}".rstrip())
    return lines


def _readers(each: MadeUp, file: str) -> str:
    """Each with its line; with its file, when that is another one."""
    said = []
    for name, place in zip(each.readers, each.places, strict=True):
        if place is None:
            said.append(f"`{name}`" if name != "the flow" else name)
        else:
            said.append(f"`{name}` ({place.line if place.file == file else place})")
    more = f" and {len(said) - _READERS} more" if len(said) > _READERS else ""
    return ", ".join(said[:_READERS]) + more


def _broken(readers: str, indent: int, width: int) -> list[str]:
    import textwrap

    pad = " " * indent
    return textwrap.wrap(
        readers,
        max(width, indent + 20),
        initial_indent=pad,
        subsequent_indent=pad,
        break_long_words=False,
    )


def _reached(one: Rehearsal) -> str:
    covered = one.covered
    parts = zip(
        ("tasks", "branches", "expressions"),
        (covered.tasks, covered.branches, covered.expressions),
        strict=True,
    )
    return ", ".join(f"{name} {got}/{whole}" for name, (got, whole) in parts)


def summary(found: list[Rehearsal], failed: int) -> str:
    """One line for all."""
    walks = sum(not one.at_fault for one in found)
    invalid = f", {failed} not valid" if failed else ""
    return f"{len(found)} flows rehearsed: {walks} walk, {len(found) - walks} do not{invalid}"


def document(found: list[Rehearsal], invalid: list[Diagnostic]) -> dict[str, Any]:
    """The same as data; of files that are no valid flow the first thing that is wrong."""
    return {
        "schemaVersion": 1,
        "rehearsals": [_shape(one) for one in found],
        "invalid": [as_data(one) for one in invalid],
    }


def _shape(one: Rehearsal) -> dict[str, Any]:
    return {
        "file": one.file,
        "flow": one.flow,
        "walks": not one.at_fault,
        "state": one.state,
        "taskRuns": one.task_runs,
        "runs": one.walks,
        "madeUp": [
            {
                "name": each.name,
                "value": each.value,
                "readBy": each.readers,
                "readAt": [None if place is None else str(place) for place in each.places],
            }
            for each in one.made_up
        ],
        "stoodIn": one.stood_in,
        "reached": {
            "tasks": one.covered.tasks,
            "branches": one.covered.branches,
            "expressions": one.covered.expressions,
        },
        "never": [each._asdict() for each in one.covered.never],
        "findings": [as_data(each) for each in one.findings],
    }
