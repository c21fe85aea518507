"""The use cases that go on with a run: resume, restart, replay, a task run's state set by hand.

Each reads the journal back, folds one more event where the use case needs it, and lets the
executions run as ever.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from kestrel_cli.app import births, inputs
from kestrel_cli.app.continuation import Continuation, refuse
from kestrel_cli.app.engine import turns
from kestrel_cli.app.engine.create import live_of
from kestrel_cli.app.engine.loop import Engine
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.history import is_running, kept_by, path_of, still_running, story_of
from kestrel_cli.app.mocks import MockFinder
from kestrel_cli.app.options import kept_options, take_options
from kestrel_cli.app.outside import Outside
from kestrel_cli.app.parts import left_out, restrict, selected
from kestrel_cli.app.request import Part, RunRequest, RunResult
from kestrel_cli.app.run import bounded, conducted, open_journal, take_down
from kestrel_cli.app.story import Story, Told
from kestrel_cli.errors import InputError, NothingMatched, UsageError
from kestrel_cli.model.event import Event, Followed, Launched
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.masker import MASK, Masker, Origin, leaves
from kestrel_cli.model.record import changed
from kestrel_cli.model.sealing import Seals
from kestrel_cli.model.state import State
from kestrel_cli.scheduler.reopen import plan_change, plan_replay, plan_restart
from kestrel_cli.store.secrets import how_to_set
from kestrel_cli.worker.services import RunServices

Inputs = Mapping[str, object]

_NOTHING_FAILED: Final = (State.SUCCESS, State.WARNING, State.KILLED, State.CANCELLED)


def read_back(request: RunRequest, execution_id: str) -> tuple[RunRequest, Story]:
    """The run of that id, and the request with the flow and the options of that run.

    Raises NothingMatched, CannotStart.
    """
    kept = kept_by(execution_id, request.state_dir, request.environ)
    wanted = take_options(request, kept)

    def adapt(flow: Flow) -> None:
        if "part" in kept:  # it was folded without what is left out
            restrict(flow, wanted.part, MockFinder(wanted.mocks).covers)

    def values(flow: Flow) -> dict[str, object]:
        return {} if wanted.part == Part() else left_out(flow, wanted.mocks.listed)

    path = path_of(execution_id, request.state_dir, request.environ)
    seals = Seals(Masker(), path.parent.name, _finder(wanted))
    story = story_of(
        execution_id,
        request.state_dir,
        request.environ,
        adapt=adapt,
        seals=seals,
        values=values,
        whole=True,
    )
    root = story.root.execution
    text = story.texts.get(root.birth.flow or 0, "")
    return changed(wanted, flow=root.flow, text=text), story


def _finder(request: RunRequest) -> Callable[[Origin], str | None]:
    """Finds secrets that are given again."""
    outside = Outside(request.given, request.environ, state_dir=request.state_dir)

    def find(origin: Origin) -> str | None:
        if origin.kind == "secret":
            return outside.secret(origin.name)
        return request.again.get(origin.name) if origin.kind == "input" else None

    return find


def resume(request: RunRequest, execution_id: str, story: Story | None = None) -> RunResult:
    """Go on with an execution that is PAUSED, or whose process has died. A `story` that was read
    before serves as it is.
    """
    if story is None:
        request, story = read_back(request, execution_id)
    root = story.root
    if all(told.ended for told in story.told.values()):
        name, state = story.name, root.execution.state
        again = f"`kestrel restart {name}` runs its failed tasks again"
        if state in _NOTHING_FAILED:
            again = f"`kestrel replay {name}` runs it again"
        raise UsageError(
            f"the execution {name} has ended {state}: there is nothing to resume ({again})"
        )
    _refuse_running(request, story)
    _refuse_lost(story)
    return Continuation(request, story).go()


def restart(request: RunRequest, execution_id: str, story: Story | None = None) -> RunResult:
    """Run again what failed, in the same execution."""
    if story is None:
        request, story = read_back(request, execution_id)
    told = story.root
    execution, name = told.execution, story.name
    if execution.state in _NOTHING_FAILED:
        raise UsageError(
            f"the execution {name} has ended {execution.state}: nothing of it failed "
            f"(`kestrel replay {name}` runs it again)"
        )
    if not told.ended:
        _refuse_running(request, story)
        raise UsageError(f"the execution {name} has not ended: use `kestrel resume`")
    failed = [run for run in execution.runs if run.state is State.FAILED and not run.gone]
    if not failed and execution.error is None:
        raise UsageError(
            f"the execution {name} was ended from outside, and no task run of it failed "
            f"(`kestrel replay {name}` runs it again)"
        )
    _refuse_lost(story)
    again = Continuation(request, story)
    return again.go(plan_restart(execution, told.expansions, again.tools.clock.now()))


def change_state(
    request: RunRequest, execution_id: str, run: Callable[[Execution], TaskRun], state: State
) -> RunResult:
    """Go on as if a task run had ended in another state."""
    request, story = read_back(request, execution_id)
    told = story.root
    chosen = run(told.execution)
    _refuse_lost(story)
    again = Continuation(request, story)
    now = again.tools.clock.now()
    return again.go(plan_change(told.execution, told.expansions, chosen, state, now))


def replay(
    request: RunRequest,
    execution_id: str,
    run: Callable[[Execution], TaskRun] | None = None,
    given: Inputs | None = None,
    story: Story | None = None,
) -> RunResult:
    """A new execution that repeats an old one: from its beginning, or from one of its task runs."""
    if story is None:
        request, story = read_back(request, execution_id)
    old = story.root
    if run is not None and not old.ended:
        _refuse_running(request, story)
        raise UsageError(
            f"the execution {story.name} has not ended: `kestrel resume {story.name}` first, "
            "or replay it from its beginning"
        )
    refuse(request)
    if run is not None or _holds_masks(old.execution, given or {}):
        _refuse_lost(story, but=given or {})
    tools = Tools(request)
    # What is taken over of the old execution began when that did.
    at = tools.clock.now() if run is None else old.execution.created_at
    birth = changed(
        births.of_replay(old.execution, at, anew=run is None), given=kept_options(request)
    )
    execution = births.execution_of(birth, request.flow, masker=old.execution.masker)
    live = live_of(execution, tools)
    if given:
        services = live.around.services
        assert isinstance(services, RunServices)  # live_of made them
        merged = {**_given(old.execution), **given}
        found, warnings = inputs.resolved(
            execution, merged, request, services, live.world.store_input
        )
        execution = births.execution_of(
            changed(birth, inputs=found), request.flow, masker=old.execution.masker
        )
        live = live_of(execution, tools)
        live.warnings += warnings
    seals = Seals(execution.masker, execution.id)
    tools.journal.keep(open_journal(request, execution.id), seals)
    engine = Engine(tools)
    with bounded(request):
        if run is None:
            take_down(live, tools, begins=True)
            return conducted(live, engine)
        told = Told(execution, {})
        events = list(_events(story, old, request))
        take_down(live, tools, begins=False)
        for event in events:
            tools.journal.append(execution.birth.number, event)
            told.fold(event)
        chosen = run(execution)
        _refuse_side_tasks(execution, chosen)
        plan = plan_replay(execution, told.expansions, [chosen], tools.clock.now())
        engine.happened(live, plan)
        turns.go_on(live, tools)
        return conducted(live, engine)


def _events(story: Story, old: Told, request: RunRequest) -> Iterator[Event]:
    """The events of an execution, in order. Executions that it called stay where they are."""
    from kestrel_cli.app.story import events_of

    path = path_of(story.name, request.state_dir, request.environ)
    seals = Seals(old.execution.masker, path.parent.name, _finder(request))
    for event in events_of(path, old.number, seals):
        if isinstance(event, Launched):
            yield Launched(event.run, event.at, event.nth, event.execution)
        elif not isinstance(event, Followed):
            yield event


def _refuse_side_tasks(execution: Execution, chosen: TaskRun) -> None:
    if any(run.phase is not Phase.BODY for run in execution.upward(chosen)):
        raise UsageError(
            f"`{chosen.task.id}` ran after others had ended, as a task of `errors`, `finally` "
            "or the like: name one of the tasks before it"
        )


def _given(execution: Execution) -> dict[str, object]:
    """The inputs of an execution under their flat names, as far as they are known."""
    found = _flat(execution)
    return {name: value for name, value in found if value is not None and value != MASK}


def _flat(execution: Execution) -> Iterator[tuple[str, object]]:
    from kestrel_cli.worker.input_names import flattened, leaf_inputs

    declared = {one.id: one for one in leaf_inputs(execution.flow)}
    return flattened(execution.inputs, declared)


def _refuse_running(request: RunRequest, story: Story) -> None:
    if is_running(path_of(story.name, request.state_dir, request.environ)):
        raise still_running(story.name)


def _holds_masks(execution: Execution, given: Inputs) -> bool:
    """Whether an execution was born with a secret that nobody gave again."""
    held = {name: value for name, value in _flat(execution) if name not in given}
    return any(MASK in leaf for leaf in leaves([held, execution.birth.labels, execution.trigger]))


def _refuse_lost(story: Story, but: Inputs = {}) -> None:  # noqa: B006  never changed
    """Raise InputError for each secret that a value of the run holds and nobody gave again."""
    missing = [one for one in story.seals.missing if not (one.kind == "input" and one.name in but)]
    if missing:
        raise InputError([_lost(one, wrong=one in story.seals.wrong) for one in missing])


def _lost(origin: Origin, *, wrong: bool) -> str:
    """What is missing, and how it is given again."""
    if origin.kind == "input":
        what, how = f"the secret input `{origin.name}`", f"give it again with `-i {origin.name}=...`"
    elif origin.kind == "secret":
        what, how = f"the secret `{origin.name}`", how_to_set(origin.name)
    else:
        what = f"a value that the {origin.kind} `{origin.name}` hid"
        how = "it can't be given again: `kestrel replay` runs the flow from its beginning"
    if wrong:
        return f"{what} is not the one that the run had: {how}"
    return f"{what} is not kept: {how}"


def run_named(selector: str) -> Callable[[Execution], TaskRun]:
    """Finds the task run that `TASK[value]` names. Raises NothingMatched, UsageError."""

    def find(execution: Execution) -> TaskRun:
        task, values = selected(selector)
        runs = [run for run in execution.listed() if run.task.id == task]
        above = execution.values_above
        found = [run for run in runs if not values or list(above(run)) == values]
        if not found and len(values) == 1:
            found = [run for run in runs if values[0] in above(run)]
        if not found:
            known = sorted({run.task.id for run in execution.listed()})
            raise NothingMatched(
                f"the execution has no task run `{selector}`; there are runs of: {', '.join(known)}"
            )
        if len(found) > 1:
            paths = ", ".join(
                f"`{task}{''.join(f'[{one}]' for one in above(run))}`" for run in found[:5]
            )
            raise UsageError(f"`{selector}` ran more than once: name one of them, such as {paths}")
        return found[0]

    return find
