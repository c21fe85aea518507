"""`kestrel validate`: check flow files without running anything."""

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kestrel_cli.app.validate import Verdict
from kestrel_cli.app.validate import validate as check
from kestrel_cli.cli.findings_text import finding_lines
from kestrel_cli.cli.guard import exit_codes, warn
from kestrel_cli.cli.options import (
    AsciiOnly,
    ColorWhen,
    Compat,
    FlowsDir,
    NoPlugins,
    NoProjectConfig,
    Width,
)
from kestrel_cli.flowfile import MAX_DEPTH
from kestrel_cli.flowfile.diagnostics import annotations, as_data
from kestrel_cli.reporters.console import Flags, look_at, never_fails, style_for
from kestrel_cli.reporters.painter import write_lines
from kestrel_cli.store.config import read_config


class Format(StrEnum):
    """How findings are shown."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


class FailOn(StrEnum):
    """The mildest finding that makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"


def validate(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Flow files, directories, or `-` for standard input."
        ),
    ],
    output: Annotated[
        Format, typer.Option("--format", help="Text, one JSON document, or GitHub annotations.")
    ] = Format.TEXT,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Exit with 1 from this severity on.")
    ] = FailOn.ERROR,
    skip_non_flows: Annotated[
        bool, typer.Option("--skip-non-flows", help="Pass over YAML files that are no flows.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show errors only, and no summary.")
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", help="Show every note, also each of types that do not run here."
        ),
    ] = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 whatever is found in the files.")
    ] = False,
    color: ColorWhen = None,
    width: Width = None,
    ascii_only: AsciiOnly = False,
    flows_dir: FlowsDir = None,
    _no_plugins: NoPlugins = False,
    compat: Compat = None,
    no_project_config: NoProjectConfig = False,
    max_depth: Annotated[
        int, typer.Option("--max-depth", min=1, max=20_000, help="How deep YAML may nest.")
    ] = MAX_DEPTH,
) -> None:
    """Check flow files: syntax, properties, types, references, expressions. Nothing is run.

    The exit code is 0 without errors, 1 with errors, 3 when a file could not be read.

    \b
    Examples:
      kestrel validate flow.yaml
      kestrel validate flows/ --skip-non-flows
      kestrel validate flows/ --format github --fail-on warning
    """
    with exit_codes():
        config = read_config(Path.cwd(), os.environ, warn, ignore_project=no_project_config)
        verdict = check(
            files,
            skip_non_flows=skip_non_flows,
            max_depth=max_depth,
            flows_dir=flows_dir or config.flows_dir,
            plugin_defaults=config.plugin_defaults,
            compat=compat or config.compat or 1,
        )
        code = verdict.exit_code(fail_on_warning=fail_on is FailOn.WARNING)
        if exit_zero and code == 1:
            code = 0
        never_fails(sys.stdout)
        if output is Format.JSON:
            sys.stdout.write(_document(verdict, code) + "\n")
        elif output is Format.GITHUB:
            _annotate(verdict, quiet=quiet)
        else:
            wanted = color.value if color is not None else config.color or "auto"
            flags = Flags(wanted, width, ascii_only)  # type: ignore[arg-type]  # one of them
            _show(verdict, flags, quiet=quiet, verbose=verbose)
        raise typer.Exit(code)


def _annotate(verdict: Verdict, *, quiet: bool) -> None:
    shown = [one for one in verdict.diagnostics if not quiet or one.severity == "error"]
    lines = annotations(shown)
    if not quiet:
        lines.append(_summary(verdict))
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _show(verdict: Verdict, flags: Flags, *, quiet: bool, verbose: bool) -> None:
    """Findings and the summary, for people; nothing at all when there was nothing to look at."""
    style = style_for(os.environ, look_at(sys.stdout), flags)
    shown = [one for one in verdict.diagnostics if not quiet or one.severity == "error"]
    write_lines(finding_lines(shown, style, verbose=verbose), sys.stdout, style.colour)
    if not quiet and verdict.files:
        sys.stdout.write(_summary(verdict) + "\n")


def _summary(verdict: Verdict) -> str:
    counts = (
        [_counted(verdict.count("error"), "error")] if verdict.count("error") else ["no errors"]
    )
    if warnings := verdict.count("warning"):
        counts.append(_counted(warnings, "warning"))
    if infos := verdict.count("info"):
        counts.append(_counted(infos, "note"))
    return f"{_counted(verdict.files, 'file')} checked: {', '.join(counts)}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _document(verdict: Verdict, code: int) -> str:
    document = {
        "schemaVersion": 1,
        "files": verdict.files,
        "errors": verdict.count("error"),
        "warnings": verdict.count("warning"),
        "notes": verdict.count("info"),
        "exitCode": code,
        "diagnostics": [as_data(found) for found in verdict.diagnostics],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
