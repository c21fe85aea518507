"""Findings for programs: JSON, GitHub, GitLab, SARIF, JUnit."""

import json
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from kestrel_cli.app.validate import Verdict
from kestrel_cli.cli.findings_text import in_order
from kestrel_cli.cli.guard import warn
from kestrel_cli.diagnostic import Diagnostic, Position
from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile.diagnostics import as_data, render, visible
from kestrel_cli.reporters.wording import counted

_COMPUTED: Final = "(computed)"


class Format(StrEnum):
    """How findings are shown."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    GITLAB = "gitlab"
    SARIF = "sarif"
    JUNIT = "junit"


class FailOn(StrEnum):
    """The mildest finding that makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"


def written(form: Format, verdict: Verdict, code: int, fail_on: FailOn, *, quiet: bool) -> str:
    """All findings in one text; `quiet` leaves errors only, in all but JSON."""
    found = _wanted(verdict, quiet=quiet)
    match form:
        case Format.TEXT:
            return "\n\n".join([*map(render, in_order(found)), summary(verdict)])
        case Format.GITHUB:
            from kestrel_cli.reporters.findings.github import annotations

            return "\n".join(annotations(found))
        case Format.GITLAB:
            from kestrel_cli.reporters.findings.gitlab import code_quality

            return code_quality(found)
        case Format.SARIF:
            from kestrel_cli.app.rules import rules
            from kestrel_cli.reporters.findings.sarif import Explained, sarif

            known = {name: Explained(one.summary, one.page) for name, one in rules().items()}
            return sarif(found, known)
        case Format.JUNIT:
            from kestrel_cli.reporters.findings.junit import junit

            failing = {"error", "warning"} if fail_on is FailOn.WARNING else {"error"}
            return junit(verdict.names, found, failing)
        case Format.JSON:
            return _as_json(verdict, code)


def annotate(verdict: Verdict, *, quiet: bool, environ: Mapping[str, str]) -> None:
    """Workflow commands on stdout, and the step's summary where there is a file for it."""
    from kestrel_cli.reporters.findings.github import annotations, left_out, step_summary

    found = _wanted(verdict, quiet=quiet)
    lines = annotations(found)
    if more := left_out(found):
        lines.append(more)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    file = environ.get("GITHUB_STEP_SUMMARY")
    if file and found:
        try:
            with Path(file).open("a", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(step_summary(found, summary(verdict)))
        except OSError as error:
            warn(f"GITHUB_STEP_SUMMARY cannot be written: {error.strerror}")


def secrets_text(found: Mapping[str, Sequence[Position]], form: Format) -> str:
    """A line for each place that reads a secret, or one JSON document with all of them."""
    if form is Format.JSON:
        secrets = [
            {
                "name": name or None,
                "places": [
                    {"file": at.file, "line": at.line, "column": at.column} for at in places
                ],
            }
            for name, places in found.items()
        ]
        return json.dumps({"schemaVersion": 1, "secrets": secrets}, indent=2) + "\n"
    if form is not Format.TEXT:
        raise UsageError("`--list-secrets` is `text` or `json`")
    width = max((len(name or _COMPUTED) for name in found), default=0)
    return "".join(
        f"{visible(name or _COMPUTED):{width}}  {visible(str(at))}\n"
        for name, places in found.items()
        for at in places
    )


def summary(verdict: Verdict) -> str:
    """How many files were looked at, and how much was found."""
    counts = [counted(verdict.count("error"), "error")] if verdict.count("error") else ["no errors"]
    if warnings := verdict.count("warning"):
        counts.append(counted(warnings, "warning"))
    if infos := verdict.count("info"):
        counts.append(counted(infos, "note"))
    return f"{counted(verdict.files, 'file')} checked: {', '.join(counts)}"


def _wanted(verdict: Verdict, *, quiet: bool) -> list[Diagnostic]:
    return [one for one in verdict.diagnostics if not quiet or one.severity == "error"]


def _as_json(verdict: Verdict, code: int) -> str:
    data = {
        "schemaVersion": 1,
        "files": verdict.files,
        "errors": verdict.count("error"),
        "warnings": verdict.count("warning"),
        "notes": verdict.count("info"),
        "exitCode": code,
        "diagnostics": [as_data(found) for found in verdict.diagnostics],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)
