"""What was pushed, for people and for programs."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from kestrel_cli.app.deploying.outcome import FileOutcome, FlowOutcome, Outcome
from kestrel_cli.app.validate import Verdict
from kestrel_cli.flowfile.diagnostics import Line, as_data
from kestrel_cli.model.masker import hidden
from kestrel_cli.reporters.clean import clean, one_line
from kestrel_cli.reporters.console import Style

_ROLES: Final = {
    "created": "ok",
    "updated": "ok",
    "unchanged": "dim",
    "refused": "failed",
    "unsent": "warning",
}
_WOULD: Final = {"created": "would be created", "updated": "would be updated"}
_WORDS: Final = {"unsent": "not sent"}
_ORDER: Final = ("created", "updated", "unchanged", "refused", "unsent")


def outcome_lines(one: Outcome, style: Style, *, dry: bool) -> Iterator[Line]:
    """What became of one, with what the server says of it, and of a dry run the diff."""
    words = (_WOULD.get(one.change) if dry else None) or _WORDS.get(one.change, one.change)
    parts: Line = [("name", one_line(one.name)), ("plain", "  "), (_ROLES[one.change], words)]
    if isinstance(one, FlowOutcome) and (said := _revision(one, dry=dry)):
        parts.append(("plain", f": {said}"))
    if one.problem is not None:
        parts += [("plain", ": "), ("plain", one_line(hidden(one.problem)))]
    if one.change == "refused":
        parts.append(("dim", f"  ({one_line(one.file)})"))
    yield parts
    if isinstance(one, FlowOutcome):
        for warning in one.warnings:
            yield [("warning", "  warning: "), ("plain", one_line(hidden(warning)))]
        for line in one.diff:
            yield [(_role_of(line), clean(line).replace("\n", " "))]


def _revision(one: FlowOutcome, *, dry: bool) -> str:
    if one.revision is None or one.change in ("refused", "unsent"):
        return ""
    if dry and one.change == "updated":
        return f"revision {one.revision} is there"
    return f"revision {one.revision}"


def _role_of(line: str) -> str:
    if line.startswith(("---", "+++")):
        return "name"
    return {"+": "ok", "-": "error", "@": "value"}.get(line[:1], "plain")


def summary(told: Sequence[Outcome], host: str, *, dry: bool) -> str:
    """How many of each, on one line."""
    flows = [one for one in told if isinstance(one, FlowOutcome)]
    files = [one for one in told if isinstance(one, FileOutcome)]
    parts = [_counted(flows, "flow")] + ([_counted(files, "file")] if files else [])
    end = "; nothing was sent" if dry else ""
    return f"{'; '.join(parts)}; {one_line(host)}{end}"


def _counted(told: Sequence[Outcome], noun: str) -> str:
    changes = [one.change for one in told]
    counts = [
        f"{changes.count(name)} {_WORDS.get(name, name)}" for name in _ORDER if name in changes
    ]
    return f"{len(told)} {noun}{'' if len(told) == 1 else 's'}: {', '.join(counts) or 'none'}"


def refused_lines(told: Sequence[Outcome]) -> Iterator[Line]:
    """What the server does not take, once more at the end: a long list hides it."""
    for one in told:
        if one.change == "refused":
            text = f"{one_line(one.name)} is refused: {one_line(hidden(one.problem or ''))}"
            yield [("failed", "error: "), ("plain", text)]


def as_json(
    host: str | None,
    told: Sequence[Outcome],
    code: int,
    *,
    dry: bool,
    verdict: Verdict | None = None,
) -> str:
    """All of it as one document; `diagnostics` are there when errors here stopped it."""
    document: dict[str, Any] = {
        "schemaVersion": 1,
        "server": host,
        "dryRun": dry,
        "flows": [_flow(one, dry=dry) for one in told if isinstance(one, FlowOutcome)],
        "namespaceFiles": [_file(one) for one in told if isinstance(one, FileOutcome)],
        "exitCode": code,
    }
    if verdict is not None:
        document["diagnostics"] = [as_data(one) for one in verdict.diagnostics]
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _flow(one: FlowOutcome, *, dry: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "namespace": one.namespace,
        "id": one.id,
        "file": one.file,
        "change": one.change,
        "revision": one.revision,
        "revisionBefore": one.before,
        "problem": None if one.problem is None else hidden(one.problem),
        "warnings": [hidden(text) for text in one.warnings],
    }
    return shown | ({"diff": "".join(f"{line}\n" for line in one.diff)} if dry else {})


def _file(one: FileOutcome) -> dict[str, Any]:
    problem = None if one.problem is None else hidden(one.problem)
    return {
        "namespace": one.namespace,
        "path": one.path,
        "file": one.file,
        "change": one.change,
        "problem": problem,
    }
