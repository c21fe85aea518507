"""Restart and replay: what comes out is what would have come of an undisturbed run."""

import json
import random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kestrel_cli.model.event import Launched, Reopened
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.frame import Phase
from kestrel_cli.model.state import State
from kestrel_cli.scheduler.reopen import plan_change, plan_replay, plan_restart
from kestrel_cli.store.journal_lines import entry_of, line_of
from tests.support.obvious import StateOf
from tests.support.simulation import Simulation, later, told_of
from tests.support.strategies import flows

strict = flows(strict=True)


def success(_: str, __: int) -> State:
    return State.SUCCESS


def reopened(after: Simulation, plan: Reopened) -> Simulation:
    """The same execution, gone on with as the plan says, to its end."""
    again = entry_of(json.loads(line_of(plan)))
    assert isinstance(again, Reopened)
    after.todo.add(after.fold(again))
    return after.go_on()


def launched(after: Simulation) -> list[tuple[int, int]]:
    """The executions that were started since, by task run and number."""
    events = [entry_of(json.loads(line)) for line in after.lines]
    return [(event.run, event.nth) for event in events if isinstance(event, Launched)]


@settings(max_examples=50)
@given(strict, st.integers(0, 2**32), st.booleans())
def test_a_restart_after_which_the_failing_tasks_succeed_gives_what_an_undisturbed_run_gives(
    flow: Flow, seed: int, shuffled: bool
) -> None:
    def fails(task_id: str, _: int) -> State:
        return State.SUCCESS if hash((seed, task_id)) % 6 else State.FAILED

    first = Simulation(flow, fails)
    first.run_shuffled(random.Random(seed)) if shuffled else first.run()
    assume(first.execution.state is State.FAILED)
    to_blame: set[str] = set()

    def mended(task_id: str, attempt: int) -> State:
        return State.SUCCESS if task_id.partition("/")[0] in to_blame else fails(task_id, attempt)

    told = told_of(flow, first.lines)
    after = later(flow, mended, told)
    plan = plan_restart(told.execution, told.expansions, after.tick())
    to_blame.update(told.execution.runs[number].task.id for number in plan.restarted)
    done = {number: call.results for number, call in told.execution.calls.items()}
    reopened(after, plan)
    for number, nth in launched(after):
        before = done[number].get(nth) if number in done else None
        assert before is None or before.state is State.FAILED  # what succeeded is not done again
    undisturbed = Simulation(flow, mended).run()
    # A further failure side by side, or one that is tolerated, leaves what the order made of it.
    fine = {run.state for run in undisturbed.execution.runs} <= {State.SUCCESS, State.SKIPPED}
    if fine or (not shuffled and undisturbed.execution.state is not State.FAILED):
        assert after.facts() == undisturbed.facts()
        assert after.execution.values == undisturbed.execution.values
        assert after.execution.state == undisturbed.execution.state
    assert ("system.restarted", "true") in after.execution.labels
    assert after.execution.attempt_number == 2


def in_a_body(execution: Execution, run: TaskRun) -> bool:
    """Whether it and all flowables around it run in a body: only such a run is replayed."""
    at: TaskRun | None = run
    while at is not None and at.phase is Phase.BODY:
        at = None if at.parent is None else execution.runs[at.parent]
    return at is None


@settings(max_examples=30)
@given(strict)
def test_a_replay_from_any_task_run_gives_the_same_task_runs(flow: Flow) -> None:
    first = Simulation(flow, success).run()
    for run in first.execution.listed():
        if in_a_body(first.execution, run):
            told = told_of(flow, first.lines)
            after = later(flow, success, told)
            chosen = told.execution.runs[run.number]
            plan = plan_replay(told.execution, told.expansions, [chosen], after.tick())
            reopened(after, plan)
            assert after.facts() == first.facts()
            assert after.execution.values == first.execution.values
            assert ("system.replay", "true") in after.execution.labels


def failing_at(task_id: str) -> StateOf:
    return lambda other, _: State.FAILED if other == task_id else State.SUCCESS


@settings(max_examples=30)
@given(strict, st.integers(0, 2**32))
def test_a_leaf_whose_state_is_set_by_hand_lets_the_execution_go_on(flow: Flow, seed: int) -> None:
    whole = Simulation(flow, success).run()
    leaves = [
        run
        for run in whole.execution.listed()
        if in_a_body(whole.execution, run)
        and not run.task.flowable
        and run.state is State.SUCCESS
        and (run.parent is None or type(whole.execution.runs[run.parent].task).__name__ in PLAIN)
    ]
    assume(leaves)
    chosen = leaves[seed % len(leaves)]
    first = Simulation(flow, failing_at(chosen.task.id)).run()
    assume(first.execution.state is State.FAILED)
    told = told_of(flow, first.lines)
    failed = [run for run in told.execution.runs if run.task.id == chosen.task.id and not run.gone]
    assume(len(failed) == 1)
    after = later(flow, success, told)
    plan = plan_change(told.execution, told.expansions, failed[0], State.SUCCESS, after.tick())
    reopened(after, plan)
    assert after.facts() == whole.facts()
    assert after.execution.state is whole.execution.state


PLAIN = {"Sequential", "If", "Switch", "ForEach", "Dag", "Parallel", "EachSequential"}
