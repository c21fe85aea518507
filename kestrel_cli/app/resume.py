"""The use cases that go on with a run: resume, restart, replay, a task run's state set by hand.

Each reads the journal back, folds one more event where the use case needs it, and lets the
executions run as ever (spec/engine.md 6.6-6.8).
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from kestrel_cli.app import births
from kestrel_cli.app.continuation import Continuation, conduct, goes_on, refuse
from kestrel_cli.app.history import (
    is_running,
    kept_by,
    path_of,
    still_running,
    story_of,
)
from kestrel_cli.app.mocks import MockFinder
from kestrel_cli.app.options import take_options
from kestrel_cli.app.parts import give_left_out, restrict, selected
from kestrel_cli.app.request import Part, RunRequest, RunResult
from kestrel_cli.app.run import open_journal
from kestrel_cli.app.session import Session
from kestrel_cli.app.story import Story, Told
from kestrel_cli.errors import InputError, NothingMatched, UsageError
from kestrel_cli.model.event import Event
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.ids import base62
from kestrel_cli.model.masker import MASK
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import State
from kestrel_cli.scheduler.reopen import plan_change, plan_replay
from kestrel_cli.store.journal import read

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

    story = story_of(execution_id, request.state_dir, request.environ, adapt=adapt)
    root = story.root
    if wanted.part != Part():
        give_left_out(root.execution, wanted.mocks.listed)
    text = story.texts.get(root.about.get("flow", 0), "")
    return changed(wanted, flow=root.execution.flow, text=text), story


def resume(request: RunRequest, execution_id: str, story: Story | None = None) -> RunResult:
    """Go on with an execution that is PAUSED, or whose process has died. A `story` that was read
    before serves as it is.
    """
    if story is None:
        request, story = read_back(request, execution_id)
    root = story.root
    if not any(goes_on(story, one) for one in story.told):
        name, state = story.name, root.execution.state
        again = f"`kestrel restart {name}` runs its failed tasks again"
        if state in _NOTHING_FAILED:
            again = f"`kestrel replay {name}` runs it again"
        raise UsageError(
            f"the execution {name} has ended {state}: there is nothing to resume ({again})"
        )
    _refuse_running(request, story)
    _refuse_lost(lost_inputs(story))
    return Continuation(request, story).go({})


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
    _refuse_lost(lost_inputs(story))
    again = Continuation(request, story)
    return again.go(again.restarts(told))


def change_state(
    request: RunRequest, execution_id: str, run: Callable[[Execution], TaskRun], state: State
) -> RunResult:
    """Go on as if a task run had ended in another state."""
    request, story = read_back(request, execution_id)
    told = story.root
    chosen = run(told.execution)
    again = Continuation(request, story)
    plan = plan_change(told.execution, told.expansions, chosen, state, again.session.clock.now())
    return again.go({told.number: plan})


def replay(
    request: RunRequest,
    execution_id: str,
    run: Callable[[Execution], TaskRun] | None = None,
    inputs: Inputs | None = None,
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
    session = Session(request)
    session.text_of(request.flow, request.text)
    # What is taken over of the old execution began when that did.
    at = session.clock.now() if run is None else old.execution.created_at
    execution = _repeated(old.execution, at)
    prepared = session.prepared(execution)
    _refuse_lost(name for name in _masked(old.execution) if name not in (inputs or {}))
    if inputs:
        births.give_inputs(
            execution,
            {**_given(old.execution), **inputs},
            request,
            prepared.services,
            prepared.world.store_input,
        )
    if run is None:
        execution.attempt_number += 1
    prepared = session.prepared(execution)
    session.keep(open_journal(request, execution.id))
    driver = session.born(prepared, session.options())
    if run is None:
        return conduct(session, driver, driver.begin)
    told = Told(0, execution, {})
    for event in _events(story, old, request):
        session.ledger.append(execution, event)
        told.fold(event)
    chosen = run(execution)
    _refuse_side_tasks(execution, chosen)
    plan = plan_replay(execution, told.expansions, [chosen], session.clock.now())

    def begin() -> None:
        driver.happened(plan)
        driver.go_on([])

    return conduct(session, driver, begin)


def _refuse_side_tasks(execution: Execution, chosen: TaskRun) -> None:
    if any(run.phase is not Phase.BODY for run in execution.upward(chosen)):
        raise UsageError(
            f"`{chosen.task.id}` ran after others had ended, as a task of `errors`, `finally` "
            "or the like: name one of the tasks before it"
        )


def _repeated(old: Execution, at: int) -> Execution:
    execution = births.follower(old, at)
    execution.id = base62(int.from_bytes(os.urandom(16), "big"))
    execution.earlier = []
    execution.attempt_number = old.attempt_number
    return execution


def _events(story: Story, old: Told, request: RunRequest) -> list[Event]:
    """The events of an execution, in order."""
    from kestrel_cli.model.event import LogLine
    from kestrel_cli.store.journal import Birth, Closed, FlowText

    path = path_of(story.name, request.state_dir, request.environ)
    return [
        line
        for _, of, line in read(path)
        if of == old.number and not isinstance(line, (Birth, Closed, FlowText, LogLine))
    ]


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


def lost_inputs(story: Story) -> list[str]:
    """The secret inputs of executions that may go on: no journal keeps their values."""
    lost: dict[str, None] = {}
    for told in story.told:
        execution = told.execution
        if told is story.root or execution.state not in (State.SUCCESS, State.WARNING):
            lost |= dict.fromkeys(_masked(execution))
    return list(lost)


def _masked(execution: Execution) -> Iterator[str]:
    return (name for name, value in _flat(execution) if value == MASK)


def _refuse_lost(names: Iterable[str]) -> None:
    again = "is not kept: give it again with"
    problems = [f"the secret input `{name}` {again} `-i {name}=...`" for name in names]
    if problems:
        raise InputError(problems)


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
