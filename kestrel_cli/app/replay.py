"""A new execution that repeats an old one: from its beginning, or from one of its task runs."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from kestrel_cli.app import births, inputs
from kestrel_cli.app.continuation import Continuation, refuse
from kestrel_cli.app.copies import Copies
from kestrel_cli.app.engine import turns
from kestrel_cli.app.engine.create import live_of
from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.loop import Engine
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.history import path_of
from kestrel_cli.app.named_runs import Place, path_to
from kestrel_cli.app.options import kept_options
from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.resume import finder, read_back, refuse_lost, refuse_running
from kestrel_cli.app.run import bounded, conducted, open_journal, take_down
from kestrel_cli.app.story import Story, Told, latest
from kestrel_cli.errors import CannotStart, UsageError
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.masker import MASK, leaves
from kestrel_cli.model.record import changed
from kestrel_cli.model.sealing import Seals
from kestrel_cli.scheduler.reopen import plan_replay
from kestrel_cli.worker.services import RunServices

Inputs = Mapping[str, object]


def replay(
    request: RunRequest,
    execution_id: str,
    run: Callable[[Story], Place] | None = None,
    given: Inputs | None = None,
    story: Story | None = None,
) -> RunResult:
    """A new execution that repeats an old one: from its beginning, or from the task run that `run`
    finds, which may be one of an execution that it has started.
    """
    if story is None:
        request, story = read_back(request, execution_id)
    old = story.root
    if run is not None and not old.ended:
        refuse_running(request, story)
        raise UsageError(
            f"the execution {story.name} has not ended: `kestrel resume {story.name}` first, "
            "or replay it from its beginning"
        )
    refuse(request)
    if run is not None or _holds_masks(old.execution, given or {}):
        refuse_lost(story, but=given or {})
    path = [] if run is None else path_to(story, run(story))
    for told, one in path:
        _refuse_side_tasks(told.execution, one)
    tools = Tools(request)
    tools.clock.not_before(latest(story, request))
    live = _born(old, tools, given or {}, anew=run is None)
    _demand_secrets(story, path or [(Told(live.execution, {}), None)], live, tools)
    seals = Seals(live.execution.masker, live.execution.id)
    tools.journal.keep(open_journal(request, live.execution.id), seals)
    if len(path) > 1:
        return _from_inside(request, story, path, live, tools)
    engine = Engine(tools)
    with bounded(request):
        take_down(live, tools, begins=not path)
        if not path:
            return conducted(live, engine)
        plan = Copies(story, path, live.execution, tools).take_down(_seals(story, request))
        engine.happened(live, plan)
        tools.journal.release()
        turns.go_on(live, tools)
        return conducted(live, engine)


def _born(old: Told, tools: Tools, given: Inputs, *, anew: bool) -> Live:
    """The new execution, with its inputs. Raises InputError."""
    request = tools.request
    # What is taken over of the old execution began when that did.
    at = tools.clock.now() if anew else old.execution.created_at
    birth = changed(births.of_replay(old.execution, at, anew=anew), given=kept_options(request))
    masker = old.execution.masker
    execution = births.execution_of(birth, request.flow, masker=masker)
    live = live_of(execution, tools)
    if not given:
        return live
    merged = {**given_inputs(old.execution), **given}
    found, warnings = inputs.resolved(live.around, merged, request, live.world.store_input)
    birth = changed(birth, inputs=found)
    live = live_of(births.execution_of(birth, request.flow, masker=masker), tools)
    live.warnings += warnings
    return live


def _demand_secrets(
    story: Story, path: Sequence[tuple[Told, TaskRun | None]], live: Live, tools: Tools
) -> None:
    """Raise InputError when what is to run again names a secret that nobody gave: in executions
    that are repeated from a task run on, or as a whole. Iterations of Loop are looked at with the
    flow around them.
    """
    services = live.around.services
    assert isinstance(services, RunServices)  # live_of made them
    for told, run in path:
        execution = told.execution
        number = execution.birth.flow
        if number is not None and "secret" in story.texts.get(number, ""):
            from kestrel_cli.app.preflight.secrets import refuse_missing_for_the_rest

            again: set[int] = set()
            if run is not None:
                plan = plan_replay(execution, told.expansions, [run], tools.clock.now())
                again = {*plan.restarted, *plan.removed}
            covers = tools.mocks.covers
            refuse_missing_for_the_rest(execution, services.has_secret, covers, again)


def _from_inside(
    request: RunRequest, story: Story, path: list[Place], live: Live, tools: Tools
) -> RunResult:
    """Take the executions on the way down, then go on with what the new journal holds."""
    journal, name = tools.journal, live.execution.id
    if journal.file is None:
        raise CannotStart("an execution inside another one is replayed from its journal only")
    for number, flow in story.flows.items():
        journal.know_flow(flow, story.texts[number])
    take_down(live, tools, begins=False)
    plan = Copies(story, path, live.execution, tools).take_down(_seals(story, request))
    journal.release()
    journal.close(live.execution, tools.clock.now())
    _, copied = read_back(request, name)
    request = changed(request, flow=copied.root.execution.flow)
    return Continuation(request, copied).go(plan)


def _seals(story: Story, request: RunRequest) -> Seals:
    """What opens the journal of a story once more."""
    path = path_of(story.name, request.state_dir, request.environ)
    return Seals(story.seals.masker, path.parent.name, finder(request))


def _refuse_side_tasks(execution: Execution, chosen: TaskRun) -> None:
    if any(run.phase is not Phase.BODY for run in execution.upward(chosen)):
        raise UsageError(
            f"`{chosen.task.id}` ran after others had ended, as a task of `errors`, `finally` "
            "or the like: name one of the tasks before it"
        )


def given_inputs(execution: Execution) -> dict[str, object]:
    """The inputs of an execution under their flat names, as far as they are known."""
    found = _flat(execution)
    return {name: value for name, value in found if value is not None and value != MASK}


def _flat(execution: Execution) -> Iterator[tuple[str, object]]:
    from kestrel_cli.worker.input_names import flattened, leaf_inputs

    declared = {one.id: one for one in leaf_inputs(execution.flow)}
    return flattened(execution.inputs, declared)


def _holds_masks(execution: Execution, given: Inputs) -> bool:
    """Whether an execution was born with a secret that nobody gave again."""
    held = {name: value for name, value in _flat(execution) if name not in given}
    return any(MASK in leaf for leaf in leaves([held, execution.birth.labels, execution.trigger]))
