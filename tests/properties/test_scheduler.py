"""The scheduler against the obvious interpreter, and under any order of completion."""

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from kestrel_cli.model.effect import Effect
from kestrel_cli.model.event import Event, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.state import EXECUTION_TRANSITIONS, TERMINAL, TRANSITIONS, State
from kestrel_cli.scheduler.step import step
from kestrel_cli.store.journal import entry_of, line_of
from tests.support.obvious import Interpreter, StateOf
from tests.support.simulation import Simulation
from tests.support.strategies import endings, flows


@settings(max_examples=400, deadline=None)
@given(flows(), endings())
def test_makes_the_same_task_runs_as_the_obvious_interpreter(flow: Flow, state_of: StateOf) -> None:
    obvious = Interpreter(flow, state_of)
    final = obvious.run()
    simulation = Simulation(flow, state_of).run()
    assert simulation.shape() == [tuple(run) for run in obvious.runs]
    assert simulation.execution.state == final == simulation.ended


@settings(max_examples=300, deadline=None)
@given(flows(), endings(), st.integers(0, 2**32), st.integers(-1, 30))
def test_ends_whatever_the_order_of_completion_and_whenever_it_is_killed(
    flow: Flow, state_of: StateOf, seed: int, kill_at: int
) -> None:
    simulation = Simulation(flow, state_of)
    execution = simulation.execution

    def check() -> None:
        for frame in execution.frames.values():
            assert frame.limit == 0 or frame.active <= frame.limit

    simulation.run_shuffled(random.Random(seed), check, kill_at)
    assert all(run.state in TERMINAL for run in execution.runs)
    assert not execution.active
    for run in execution.runs:
        steps = [state for state, _ in run.history]
        assert all(b in TRANSITIONS[a] for a, b in pairwise(steps))
        assert run.history == sorted(run.history, key=lambda entry: entry[1])
    steps = [state for state, _ in execution.history]
    assert all(b in EXECUTION_TRANSITIONS[a] for a, b in pairwise(steps))
    if execution.killing and execution.state is State.KILLED:
        assert not any(run.state in (State.RUNNING, State.KILLING) for run in execution.runs)


@settings(max_examples=200, deadline=None)
@given(flows(), st.integers(0, 2**32))
def test_when_everything_succeeds_any_order_makes_the_same_set_of_task_runs(
    flow: Flow, seed: int
) -> None:
    def success(_: str, __: int) -> State:
        return State.SUCCESS

    def facts(simulation: Simulation) -> list[tuple[object, ...]]:
        return sorted((run[1], str(run[3]), str(run[4]), str(run[5])) for run in simulation.shape())

    shuffled = Simulation(flow, success).run_shuffled(random.Random(seed), lambda: None)
    assert facts(Simulation(flow, success).run()) == facts(shuffled)


@settings(max_examples=150, deadline=None)
@given(flows(), endings(), st.integers(0, 2**32), st.integers(-1, 30))
def test_the_journal_folds_to_the_same_execution(
    flow: Flow, state_of: StateOf, seed: int, kill_at: int
) -> None:
    simulation = Simulation(flow, state_of)
    original, lines = simulation.fold, []

    def taking_down(event: Event) -> list[Effect]:
        lines.append(line_of(event))  # before the fold: lanes count up while it goes on
        return original(event)

    simulation.fold = taking_down  # type: ignore[method-assign]
    simulation.run_shuffled(random.Random(seed), lambda: None, kill_at)
    again = Execution("test", flow, [(State.CREATED, 0)])
    for line in lines:
        entry = entry_of(line)
        assert line_of(entry) == line
        assert not isinstance(entry, LogLine)
        step(flow, again, entry)
    assert again.history == simulation.execution.history
    assert [(r.history, r.outputs, r.attempts) for r in again.runs] == [
        (r.history, r.outputs, r.attempts) for r in simulation.execution.runs
    ]
