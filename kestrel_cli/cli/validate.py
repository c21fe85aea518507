"""`kestrel validate`: check flow files without running anything."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from kestrel_cli.app.secret_names import secret_names
from kestrel_cli.app.validate import Verdict
from kestrel_cli.app.validate import validate as check
from kestrel_cli.cli.files import whole_file
from kestrel_cli.cli.findings_formats import (
    FailOn,
    Format,
    annotate,
    secrets_text,
    summary,
    written,
)
from kestrel_cli.cli.findings_text import finding_lines
from kestrel_cli.cli.guard import exit_codes, warn
from kestrel_cli.cli.look import flags_of
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
from kestrel_cli.reporters.console import Flags, look_at, never_fails, said_yes, style_for
from kestrel_cli.reporters.painter import write_lines
from kestrel_cli.store.config import read_config


def validate(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Flow files, directories, or `-` for standard input."
        ),
    ],
    output: Annotated[
        Format, typer.Option("--format", help="How findings are shown.")
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
        typer.Option("--verbose", "-v", help="Show every note, and the rule of each finding."),
    ] = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 whatever is found in the files.")
    ] = False,
    output_file: Annotated[
        str | None,
        typer.Option(
            "--output-file",
            metavar="FILE",
            help="Where what `--format` says is written; text is shown besides.",
        ),
    ] = None,
    no_annotations: Annotated[
        bool, typer.Option("--no-annotations", help="No annotations besides text on GitHub.")
    ] = False,
    list_secrets: Annotated[
        bool,
        typer.Option(
            "--list-secrets", help="List the secrets that the files read, and where; check nothing."
        ),
    ] = False,
    color: ColorWhen = None,
    width: Width = None,
    ascii_only: AsciiOnly = False,
    flows_dir: FlowsDir = None,
    _no_plugins: NoPlugins = False,
    compat: Compat = None,
    no_project_config: NoProjectConfig = False,
    max_depth: Annotated[
        int,
        typer.Option("--max-depth", metavar="N", min=1, max=20_000, help="How deep YAML may nest."),
    ] = MAX_DEPTH,
) -> None:
    """Check flow files: syntax, properties, types, references, expressions. Nothing is run.

    The exit code is 0 without errors, 1 with errors, 3 when a file could not be read.
    `kestrel help rules` lists what is looked for.

    \b
    Examples:
      kestrel validate flow.yaml
      kestrel validate flows/ --skip-non-flows
      kestrel validate flows/ --format sarif --fail-on warning --output-file out.sarif
    """
    with exit_codes():
        if list_secrets:
            never_fails(sys.stdout)
            sys.stdout.write(secrets_text(secret_names(files), output))
            return
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
        if output_file is not None:
            with whole_file(output_file, "--output-file") as file:
                print(written(output, verdict, code, fail_on, quiet=quiet), file=file)
        if output is Format.TEXT or output_file is not None:
            flags = flags_of(color, width, ascii_only=ascii_only, config=config)
            _show(verdict, flags, quiet=quiet, verbose=verbose)
            if not no_annotations and said_yes(os.environ, "GITHUB_ACTIONS"):
                annotate(verdict, quiet=quiet, environ=os.environ)
        elif output is Format.GITHUB:
            annotate(verdict, quiet=quiet, environ=os.environ)
            if not quiet:
                sys.stdout.write(summary(verdict) + "\n")
        else:
            sys.stdout.write(written(output, verdict, code, fail_on, quiet=quiet) + "\n")
        raise typer.Exit(code)


def _show(verdict: Verdict, flags: Flags, *, quiet: bool, verbose: bool) -> None:
    """Findings and the summary, for people; nothing at all when there was nothing to look at."""
    style = style_for(os.environ, look_at(sys.stdout), flags)
    shown = [one for one in verdict.diagnostics if not quiet or one.severity == "error"]
    write_lines(finding_lines(shown, style, verbose=verbose), sys.stdout, style.colour)
    if not quiet and verdict.files:
        sys.stdout.write(summary(verdict) + "\n")
