"""`kestrel run`: run a flow file here and now."""

import gc
import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, TextIO

import typer

from kestrel_cli.app.run import RunRequest
from kestrel_cli.app.run import run as run_flow
from kestrel_cli.cli.files import whole_file
from kestrel_cli.cli.guard import exit_codes, warn
from kestrel_cli.cli.options import (
    EnvFiles,
    KeyValuePairs,
    NamespaceFiles,
    Offline,
    SecretsFiles,
)
from kestrel_cli.cli.signals import ends_on_signals
from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile import load
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.flow import Flow
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.reporters.console import Flags, look_at, never_fails, style_for
from kestrel_cli.reporters.gate import Gate
from kestrel_cli.reporters.outputs import OUTPUTS, Sinks
from kestrel_cli.worker.interrupts import Interrupts
from kestrel_cli.worker.services import Given


class Output(StrEnum):
    """What stdout holds."""

    TEXT = "text"
    JSON = "json"
    TREE = "tree"
    YAML = "yaml"
    NDJSON = "ndjson"


class Level(StrEnum):
    """Kestra's log levels, mildest first."""

    TRACE = "TRACE"
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class Color(StrEnum):
    """When to colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class FailOn(StrEnum):
    """The mildest final state that makes the exit code 1."""

    FAILED = "failed"
    WARNING = "warning"


def run(
    flow_file: Annotated[
        str, typer.Argument(metavar="FLOW", help="The flow file; `-` reads standard input.")
    ],
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            "-i",
            metavar="K=V",
            help="An input: `k=text`, `k=@file` or `k:=json`. Repeatable.",
        ),
    ] = None,
    inputs_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Inputs from a YAML, JSON or .env file.")
    ] = None,
    output: Annotated[
        Output,
        typer.Option(
            "--output",
            "-o",
            help="`text`: logs, tree, summary. Others: one document on stdout, logs on stderr.",
        ),
    ] = Output.TEXT,
    json_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the execution as JSON there, too.")
    ] = None,
    quiet: Annotated[
        int,
        typer.Option(
            "--quiet",
            "-q",
            count=True,
            show_default=False,
            help="Failures and the summary only; -qq: nothing.",
        ),
    ] = 0,
    log_level: Annotated[
        Level, typer.Option(case_sensitive=False, help="The mildest log level to show.")
    ] = Level.INFO,
    secrets_file: SecretsFiles = None,
    env_file: EnvFiles = None,
    kv: KeyValuePairs = None,
    namespace_files: NamespaceFiles = None,
    offline: Offline = False,
    label: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="A label of the execution. Repeatable.")
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="The mildest final state that ends with exit code 1.")
    ] = FailOn.FAILED,
    timeout: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="Kill the run after that: `PT5M`, `90s`, `5m`."),
    ] = None,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask for inputs.")] = False,
    state_dir: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Where journals are kept.", envvar="KESTREL_STATE_DIR"),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Makes ids and random functions repeatable.")
    ] = None,
    compat: Annotated[
        int, typer.Option(min=1, max=2, help="The Kestra generation of expressions.")
    ] = 1,
    max_depth: Annotated[
        int, typer.Option(min=1, max=20_000, help="How deep the YAML may nest.")
    ] = 50,
    color: Annotated[Color, typer.Option(help="When to colour.")] = Color.AUTO,
    width: Annotated[int | None, typer.Option(min=20, help="Columns of the output.")] = None,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII only.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of bugs.")] = False,
) -> None:
    """Run a flow file here and now.

    The exit code is 0 when the execution ends SUCCESS or WARNING, 1 when it fails, 3 when it can't
    start, 4 when the flow needs what Kestrel does not run.

    \b
    Examples:
      kestrel run flow.yaml -i name=Ada -i 'tags:=["a","b"]'
      kestrel run flow.yaml -o json > execution.json
      kestrel run flow.yaml -q --fail-on warning --json-file run.json
    """
    with exit_codes(debug=debug):
        _one_use_of_stdin(flow_file, inputs or [], inputs_file)
        if json_file == "-":
            raise UsageError("`--json-file -`: use `-o json` for JSON on stdout")
        loaded = load(flow_file, max_depth=max_depth)
        flow = loaded.flow
        interrupts = Interrupts()
        given, environ = _given(
            secrets_file or [], env_file or [], kv or [], namespace_files, offline=offline
        )
        request = RunRequest(
            flow,
            text=loaded.text,
            inputs=_inputs(flow, inputs or [], inputs_file, environ, no_input=no_input),
            given=given,
            demand_secrets=True,
            environ=environ,
            labels=[_label(one) for one in label or []],
            state_dir=state_dir,
            timeout=None if timeout is None else _seconds(timeout),
            seed=seed,
            compat=compat,
            fail_on_warning=fail_on is FailOn.WARNING,
            warn=warn,
            interrupts=interrupts,
        )
        flags = Flags(color.value, width, ascii_only)
        with whole_file(json_file, "--json-file") as file:
            request.reporters = _reporters(output, flags, log_level, quiet, request.gate, file)
            spare_the_collector()
            with ends_on_signals(interrupts):
                result = run_flow(request)
        code = result.exit_code
    if code:
        raise typer.Exit(code)


def _one_use_of_stdin(flow_file: str, inputs: list[str], inputs_file: str | None) -> None:
    """Standard input can be read once."""
    uses = [option for option in inputs if option.endswith("=@-")]
    uses += [
        name
        for name, value in (("FLOW", flow_file), ("--inputs-file", inputs_file))
        if value == "-"
    ]
    if len(uses) > 1:
        raise UsageError(f"standard input can be read once, but is asked for by: {', '.join(uses)}")


def _label(option: str) -> tuple[str, str]:
    name, equals, value = option.partition("=")
    if not equals or not name or not value:
        raise UsageError(f"`--label {option}`: write `--label name=value`")
    if name.startswith("system."):
        raise UsageError(f"`--label {option}`: system labels are set by the engine only")
    return name, value


def _seconds(text: str) -> float:
    """`PT5M`, `90s`, `5m`, `1h` or a bare number of seconds."""
    units = {"s": 1, "m": 60, "h": 3600}
    try:
        if text[-1:] in units and text[:1] not in "Pp":
            seconds = float(text[:-1]) * units[text[-1]]
        else:
            seconds = Duration.parse(text).seconds
    except ValueError:
        raise UsageError(f"`--timeout {text}`: write `PT5M`, `90s`, `5m` or `1h`") from None
    if not 0 < seconds < float("inf"):
        raise UsageError(f"`--timeout {text}`: a timeout must be a length of time")
    return seconds


def _given(
    secrets: list[str], env: list[str], kv: list[str], files: str | None, *, offline: bool
) -> tuple[Given, Mapping[str, str]]:
    """What the options give the run, and its environment."""
    if not (secrets or env or kv or files is not None or offline):
        return Given(), os.environ
    from kestrel_cli.cli.outside import environment, read_given

    return read_given(secrets, kv, files, offline=offline), environment(env, os.environ)


def _inputs(
    flow: Flow,
    options: list[str],
    file: str | None,
    environ: Mapping[str, str],
    *,
    no_input: bool,
) -> dict[str, object]:
    if not flow.inputs and not options and file is None:
        return {}
    from kestrel_cli.cli.inputs import read_inputs

    given = read_inputs(flow, options, file, stdin=sys.stdin)
    from kestrel_cli.cli.input_prompts import Terminal, ask_missing, may_ask

    if may_ask(sys.stdin, os.environ, no_input=no_input):
        from kestrel_cli.app.run import input_renderer

        terminal = Terminal(sys.stdin, sys.stderr)
        given = ask_missing(flow, given, terminal, render=input_renderer(flow, environ))
    return given


def _reporters(
    output: Output, flags: Flags, level: Level, quiet: int, gate: Gate, file: TextIO | None
) -> list[Reporter]:
    for stream in (sys.stdout, sys.stderr):
        never_fails(stream)
    if output is Output.TEXT:
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a log is read as it grows
    styles = [style_for(os.environ, look_at(stream), flags) for stream in (sys.stdout, sys.stderr)]
    out, err = gate.guarded(sys.stdout), gate.guarded(sys.stderr)
    sinks = Sinks(out, err, styles[0], styles[1], level.value, quiet)
    reporters = [OUTPUTS[output.value](sinks)]
    if file is not None:
        reporters.append(OUTPUTS["json"](sinks.onto(file)))
    return reporters


def spare_the_collector() -> None:
    """A run keeps all it makes, so looking for garbage again and again only costs:
    half of a long run's time.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)
