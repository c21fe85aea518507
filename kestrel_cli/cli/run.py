"""`kestrel run`: run a flow file here and now."""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import Annotated, Final, NamedTuple

import typer

from kestrel_cli.app.request import Demands, RunRequest
from kestrel_cli.app.run import run as run_flow
from kestrel_cli.cli import options as of
from kestrel_cli.cli.guard import warn
from kestrel_cli.cli.run_options import Begins, RunOptions, request_of
from kestrel_cli.cli.running import library_of, settings, show_run, tell_of_untrusted
from kestrel_cli.cli.server_options import Detach, On, Server, Tenant, Where, refuse_detach
from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile import load
from kestrel_cli.model.record import changed
from kestrel_cli.store.config import Config

COMMAND: Final = Begins
_DIFFERENCES: Final = ("kestra-1", "kestra-2")


def run(
    context: typer.Context,
    flow_file: Annotated[
        str, typer.Argument(metavar="FLOW", help="The flow file; `-` reads standard input.")
    ],
    inputs: of.Inputs = None,
    inputs_file: of.InputsFile = None,
    allow_unknown_inputs: of.AllowUnknownInputs = False,
    mocks: of.MocksFile = None,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Run again whenever a file changes that the run reads."),
    ] = False,
    on: On = None,
    server: Server = None,
    tenant: Tenant = None,
    detach: Detach = False,
) -> None:
    """Run a flow file here and now, or with --on on a Kestra server.

    The exit code is 0 when the execution ends SUCCESS or WARNING, 1 when it fails, 3 when it can't
    start, 4 when the flow needs what Kestrel does not run.

    \b
    Examples:
      kestrel run flow.yaml -i name=Ada -i 'tags:=["a","b"]'
      kestrel run flow.yaml -o json > execution.json
      kestrel run flow.yaml --from transform --mock 'extract={"rows": [1, 2]}'
      kestrel run flow.yaml --only transform --outputs-of last --watch
      kestrel run flow.yaml --on prod
    """
    options: RunOptions = context.obj
    config = settings(ignore_project=options.no_project_config)
    where = Where(on, server, tenant)
    if where.is_elsewhere:
        from kestrel_cli.cli.elsewhere_refusals import refuse_local_options, without_local_ones

        refuse_local_options(options, mocks, watch=watch)
        config = without_local_ones(config)
    else:
        refuse_detach(detach)
    if watch:
        from kestrel_cli.cli.watch import files_named, run_again_and_again

        files = files_named(options, inputs or [], inputs_file, mocks)
        raise typer.Exit(run_again_and_again(flow_file, options, config, files))
    said = GivenInputs(inputs or [], inputs_file, not allow_unknown_inputs)
    asked = asked_run(options, config, flow_file, said, mocks, elsewhere=where.is_elsewhere)
    if options.outputs_of is not None:
        from kestrel_cli.cli.earlier import taking_over

        asked = taking_over(asked, options.outputs_of, quiet=options.quiet)
    given = asked.inputs
    if asked.flow.inputs:
        given = _completed(asked, no_input=options.no_input)
    if where.is_elsewhere:
        from kestrel_cli.cli.elsewhere import run_there

        run_there(changed(asked, inputs=given), options, config, where, detach=detach)
        return
    pauses = asked.pauses
    if may_pause(asked.text):
        from kestrel_cli.cli.pausing import pause_policy

        pauses = pause_policy(asked, options, config)
    show_run(changed(asked, inputs=given, pauses=pauses), options, config, run_flow)


class GivenInputs(NamedTuple):
    """What the command line gives of inputs; `known`: no others than the flow declares."""

    options: list[str]
    file: str | None
    known: bool


def asked_run(
    options: RunOptions,
    config: Config,
    flow_file: str,
    inputs: GivenInputs,
    mocks: str | None,
    *,
    elsewhere: bool = False,
) -> RunRequest:
    """What the command line asks for: the flow, and all that it is given. Where it runs elsewhere,
    it does not matter how Kestrel differs. Raises FlowFileError, UsageError, CannotStart.
    """
    _one_use_of_stdin(flow_file, inputs.options, inputs.file)
    tell_of_untrusted(options, config, flow_file)
    loaded = load(
        flow_file,
        max_depth=options.max_depth,
        plugin_defaults=config.plugin_defaults,
        compat=options.compat or config.compat or 1,
    )
    if not elsewhere:
        tell_differences(loaded.warnings, quiet=options.quiet)
    tell = (lambda _: None) if options.quiet else warn
    demands = Demands(everything=True, known_inputs=inputs.known, warn=tell)
    asked = request_of(options, config, loaded.flow, loaded.text, demands=demands)
    if options.resume_with and not may_pause(loaded.text):
        raise UsageError(f"`--resume {options.resume_with[0]}`: the flow has no Pause task")
    given: dict[str, object] = {}
    if mocks is not None:
        from kestrel_cli.cli.mocks_file import with_mocks_file

        asked, given = with_mocks_file(asked, mocks)
    if inputs.options or inputs.file is not None:
        from kestrel_cli.cli.inputs import read_inputs

        given |= read_inputs(loaded.flow, inputs.options, inputs.file, stdin=sys.stdin)
    return changed(asked, library=library_of(asked, loaded), inputs=given)


def tell_differences(found: Iterable[Diagnostic], *, quiet: int) -> None:
    """What a Kestra server does with this flow that Kestrel does not; each thing once."""
    told = {one.message: one for one in reversed(list(found)) if one.code in _DIFFERENCES}
    for one in reversed(told.values()):
        if not quiet:
            warn(f"{one.where}: {one.message}")


def may_pause(text: str) -> bool:
    """Whether a flow, or another that it calls, could pause: what the text shows at a glance."""
    return any(name in text for name in ("Pause", "Subflow", "ForEachItem", "tasks.flows.Flow"))


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


def _completed(request: RunRequest, *, no_input: bool) -> Mapping[str, object]:
    """The inputs, with those that somebody at the terminal adds."""
    from kestrel_cli.cli.input_prompts import Terminal, ask_missing, may_ask

    if not may_ask(sys.stdin, os.environ, no_input=no_input):
        return request.inputs
    from kestrel_cli.app.inputs import renderer_before

    terminal = Terminal(sys.stdin, sys.stderr)
    render = renderer_before(request)
    try:
        return ask_missing(request.flow, request.inputs, terminal, render=render)
    except KeyboardInterrupt:
        terminal.questions.write("\n")  # what is shown next begins a line of its own
        terminal.questions.flush()
        raise
