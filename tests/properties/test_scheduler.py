"""The scheduler against the obvious interpreter, and under any order of completion."""

import io
import random
from collections.abc import Callable
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kestrel_cli.model.event import Event, KillRequested, Violated
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.state import EXECUTION_TRANSITIONS, TERMINAL, TRANSITIONS, State
from kestrel_cli.reporters.json_document import write_json
from tests.support.obvious import Interpreter, StateOf
from tests.support.simulation import Simulation, told_of, went_on
from tests.support.strategies import endings, flows


@settings(max_examples=60)
@given(flows(), endings())
def test_makes_the_same_task_runs_as_the_obvious_interpreter(flow: Flow, state_of: StateOf) -> None:
    obvious = Interpreter(flow, state_of)
    final = obvious.run()
    simulation = Simulation(flow, state_of).run()
    assert simulation.shape() == obvious.shape()
    assert simulation.execution.state == final == simulation.ended
    assert not simulation.execution.progress.concurrent


def killed(at: int) -> Event:
    return KillRequested(at)


def failed(at: int) -> Event:
    return Violated(at, "sla", "FAIL", [("sla", "broken")], "too late")


def cancelled(at: int) -> Event:
    return Violated(at, "sla", "CANCEL", [], "too late")


def noted(at: int) -> Event:
    return Violated(at, "sla", "NONE", [("sla", "broken")], "too late")


ends = st.tuples(st.integers(1, 40), st.sampled_from([killed, failed, cancelled, noted]))


@settings(max_examples=60)
@given(flows(wild=True), endings(), st.integers(0, 2**32), st.none() | ends)
def test_ends_whatever_the_order_of_completion_and_whatever_ends_it(
    flow: Flow,
    state_of: StateOf,
    seed: int,
    end: tuple[int, Callable[[int], Event]] | None,
) -> None:
    simulation = Simulation(flow, state_of)
    execution = simulation.execution

    def check() -> None:
        for frame in execution.frames.values():
            assert frame.limit == 0 or frame.active <= frame.limit
        assert execution.progress.working == sum(execution.active.values())
        for number, call in execution.calls.items():
            assert call.limit == 0 or len(call.running) <= call.limit
            assert not call.running or number in execution.active
        for run in execution.runs:
            assert run.gone or run.ended == (run.number not in execution.active)

    simulation.run_shuffled(random.Random(seed), check, end)
    check()
    assert simulation.ended == execution.state
    assert execution.state in TERMINAL
    assert not execution.active
    assert not execution.progress.interim
    assert not any(call.running for call in execution.calls.values())
    assert len(execution.listed()) == sum(not run.gone for run in execution.runs)
    _legal(execution)


def _legal(execution: Execution) -> None:
    """Every history starts with CREATED, takes legal steps, never goes back in time, is over."""
    told = [(one.history, TRANSITIONS) for one in execution.runs]
    for history, table in [*told, (execution.history, EXECUTION_TRANSITIONS)]:
        states = [state for state, _ in history]
        assert states[0] is State.CREATED
        assert all(after in table[before] for before, after in pairwise(states))
        assert history == sorted(history, key=lambda entry: entry[1])
    for run in execution.runs:
        assert run.gone or (run.ended and all(one.state in TERMINAL for one in run.attempts))


def success(_: str, __: int) -> State:
    return State.SUCCESS


def in_the_end(flow: Flow, seed: int) -> StateOf:
    """Every task succeeds; some need all the attempts that they have."""

    def state_of(task_id: str, attempt: int) -> State:
        policy = flow.policies.get(task_id)
        last = policy is None or attempt >= (policy.maxAttempts or 1)
        return State.SUCCESS if last or hash((seed, task_id)) % 2 else State.FAILED

    return state_of


@settings(max_examples=50)
@given(flows(), st.integers(0, 2**32))
def test_when_everything_succeeds_any_order_makes_the_same_task_runs_listed_in_the_same_order(
    flow: Flow, seed: int
) -> None:
    state_of = in_the_end(flow, seed)
    sequential = Simulation(flow, state_of).run()
    assume(all(run.state is not State.FAILED for run in sequential.execution.runs))
    shuffled = Simulation(flow, state_of).run_shuffled(random.Random(seed))
    shuffled.execution.progress.concurrent = True
    if not sequential.waited:
        assert shuffled.shape() == sequential.shape()
    sequential.execution.progress.concurrent = True
    assert shuffled.shape() == sequential.shape()


def document(execution: Execution) -> str:
    stream = io.StringIO()
    write_json(execution, stream, 0)
    return stream.getvalue()


def everything(execution: Execution) -> list[object]:
    """What the document leaves out, too: task runs that are gone, what `outputs` shows."""
    runs = [
        (run.history, run.outputs, run.error, run.gone, [one.history for one in run.attempts])
        for run in execution.runs
    ]
    return [*runs, execution.history, execution.labels, execution.values, execution.retry_at]


@settings(max_examples=60)
@given(flows(wild=True), endings(), st.integers(0, 2**32), st.none() | ends)
def test_the_journal_folds_to_the_same_document(
    flow: Flow,
    state_of: StateOf,
    seed: int,
    end: tuple[int, Callable[[int], Event]] | None,
) -> None:
    simulation = Simulation(flow, state_of).run_shuffled(random.Random(seed), end=end)
    told = told_of(flow, simulation.lines)
    assert told.ended
    assert document(told.execution) == document(simulation.execution)
    assert everything(told.execution) == everything(simulation.execution)


@settings(max_examples=50)
@given(flows(strict=True, depth=2), st.integers(0, 2**32), st.booleans())
def test_a_run_whose_process_ends_at_any_event_goes_on_to_the_same_end(
    flow: Flow, seed: int, fails: bool
) -> None:
    def by_task(task_id: str, _: int) -> State:
        return State.FAILED if fails and not hash((seed, task_id)) % 6 else State.SUCCESS

    undisturbed = Simulation(flow, by_task).run()
    lines, facts = undisturbed.lines, undisturbed.facts()
    for number in range(len(lines)):
        after = went_on(flow, by_task, lines[:number])
        assert after.facts() == facts
        assert after.execution.state == undisturbed.execution.state
        assert after.execution.values == undisturbed.execution.values
        _legal(after.execution)


@settings(max_examples=60)
@given(flows(wild=True), endings(), st.integers(0, 2**32), st.integers(0, 2**32), st.none() | ends)
def test_a_run_with_attempts_side_by_side_goes_on_to_an_end_whatever_ends_it(
    flow: Flow,
    state_of: StateOf,
    seed: int,
    place: int,
    end: tuple[int, Callable[[int], Event]] | None,
) -> None:
    lines = Simulation(flow, state_of).run_shuffled(random.Random(seed), end=end).lines
    after = went_on(flow, state_of, lines[: place % len(lines)])
    assert after.ended == after.execution.state
    _legal(after.execution)
