"""What the commands that run something share: from their options to a request, reporters and an
exit code.
"""

import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

import typer

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.cli.files import whole_file
from kestrel_cli.cli.guard import warn
from kestrel_cli.cli.options import Color, FailOn, Level, OnPause, Output
from kestrel_cli.cli.signals import ends_on_signals
from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.record import fresh, record
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.reporters.console import Flags, look_at, never_fails, style_for
from kestrel_cli.reporters.gate import Gate
from kestrel_cli.reporters.outputs import OUTPUTS, Sinks
from kestrel_cli.store.config import Config, read_config

_UNITS: Final = {"s": 1, "m": 60, "h": 3600}


@record
class Shown:
    """How a run is shown."""

    output: Output = Output.TEXT
    json_file: str | None = None
    quiet: int = 0
    level: Level | None = None
    color: Color | None = None
    width: int | None = None
    ascii_only: bool = False


@record
class From:
    """Where a run finds what it needs."""

    secrets: Sequence[str] = ()
    env: Sequence[str] = ()
    kv: Sequence[str] = ()
    namespace_files: str | None = None
    offline: bool = False
    containers: str | None = None
    kill_grace: str | None = None
    state_dir: str | None = None
    flows_dir: str | None = None
    environ: Mapping[str, str] = fresh(factory=lambda: os.environ)
    config: Config = fresh(factory=Config)


def settings() -> Config:
    """The settings that hold in the working directory."""
    return read_config(Path.cwd(), os.environ, warn)


def fill(request: RunRequest, source: From) -> RunRequest:
    """Give a request what options and settings say about its outside. Raises UsageError,
    CannotStart.
    """
    config = source.config
    secrets = [*config.secrets_file, *source.secrets]
    env = [*config.env_file, *source.env]
    files = source.namespace_files or config.namespace_files
    offline = source.offline or bool(config.offline)
    request.environ = source.environ
    if secrets or env or source.kv or files is not None or offline:
        from kestrel_cli.cli.outside import environment, read_given

        request.given = read_given(secrets, source.kv, files, offline=offline)
        request.environ = environment(env, source.environ)
    containers = source.containers or config.containers
    request.given.settings = {"containers": containers or "auto"}
    if source.kill_grace is not None:
        grace = seconds(source.kill_grace, "--kill-grace")
        request.given.settings["kill-grace"] = str(grace)
    request.globals = config.globals
    request.namespace_variables = config.variables_of
    request.plugin_defaults = config.plugin_defaults
    request.state_dir = source.state_dir or config.state_dir
    request.warn = warn
    return request


def library_for(loaded: Loaded, source: From, max_depth: int) -> Library:
    """Where other flows are found."""
    folder = source.flows_dir or source.config.flows_dir
    defaults = source.config.plugin_defaults
    if folder is not None and not Path(folder).is_dir():
        raise UsageError(f"`--flows-dir {folder}`: no such directory")
    return Library.beside(loaded, folder, max_depth=max_depth, plugin_defaults=defaults)


def limits(
    request: RunRequest,
    config: Config,
    *,
    timeout: str | None,
    fail_on: FailOn | None,
    sequential: bool,
    durable: bool,
) -> RunRequest:
    """How long it may run, and what counts as a failure."""
    asked = timeout or config.timeout
    request.timeout = None if asked is None else seconds(asked)
    wanted = fail_on.value if fail_on is not None else config.fail_on
    request.fail_on_warning = wanted == "warning"
    request.sequential = sequential or bool(config.sequential)
    request.durable = durable or bool(config.durable)
    return request


def pause_policy(option: OnPause | None, config: Config, kept: str | None = None) -> Any:
    """`skip`, `fail` or `wait`; `kept` is what the run had before."""
    return option.value if option is not None else kept or config.pause or "fail"


def show_run(request: RunRequest, shown: Shown, config: Config, work: "Work") -> None:
    """Run, show it, and exit with its code."""
    if shown.json_file == "-":
        raise UsageError("`--json-file -`: use `-o json` for JSON on stdout")
    level = shown.level.value if shown.level is not None else config.log_level or "INFO"
    color = shown.color.value if shown.color is not None else config.color or "auto"
    flags = Flags(color, shown.width, shown.ascii_only)  # type: ignore[arg-type]  # one of them
    with whole_file(shown.json_file, "--json-file") as file:
        request.reporters = reporters(shown.output, flags, level, shown.quiet, request.gate, file)
        spare_the_collector()
        with ends_on_signals(request.interrupts):
            result = work(request)
    if result.exit_code:
        raise typer.Exit(result.exit_code)


Work = Callable[[RunRequest], RunResult]


def reporters(
    output: Output, flags: Flags, level: str, quiet: int, gate: Gate, file: TextIO | None
) -> list[Reporter]:
    """What shows a run, behind the gate of its journal."""
    found = sinks(output, flags, level, quiet, gate)
    shown = [OUTPUTS[output.value](found)]
    if file is not None:
        shown.append(OUTPUTS["json"](found.onto(file)))
    return shown


def sinks(output: Output, flags: Flags, level: str, quiet: int, gate: Gate | None = None) -> Sinks:
    """The streams of this process, ready for an output."""
    for stream in (sys.stdout, sys.stderr):
        never_fails(stream)
    if output is Output.TEXT:
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a log is read as it grows
    styles = [style_for(os.environ, look_at(stream), flags) for stream in (sys.stdout, sys.stderr)]
    gate = gate or Gate()
    out, err = gate.guarded(sys.stdout), gate.guarded(sys.stderr)
    return Sinks(out, err, styles[0], styles[1], level, quiet)  # type: ignore[arg-type]  # a level


def seconds(text: str, option: str = "--timeout") -> float:
    """`PT5M`, `90s`, `5m`, `1h` or a bare number of seconds."""
    try:
        if text[-1:] in _UNITS and text[:1] not in "Pp":
            found = float(text[:-1]) * _UNITS[text[-1]]
        else:
            found = Duration.parse(text).seconds
    except ValueError:
        raise UsageError(f"`{option} {text}`: write `PT5M`, `90s`, `5m` or `1h`") from None
    if not 0 < found < float("inf"):
        raise UsageError(f"`{option} {text}`: this must be a length of time")
    return found


def spare_the_collector() -> None:
    """A run keeps all it makes, so looking for garbage again and again only costs:
    half of a long run's time.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)
