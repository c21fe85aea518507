"""`kestrel restart`: run again what failed of an execution."""

from typing import Annotated, Final

import typer

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.story import Story
from kestrel_cli.cli.again import GivenAgain, go
from kestrel_cli.cli.run_options import GoesOn

COMMAND: Final = GoesOn


def restart(
    context: typer.Context,
    execution: Annotated[
        str, typer.Argument(metavar="ID", help="The execution's id, or the beginning of it.")
    ],
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
    from kestrel_cli.cli.resume_inputs import only_secrets

    def given(story: Story, _asks: bool) -> GivenAgain:
        return only_secrets(story, inputs or [])

    def work(request: RunRequest, story: Story) -> RunResult:
        return restart_execution(request, story.name, story)

    go(context.obj, execution, work, given)
