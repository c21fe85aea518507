"""`kestrel restart`: run again what failed of an execution."""

from typing import Annotated

import typer

from kestrel_cli.cli import options as of
from kestrel_cli.cli.again import Again, go
from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.running import From, Shown


def restart(
    execution: Annotated[
        str, typer.Argument(metavar="ID", help="The execution's id, or the beginning of it.")
    ],
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
    """Run again what failed of an execution, in the same execution.

    Failed task runs are tried again, what comes after them runs, all that succeeded stays. It runs
    the flow as it was then; to run a changed flow file, use `kestrel run`.

    \b
    Examples:
      kestrel restart 4uQm0Zk2XrT8yVbN1cJdLe
      kestrel restart 4uQm -o json
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

        from kestrel_cli.app.resume import restart as restart_execution

        go(options, execution, lambda request, story: restart_execution(request, execution, story))
