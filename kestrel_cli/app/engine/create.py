"""Makes what runs an execution: its services, its outside, its worker."""

from collections.abc import Callable, Iterable
from typing import Any

from kestrel_cli.app import inputs
from kestrel_cli.app.births import execution_of
from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.todo import Todo
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.entries import described
from kestrel_cli.app.hiding import hide_environment
from kestrel_cli.app.pointer import pointer
from kestrel_cli.app.request import Part, RunRequest
from kestrel_cli.app.surroundings import surroundings_of
from kestrel_cli.app.world import World
from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.expressions.variables import RunScope
from kestrel_cli.model.birth import Birth
from kestrel_cli.model.event import LogLine
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.record import changed
from kestrel_cli.worker.attempt import Picks, Worker
from kestrel_cli.worker.expander import MockOf
from kestrel_cli.worker.expander import Part as PartOfLanes
from kestrel_cli.worker.services import RunServices, Sources


def live_of(execution: Execution, tools: Tools, parent: Live | None = None) -> Live:
    """What runs an execution; its inputs are as they are. It is known to nobody yet."""
    request = tools.request
    errors: list[LogLine] = []
    world = World(
        execution,
        request.given,
        request.environ,
        request.state_dir,
        request.warn,
        lines=lambda wanted: _lines(tools, execution, wanted),
        work=lambda: tools.work,
    )
    if parent is None:
        hide_environment(execution.masker, request.environ, request.given.secrets)

    def sources_of(world: World) -> Sources:
        own = world.outside
        return own if request.rehearsal is None else request.rehearsal.sources(own)

    services = RunServices(
        request.environ,
        errors=lambda: errors,
        described=lambda line: described(execution, line),
        sources=lambda: sources_of(world),
        namespace=execution.flow.namespace,
        masker=execution.masker,
        warn=request.warn,
    )
    if request.seed is not None:
        own = "" if execution.birth.caller is None else f"/{execution.id}"
        services.random.seed(f"{request.seed}{own}" if own else request.seed)
    if request.frozen_at is not None:
        services.frozen = tools.clock.now
    around = surroundings_of(request, execution, services)
    if tools.mocks or request.part != Part():
        around.explain = lambda error: _explained(error, execution, tools)
    live: Live
    worker = Worker(
        around,
        tools.clock.now,
        request.interrupts,
        noticed=lambda line: tools.log(live, line),
        point=pointer(tools.journal.text_of(execution.flow)),
        reach=world.reach,
        mock_of=_mock_of(tools, execution),
        fixture_of=_mock_of(tools, execution) if tools.mocks.has_fixtures else None,
        part=_part(tools),
        picks=_picks(tools),
        find=tools.callable,
        heard=_heard(request, execution),
    )
    live = Live(execution, execution.flow, Todo(), around, world, worker, errors, parent)
    live.depth = 0 if parent is None else parent.depth + 1
    live.assertions = [one for one in execution.flow.sla if one.type == "EXECUTION_ASSERTION"]
    return live


def with_inputs(live: Live, given: dict[str, Any], tools: Tools) -> Live:
    """The same execution with the inputs that are given it, its flow's checks looked at. Raises
    InputError; CannotStart when a check blocks it.
    """
    old = live.execution
    found, warnings = inputs.resolved(live.around, given, tools.request, live.world.store_input)
    if found:
        birth = changed(old.birth, inputs=found)
        parent = None if live.parent is None else live.parent.execution
        execution = execution_of(birth, old.flow, parent, masker=old.masker, values=old.values)
        live = live_of(execution, tools, live.parent)
    live.warnings += warnings
    if old.flow.checks:
        _look_at_checks(live)
    return live


def _look_at_checks(live: Live) -> None:
    """Whether the flow's checks let the execution fail at once. Raises CannotStart when they block
    it.
    """
    from kestrel_cli.worker.flow_checks import FAILED, look_at_checks

    render = inputs.renderer(RunScope(live.around))
    checked = look_at_checks(live.flow, live.execution.inputs, render)
    messages = [one.message for one in checked.failed]
    if checked.fails:
        live.refused = f"{FAILED}\nFailed checks: {', '.join(messages)}"
    else:
        live.warnings += [f"check: {message}" for message in messages]


def first_live(birth: Birth, tools: Tools) -> Live:
    """The execution that was asked for, with its inputs. Raises InputError, CannotStart."""
    request = tools.request
    values = None
    if request.part != Part():
        from kestrel_cli.app.parts import left_out

        values = left_out(request.flow, request.mocks.listed)
    masker = None if request.earlier is None else request.earlier.masker
    live = live_of(execution_of(birth, request.flow, masker=masker, values=values), tools)
    return with_inputs(live, dict(request.inputs), tools)


def _explained(error: MissingValue, execution: Execution, tools: Tools) -> str | None:
    """What is to be said of a value that is missing because a mock does not have it, or because
    its task is left out.
    """
    if tools.mocks:
        from kestrel_cli.app.mock_hints import mock_hint

        if (told := mock_hint(tools.mocks, execution)(error)) is not None:
            return told
    if tools.request.part == Part():
        return None
    from kestrel_cli.app.part_hints import part_hint

    return part_hint(tools.request, execution, error)


def _mock_of(tools: Tools, execution: Execution) -> MockOf | None:
    mocks = tools.mocks
    return (lambda run: mocks.of(execution, run)) if mocks else None


def _heard(
    request: RunRequest, execution: Execution
) -> Callable[[TaskRun | None, Exception], None] | None:
    rehearsal = request.rehearsal
    if rehearsal is None:
        return None
    return lambda run, error: rehearsal.failed(execution, run, error)


def _part(tools: Tools) -> PartOfLanes | None:
    """Picks the lanes of loops, when values were asked for."""
    if tools.request.part == Part():
        return None
    from kestrel_cli.app.parts import lanes_of

    return lanes_of(tools.request.part, tools.offered)


def _picks(tools: Tools) -> Picks | None:
    """Picks the iterations of Loop, when values were asked for."""
    if tools.request.part == Part():
        return None
    from kestrel_cli.app.parts import calls_of

    return calls_of(tools.request.part, tools.offered)


def _lines(tools: Tools, own: Execution, wanted: str | None) -> tuple[Execution, Iterable[LogLine]]:
    """An execution (None: one's own) and what it has logged, read from the journal."""
    from kestrel_cli.app.history import logged_by, own_lines

    tools.journal.flush()
    if wanted is None or wanted == own.id:
        file = tools.journal.file
        return own, own_lines(None if file is None else file.path, own.birth.number)
    return logged_by(tools.request, wanted)
