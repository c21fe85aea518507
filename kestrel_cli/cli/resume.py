"""`kestrel resume`: go on with an execution that is paused, or whose process died."""

from typing import Annotated, Any

import typer

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.story import Story
from kestrel_cli.cli import options as of
from kestrel_cli.cli.again import Again, go
from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.running import From, Shown


def resume(
    execution: Annotated[
        str, typer.Argument(metavar="ID", help="The execution's id, or the beginning of it.")
    ],
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            "-i",
            metavar="K=V",
            help="An input of the paused task, or a secret input of the flow. Repeatable.",
        ),
    ] = None,
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
    """Go on with an execution that is PAUSED, or whose process died.

    A paused task gets the inputs of `-i` (or `--resume TASK=JSON`, when several are paused) and
    goes on. After a crash, attempts that were under way have failed as "lost" and are made again;
    nothing that had finished runs twice.

    \b
    Examples:
      kestrel resume 4uQm0Zk2XrT8yVbN1cJdLe
      kestrel resume 4uQm -i approved:=true
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

        from kestrel_cli.app.resume import resume as resume_execution
        from kestrel_cli.cli.resume_inputs import paused_answers, take_secrets

        def answers(story: Story) -> dict[str, dict[str, Any]]:
            return paused_answers(story, inputs or [], asks=not no_input)

        def work(request: RunRequest, story: Story) -> RunResult:
            take_secrets(story, inputs or [])
            return resume_execution(request, execution, story)

        go(options, execution, work, answers)
