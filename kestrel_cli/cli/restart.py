"""`kestrel restart`: run again what failed of an execution."""

from typing import Annotated

import typer

from kestrel_cli.cli.again import Again, go, with_shared_options


@with_shared_options
def restart(
    execution: Annotated[
        str, typer.Argument(metavar="ID", help="The execution's id, or the beginning of it.")
    ],
    options: Again,
) -> None:
    """Run again what failed of an execution, in the same execution.

    Failed task runs are tried again, what comes after them runs, all that succeeded stays. It runs
    the flow as it was then; to run a changed flow file, use `kestrel run`.

    \b
    Examples:
      kestrel restart 4uQm0Zk2XrT8yVbN1cJdLe
      kestrel restart 4uQm -o json
    """
    from kestrel_cli.app.resume import restart as restart_execution

    go(options, execution, lambda request, story: restart_execution(request, execution, story))
