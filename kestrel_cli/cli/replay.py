"""`kestrel replay`: repeat an execution as a new one."""

from typing import Annotated

import typer

from kestrel_cli.cli import options as of
from kestrel_cli.cli.again import Again, go
from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.running import From, Shown


def replay(
    execution: Annotated[
        str, typer.Argument(metavar="ID", help="The execution's id, or the beginning of it.")
    ],
    task: Annotated[
        str | None,
        typer.Option(metavar="TASK", help="From this task run on, or `TASK[value]`."),
    ] = None,
    inputs: of.Inputs = None,
    output: of.OutputForm = of.Output.TEXT,
    json_file: of.JsonFile = None,
    quiet: of.Quiet = 0,
    log_level: of.LeastLevel = None,
    mock: of.MockTask = None,
    mock_type: of.MockType = None,
    mock_unsupported: of.MockUnsupported = False,
    resume_with: of.ResumeWith = None,
    pause: of.PausePolicy = None,
    secrets_file: of.SecretsFiles = None,
    env_file: of.EnvFiles = None,
    kv: of.KeyValuePairs = None,
    namespace_files: of.NamespaceFiles = None,
    flows_dir: of.FlowsDir = None,
    offline: of.Offline = False,
    containers: of.WithContainers = None,
    fail_on: of.FailOnState = None,
    timeout: of.Timeout = None,
    sequential: of.Sequential = False,
    durable: of.Durable = False,
    no_input: of.NoInput = False,
    state_dir: of.StateDir = None,
    color: of.ColorWhen = None,
    width: of.Width = None,
    ascii_only: of.AsciiOnly = False,
    debug: of.Debug = False,
) -> None:
    """Repeat an execution as a new one: from its beginning, or from one of its task runs.

    With --task, what ran before that task run is taken over with its outputs. Inputs are those of
    the old execution, unless they are given anew.

    \b
    Examples:
      kestrel replay 4uQm0Zk2XrT8yVbN1cJdLe
      kestrel replay 4uQm --task transform
      kestrel replay 4uQm --task 'load[2024-01]' -i mode=full
    """
    with exit_codes(debug=debug):
        source = From(
            secrets_file or [],
            env_file or [],
            kv or [],
            namespace_files,
            offline,
            None if containers is None else containers.value,
            state_dir,
            flows_dir,
        )
        shown = Shown(output, json_file, quiet, log_level, color, width, ascii_only)
        options = Again(
            source,
            shown,
            timeout,
            fail_on,
            sequential,
            durable,
            pause,
            resume_with or [],
            mock or [],
            mock_type or [],
            mock_unsupported,
            no_input,
        )

        from kestrel_cli.app.request import RunRequest, RunResult
        from kestrel_cli.app.resume import replay as replay_execution
        from kestrel_cli.app.resume import run_named
        from kestrel_cli.app.story import Story

        def work(request: RunRequest, story: Story) -> RunResult:
            given = {}
            if inputs:
                from kestrel_cli.cli.inputs import read_inputs

                given = read_inputs(request.flow, inputs)
            chosen = None if task is None else run_named(task)
            return replay_execution(request, execution, chosen, given, story)

        go(options, execution, work)
