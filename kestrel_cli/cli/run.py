"""`kestrel run`: run a flow file here and now."""

import os
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from kestrel_cli.app.request import Part, RunRequest
from kestrel_cli.app.run import run as run_flow
from kestrel_cli.cli import options as of
from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.running import (
    From,
    Shown,
    fill,
    library_for,
    limits,
    pause_policy,
    settings,
    show_run,
)
from kestrel_cli.errors import CannotStart, UsageError
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.flow import Flow


def run(
    flow_file: Annotated[
        str, typer.Argument(metavar="FLOW", help="The flow file; `-` reads standard input.")
    ],
    inputs: of.Inputs = None,
    inputs_file: of.InputsFile = None,
    output: of.OutputForm = of.Output.TEXT,
    json_file: of.JsonFile = None,
    quiet: of.Quiet = 0,
    log_level: of.LeastLevel = None,
    only: Annotated[
        str | None, typer.Option(metavar="TASK", help="Run this task alone, or `TASK[value]`.")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="TASK", help="Run this task and all after it.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TASK", help="Run all up to this task, and no further.")
    ] = None,
    mock: of.MockTask = None,
    mock_type: of.MockType = None,
    mock_unsupported: of.MockUnsupported = False,
    resume: of.ResumeWith = None,
    pause: of.PausePolicy = None,
    secrets_file: of.SecretsFiles = None,
    env_file: of.EnvFiles = None,
    kv: of.KeyValuePairs = None,
    namespace_files: of.NamespaceFiles = None,
    flows_dir: of.FlowsDir = None,
    trigger: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="What `trigger` shows: a map in JSON or YAML."),
    ] = None,
    offline: of.Offline = False,
    containers: of.WithContainers = None,
    kill_grace: of.KillGrace = None,
    _no_plugins: of.NoPlugins = False,
    label: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="A label of the execution. Repeatable.")
    ] = None,
    fail_on: of.FailOnState = None,
    timeout: of.Timeout = None,
    sequential: of.Sequential = False,
    durable: of.Durable = False,
    no_input: of.NoInput = False,
    state_dir: of.StateDir = None,
    seed: Annotated[
        int | None, typer.Option(help="Makes ids and random functions repeatable.")
    ] = None,
    compat: of.Compat = None,
    max_depth: Annotated[
        int, typer.Option(min=1, max=20_000, help="How deep the YAML may nest.")
    ] = 50,
    color: of.ColorWhen = None,
    width: of.Width = None,
    ascii_only: of.AsciiOnly = False,
    debug: of.Debug = False,
) -> None:
    """Run a flow file here and now.

    The exit code is 0 when the execution ends SUCCESS or WARNING, 1 when it fails, 3 when it can't
    start, 4 when the flow needs what Kestrel does not run.

    \b
    Examples:
      kestrel run flow.yaml -i name=Ada -i 'tags:=["a","b"]'
      kestrel run flow.yaml -o json > execution.json
      kestrel run flow.yaml --from transform --mock 'extract={"rows": [1, 2]}'
    """
    with exit_codes(debug=debug):
        _one_use_of_stdin(flow_file, inputs or [], inputs_file)
        config = settings()
        loaded = load(flow_file, max_depth=max_depth, plugin_defaults=config.plugin_defaults)
        request = RunRequest(loaded.flow, text=loaded.text, demand_secrets=True, seed=seed)
        source = From(
            secrets=secrets_file or [],
            env=env_file or [],
            kv=kv or [],
            namespace_files=namespace_files,
            offline=offline,
            containers=None if containers is None else containers.value,
            kill_grace=kill_grace,
            state_dir=state_dir,
            flows_dir=flows_dir,
            config=config,
        )
        fill(request, source)
        limits(
            request,
            config,
            timeout=timeout,
            fail_on=fail_on,
            sequential=sequential,
            durable=durable,
        )
        request.library = library_for(loaded, source, max_depth)
        _look_at_calls(loaded, request)
        request.compat = compat or config.compat or 1
        request.labels = [_label(one) for one in label or []]
        request.part = Part(only, from_, until)
        if trigger is not None:
            request.trigger = _trigger(trigger)
        if mock or mock_type or mock_unsupported:
            from kestrel_cli.cli.mocks import check_mocks, read_mocks

            request.mocks = read_mocks(mock or [], mock_type or [], unsupported=mock_unsupported)
            check_mocks(loaded.flow, request.mocks)
        request.inputs = _inputs(request, inputs or [], inputs_file, no_input=no_input)
        if may_pause(loaded.text):
            from kestrel_cli.cli.pausing import answers, may_ask_about_pauses

            policy = pause_policy(pause, config)
            asks = may_ask_about_pauses(pause, config, no_input=no_input)
            request.pauses = answers(request, resume or [], policy, asks=asks)
        elif resume:
            raise UsageError(f"`--resume {resume[0]}`: the flow has no Pause task")
        shown = Shown(output, json_file, quiet, log_level, color, width, ascii_only)
        show_run(request, shown, config, run_flow)


def may_pause(text: str) -> bool:
    """Whether a flow, or another that it calls, could pause: what the text shows at a glance."""
    return any(name in text for name in ("Pause", "Subflow", "ForEachItem", "tasks.flows.Flow"))


def _look_at_calls(loaded: Loaded, request: RunRequest) -> None:
    """Tell what is wrong with the flows that this one calls, as far as that shows before."""
    if not loaded.calls or request.library is None:
        return
    from kestrel_cli.errors import FlowFileError
    from kestrel_cli.flowfile.subflows import check_subflows

    found = check_subflows(loaded, request.library)
    if any(one.severity == "error" for one in found):
        raise FlowFileError(found)


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


def _trigger(path: str) -> dict[str, Any]:
    """The trigger's variables. Raises CannotStart."""
    from kestrel_cli.cli.outside import read_map

    found = read_map(path, "--trigger")
    if not isinstance(found, Mapping):
        raise CannotStart(f"`--trigger {path}`: expected a map")
    return dict(found)


def _inputs(
    request: RunRequest, options: list[str], file: str | None, *, no_input: bool
) -> dict[str, object]:
    flow: Flow = request.flow
    if not flow.inputs and not options and file is None:
        return {}
    from kestrel_cli.cli.inputs import read_inputs

    given = read_inputs(flow, options, file, stdin=sys.stdin)
    from kestrel_cli.cli.input_prompts import Terminal, ask_missing, may_ask

    if may_ask(sys.stdin, os.environ, no_input=no_input):
        from kestrel_cli.app.births import input_renderer

        terminal = Terminal(sys.stdin, sys.stderr)
        render = input_renderer(flow, request.environ, request.globals, request.compat)
        given = ask_missing(flow, given, terminal, render=render)
    return given
