"""What the commands that run something share: from a request to reporters and an exit code."""

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.cli.file_links import with_links
from kestrel_cli.cli.files import whole_file
from kestrel_cli.cli.guard import report_bug, warn
from kestrel_cli.cli.logging_options import log_level, log_options
from kestrel_cli.cli.look import flags_of
from kestrel_cli.cli.onlooking import heartbeat_of, onlooker_of
from kestrel_cli.cli.options import Output
from kestrel_cli.cli.run_options import ONLY_RUN, RunOptions, settings_of_options
from kestrel_cli.cli.signals import ends_on_signals
from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.flowfile.shelf import Shelf
from kestrel_cli.model.record import changed
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.reporters.console import Flags, in_ci, look_at, never_fails, style_for
from kestrel_cli.reporters.gate import Gate
from kestrel_cli.reporters.outputs import OUTPUTS, Sinks
from kestrel_cli.reporters.tails import Tails
from kestrel_cli.store.config import Config, read_config
from kestrel_cli.worker.bugs import BUGS

if TYPE_CHECKING:
    from kestrel_cli.reporters.ci import CiFormat


def settings(*, ignore_project: bool = False) -> Config:
    """The settings that hold in the working directory."""
    return read_config(Path.cwd(), os.environ, warn, ignore_project=ignore_project)


def tell_of_untrusted(options: RunOptions, config: Config, flow_file: str) -> None:
    """Warn when settings of somewhere else change what this flow runs."""
    if config.project is None or options.trust:
        return
    from kestrel_cli.reporters.clean import one_line
    from kestrel_cli.store.trust import untrusted

    told = untrusted(config, flow_file, os.environ, settings_of_options(options))
    if told is not None:
        warn(one_line(told))  # a directory's name may hold line breaks


def tell_of_state_dir(
    config: Config, state_dir: str | None, *, trust: bool = False, flow_file: str | None = None
) -> None:
    """Warn when a project's file decides where executions are looked for, and nobody trusts it and
    no option has said it. A flow file beside or below it is as good as trust.
    """
    if config.project is None or trust or state_dir is not None:
        return
    from kestrel_cli.reporters.clean import one_line
    from kestrel_cli.store.trust import untrusted_state

    told = untrusted_state(config, os.environ, flow_file)
    if told is not None:
        warn(one_line(told))


def library_of(request: RunRequest, loaded: Loaded) -> Library:
    """Where other flows are found."""
    folder = request.flows_dir
    if folder is not None and not Path(folder).is_dir():
        folder = None  # it was there when the run began
    shelf = Shelf(max_depth=request.max_depth, plugin_defaults=request.plugin_defaults)
    return Library.beside(loaded, folder, shelf=shelf)


def show_run(request: RunRequest, options: RunOptions, config: Config, work: "Work") -> None:
    """Run, show it, and exit with its code."""
    _refuse_places(request, options)
    logs = log_options(options, config)
    flags = flags_of(options.color, options.width, ascii_only=options.ascii_only, config=config)
    beat = heartbeat_of(options, config)
    with (
        whole_file(options.json_file, "--json-file") as file,
        onlooker_of(options, flags, request.gate, beat) as onlooker,
    ):
        level = log_level(options, config)
        streams = sinks(options.output, flags, level, options.quiet, request.gate)
        style = with_links(streams.out_style, request.state_dir)
        streams = changed(streams, logs=logs, out_style=style)
        ci = _ci(options)
        if ci is not None:
            streams = changed(streams, ci=ci)
        if options.print_ is not None:  # stdout is for that alone
            streams = changed(streams, out=streams.err, out_style=streams.err_style)
        found = reporters(options.output, streams, file)
        if onlooker.reporter is not None:  # it goes before others say how the run has ended
            found.insert(0, onlooker.reporter)
        spare_the_collector()
        with ends_on_signals(request.interrupts, onlooker):
            result = work(changed(onlooker.request(request), reporters=found))
    if BUGS:
        report_bug(BUGS[0], debug=options.debug)
        BUGS.clear()
    code = result.exit_code
    if ci is not None or _leaves_something(options):
        from kestrel_cli.cli.afterwards import written_afterwards

        code = written_afterwards(request, options, result, streams)
    if code:
        raise typer.Exit(code)


def _refuse_places(request: RunRequest, options: RunOptions) -> None:
    """Raise UsageError for what can't be written where it is to go."""
    if options.json_file == "-":
        raise UsageError("`--json-file -`: use `-o json` for JSON on stdout")
    if options.print_ is not None and options.output is not Output.TEXT:
        raise UsageError(f"`--print` and `-o {options.output.value}`: stdout holds one of them")
    if options.github_output and not os.environ.get("GITHUB_OUTPUT"):
        raise UsageError("`--github-output`: there is no $GITHUB_OUTPUT here")
    if options.write_test is not None:
        from kestrel_cli.cli.write_test import refuse_test_file

        refuse_test_file(request, options.write_test)


def _leaves_something(options: RunOptions) -> bool:
    return "GITHUB_STEP_SUMMARY" in os.environ or any(getattr(options, name) for name in ONLY_RUN)


def _ci(options: RunOptions) -> "CiFormat | None":
    """The CI system that runs us, if it is to be spoken to; seen in the environment."""
    if options.no_annotations or options.quiet > 1 or not in_ci(os.environ):
        return None
    from kestrel_cli.reporters.ci import ci_of

    return ci_of(os.environ)


Work = Callable[[RunRequest], RunResult]


def reporters(output: Output, found: Sinks, file: TextIO | None) -> list[Reporter]:
    """What shows a run, behind the gate of its journal."""
    shown: list[Reporter] = [found.tails, OUTPUTS[output.value](found)]
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
    return Sinks(out, err, styles[0], styles[1], level, quiet, Tails())  # type: ignore[arg-type]  # a level


def spare_the_collector() -> None:
    """A run, and one that is read back, keeps all it makes: looking for garbage again and again
    only costs, half of a long run's time. The program's entry has it look rarely; here what was
    imported is left out for good.
    """
    gc.freeze()
