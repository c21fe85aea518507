"""`kestrel resume`: go on with an execution that is paused, or whose process died."""

from typing import Annotated, Final

import typer

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.story import Story
from kestrel_cli.cli.again import GivenAgain, go
from kestrel_cli.cli.run_options import GoesOn
from kestrel_cli.cli.server_options import Detach, On, Server, Tenant, Where, refuse_detach

COMMAND: Final = GoesOn


def resume(
    context: typer.Context,
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
    on: On = None,
    server: Server = None,
    tenant: Tenant = None,
    detach: Detach = False,
) -> None:
    """Go on with an execution that is PAUSED, or whose process died.

    A paused task gets the inputs of `-i` (or `--resume TASK=JSON`, when several are paused) and
    goes on. After a crash, attempts that were under way have failed as "lost" and are made again;
    nothing that had finished runs twice.

    \b
    Examples:
      kestrel resume 4uQm0Zk2XrT8yVbN1cJdLe
      kestrel resume 4uQm -i approved:=true
      kestrel resume 4uQm -i approved:=true --on prod
    """
    where = Where(on, server, tenant)
    if where.is_elsewhere:
        from kestrel_cli.app.elsewhere.again import resumed
        from kestrel_cli.cli.elsewhere_again import given_by, go_there

        given_there = given_by(inputs)
        go_there(
            context.obj,
            execution,
            where,
            lambda place, old, request: resumed(place, old, given_there, request),
            detach=detach,
        )
        return
    refuse_detach(detach)
    from kestrel_cli.app.resume import resume as resume_execution
    from kestrel_cli.cli.resume_inputs import answers_and_secrets

    def given(story: Story, asks: bool) -> GivenAgain:
        return answers_and_secrets(story, inputs or [], asks=asks)

    def work(request: RunRequest, story: Story) -> RunResult:
        return resume_execution(request, story.name, story)

    go(context.obj, execution, work, given)
