"""`kestrel restart`: run again what failed of an execution."""

from typing import Annotated

import typer

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.story import Story
from kestrel_cli.cli.again import Again, go, with_shared_options


@with_shared_options
def restart(
    execution: Annotated[
        str, typer.Argument(metavar="ID", help="The execution's id, or the beginning of it.")
    ],
    options: Again,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input", "-i", metavar="K=V", help="A secret input of the flow. Repeatable."
        ),
    ] = None,
) -> None:
    """Run again what failed of an execution, in the same execution.

    Failed task runs are tried again, what comes after them runs, all that succeeded stays. It runs
    the flow as it was then; to run a changed flow file, use `kestrel run`. Secret inputs are not
    kept: give them again.

    \b
    Examples:
      kestrel restart 4uQm0Zk2XrT8yVbN1cJdLe
      kestrel restart 4uQm -o json
    """
    from kestrel_cli.app.resume import restart as restart_execution
    from kestrel_cli.cli.resume_inputs import take_secrets

    def work(request: RunRequest, story: Story) -> RunResult:
        take_secrets(story, inputs or [], only=True)
        return restart_execution(request, execution, story)

    go(options, execution, work)
