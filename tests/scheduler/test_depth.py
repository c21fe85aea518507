"""Deep nesting and long loops cost what their size says: calls are counted, not seconds."""

import sys

import pytest

from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import Play
from tests.support.simulation import Simulation


def success(_, __):
    return State.SUCCESS


def nested(depth) -> Task:
    inner = leaf("leaf")
    for level in range(depth):
        inner = sequence(f"s{level}", inner)
    return inner


def looped(count) -> Task:
    return task("flow.ForEach", "loop", values=[str(n) for n in range(count)], tasks=(leaf("a"),))


def calls(simulation):
    """How many Python functions a whole simulated run calls."""
    count = 0

    def counting(_, event, __):
        nonlocal count
        count += event == "call"

    sys.setprofile(counting)
    try:
        simulation.run()
    finally:
        sys.setprofile(None)
    return count


def test_five_thousand_flowables_inside_each_other_run_to_their_end():
    simulation = Simulation(flow(nested(5_000)), success, most=5_004).run()
    assert len(simulation.execution.runs) == 5_001
    # Begun, one Expanded each, AttemptStarted, AttemptEnded, Concluded.
    assert len(simulation.lines) == 5_004
    assert {run.state for run in simulation.execution.runs} == {"SUCCESS"}
    assert simulation.ended == "SUCCESS"


def test_five_thousand_flowables_fail_with_the_innermost_task():
    simulation = Simulation(flow(nested(5_000)), lambda _, __: State.FAILED, most=5_004).run()
    assert {run.state for run in simulation.execution.runs} == {"FAILED"}
    assert simulation.ended == "FAILED"


def test_five_thousand_flowables_can_be_killed():
    play = Play(flow(nested(5_000)))
    play.begin()
    for run in range(5_000):
        play.expand(run, [Lane("tasks", 0, 1)])
    play.start(5_000)
    play.kill()
    play.end(5_000, State.KILLED)
    assert {run.state for run in play.execution.runs} == {"KILLED"}
    assert play.execution.state == "KILLED"


def test_five_thousand_task_runs_are_listed_in_order_when_attempts_overlapped():
    for shape in (nested, looped):
        execution = Simulation(flow(shape(5_000)), success, most=10_003).run().execution
        execution.progress.concurrent = True
        assert [run.number for run in execution.listed()] == list(range(5_001))


def test_many_values_run_to_their_end():
    simulation = Simulation(flow(looped(30_000)), success, most=60_003).run()
    runs = simulation.execution.runs
    assert len(runs) == 30_001
    # Begun, Expanded, two for each value, Concluded.
    assert len(simulation.lines) == 60_003
    assert (runs[-1].value, runs[-1].iteration, runs[-1].state) == ("29999", 29_999, "SUCCESS")
    assert list(simulation.execution.frames) == [None]
    assert not simulation.execution.active


@pytest.mark.parametrize("shape", [nested, looped])
def test_four_times_the_size_is_four_times_the_work(shape):
    small = calls(Simulation(flow(shape(250)), success))
    large = calls(Simulation(flow(shape(1_000)), success))
    assert 3.8 < large / small < 4.05


def test_values_side_by_side_cost_the_same_as_one_by_one():
    def side_by_side(count):
        values = [str(n) for n in range(count)]
        return task("flow.ForEach", "loop", values=values, concurrencyLimit=5, tasks=(leaf("a"),))

    one = calls(Simulation(flow(side_by_side(250)), success))
    four = calls(Simulation(flow(side_by_side(1_000)), success))
    assert 3.8 < four / one < 4.05
