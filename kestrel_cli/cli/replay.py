"""`kestrel replay`: repeat an execution as a new one."""

from collections.abc import Mapping
from typing import Annotated, Final

import typer

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.story import Story
from kestrel_cli.cli import options as of
from kestrel_cli.cli.again import GivenAgain, go
from kestrel_cli.cli.run_options import GoesOn
from kestrel_cli.cli.server_options import Detach, On, Server, Tenant, Where, refuse_detach
from kestrel_cli.model.flow import Flow

COMMAND: Final = GoesOn


def replay(
    context: typer.Context,
    execution: Annotated[
        str, typer.Argument(metavar="ID", help="The execution's id, or the beginning of it.")
    ],
    task: Annotated[
        str | None,
        typer.Option(metavar="TASK", help="From this task run on: `TASK` or `TASK[value]`."),
    ] = None,
    inputs: of.Inputs = None,
    allow_unknown_inputs: of.AllowUnknownInputs = False,
    on: On = None,
    server: Server = None,
    tenant: Tenant = None,
    detach: Detach = False,
) -> None:
    """Repeat an execution as a new one: from its beginning, or from one of its task runs.

    With --task, what ran before that task run is taken over with its outputs; it may also be a task
    run of a Loop's iteration or of a subflow. Inputs are those of the old execution, unless they
    are given anew.

    \b
    Examples:
      kestrel replay 4uQm0Zk2XrT8yVbN1cJdLe
      kestrel replay 4uQm --task transform
      kestrel replay 4uQm --task 'load[2024-01]' -i mode=full
      kestrel replay 4uQm --task transform --on prod
    """
    where = Where(on, server, tenant)
    if where.is_elsewhere:
        from kestrel_cli.app.elsewhere.again import replayed
        from kestrel_cli.cli.elsewhere_again import given_by, go_there

        given_there = given_by(inputs)
        go_there(
            context.obj,
            execution,
            where,
            lambda place, old, request: replayed(place, old, task, given_there, request),
            detach=detach,
            known_inputs=not allow_unknown_inputs,
        )
        return
    refuse_detach(detach)
    from kestrel_cli.app.named_runs import run_named_in
    from kestrel_cli.app.replay import replay as replay_execution
    from kestrel_cli.cli.changed_since import tell_of_change

    anew: dict[str, object] = {}

    def given(story: Story, _asks: bool) -> GivenAgain:
        tell_of_change(story, execution, task)
        if not inputs:
            return GivenAgain()
        from kestrel_cli.cli.inputs import read_inputs
        from kestrel_cli.cli.resume_inputs import secret_inputs
        from kestrel_cli.worker.input_names import leaf_inputs

        flow = story.root.execution.flow
        found = read_inputs(flow, inputs)
        secrets = secret_inputs(story)
        if not allow_unknown_inputs:
            _refuse_unknown(flow, {name: found[name] for name in found if name not in secrets})
        own = {one.id for one in leaf_inputs(flow)}
        anew.update((name, found[name]) for name in found if name in own or name not in secrets)
        return GivenAgain({name: str(found[name]) for name in found if name in secrets})

    def work(request: RunRequest, story: Story) -> RunResult:
        chosen = None if task is None else run_named_in(task)
        return replay_execution(request, story.name, chosen, anew, story)

    go(context.obj, execution, work, given)


def _refuse_unknown(flow: Flow, given: Mapping[str, object]) -> None:
    """Raise InputError for inputs that the flow does not declare."""
    from kestrel_cli.app.preflight.gather import as_error
    from kestrel_cli.app.preflight.inputs import unknown_inputs

    error = as_error(unknown_inputs(flow, given))
    if error is not None:
        raise error
