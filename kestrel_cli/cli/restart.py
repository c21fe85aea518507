"""`kestrel restart`: run again what failed of an execution."""

from typing import Annotated, Final

import typer

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.story import Story
from kestrel_cli.cli.again import GivenAgain, go
from kestrel_cli.cli.run_options import GoesOn
from kestrel_cli.cli.server_options import Detach, On, Server, Tenant, Where, refuse_detach
from kestrel_cli.errors import UsageError

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
    on: On = None,
    server: Server = None,
    tenant: Tenant = None,
    detach: Detach = False,
) -> None:
    """Run again what failed of an execution, in the same execution.

    Failed task runs are tried again, what comes after them runs, all that succeeded stays. It runs
    the flow as it was then; to run a changed flow file, use `kestrel run`. Secret inputs are not
    kept: give them again.

    \b
    Examples:
      kestrel restart 4uQm0Zk2XrT8yVbN1cJdLe
      kestrel restart 4uQm -o json
      kestrel restart 4uQm --on prod
    """
    where = Where(on, server, tenant)
    if where.is_elsewhere:
        from kestrel_cli.app.elsewhere.again import restarted
        from kestrel_cli.cli.elsewhere_again import go_there

        if inputs:
            raise UsageError("`-i` and a server: a restart goes on with the inputs that it has")
        go_there(context.obj, execution, where, restarted, detach=detach)
        return
    refuse_detach(detach)
    from kestrel_cli.app.resume import restart as restart_execution
    from kestrel_cli.cli.changed_since import first_failed, tell_of_change
    from kestrel_cli.cli.resume_inputs import only_secrets

    def given(story: Story, _asks: bool) -> GivenAgain:
        failed = first_failed(story.root.execution)
        if failed is not None:  # else nothing is run again
            tell_of_change(story, execution, failed)
        return only_secrets(story, inputs or [])

    def work(request: RunRequest, story: Story) -> RunResult:
        return restart_execution(request, story.name, story)

    go(context.obj, execution, work, given)
