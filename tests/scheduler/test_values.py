"""What `outputs` shows of the task runs that have ended."""

import pytest

from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.frame import Frame
from kestrel_cli.model.state import State
from kestrel_cli.scheduler.values import path_of, record
from tests.support.births import execution_of
from tests.support.flows import flow, leaf


@pytest.fixture
def execution():
    made = execution_of(flow(leaf("a"), leaf("b")))
    made.progress.frames[None] = Frame(None, [])
    return made


def run_of(execution, task_id, outputs, value=None, path=()):
    """Record a run of a task that stands inside the loop values `path`."""
    parent = len(execution.frames)
    execution.progress.frames[parent] = Frame(parent, [], path=path)
    task = execution.flow.by_id[task_id]
    run = TaskRun(0, task, parent, value, None, State.SUCCESS, [], outputs=outputs)
    record(execution.progress, run)
    return run


def test_outputs_are_shown_under_the_task_id(execution):
    run_of(execution, "a", {"value": 1})
    run_of(execution, "b", {})
    assert execution.values == {"a": {"value": 1}, "b": {}}


def test_nothing_is_shown_of_a_run_without_outputs(execution):
    run_of(execution, "a", None)
    run_of(execution, "a", None, "x")
    assert execution.values == {}


def test_outputs_in_a_loop_are_shown_under_its_value(execution):
    run_of(execution, "a", {"value": 1}, "x")
    run_of(execution, "a", {"value": 2}, "y")
    assert execution.values == {"a": {"x": {"value": 1}, "y": {"value": 2}}}


def test_outputs_in_loops_are_shown_under_all_values_outermost_first(execution):
    run_of(execution, "a", {"value": 1}, "p", path=("x",))
    run_of(execution, "a", {"value": 2}, "q", path=("x",))
    run_of(execution, "a", {"value": 3}, "p", path=("y",))
    assert execution.values == {
        "a": {"x": {"p": {"value": 1}, "q": {"value": 2}}, "y": {"p": {"value": 3}}}
    }


def test_a_task_below_a_loop_is_shown_under_the_value_above_it(execution):
    run_of(execution, "a", {"value": 1}, path=("x",))
    run_of(execution, "a", {"value": 2}, path=("x", "p"))
    assert execution.values == {"a": {"x": {"value": 1, "p": {"value": 2}}}}


def test_a_second_run_at_the_same_place_is_merged_into_the_first(execution):
    run_of(execution, "a", {"one": 1, "both": 1, "map": {"x": 1, "y": 1}}, "v")
    run_of(execution, "a", {"two": 2, "both": 2, "map": {"y": 2, "z": 2}}, "v")
    assert execution.values["a"]["v"] == {
        "one": 1,
        "both": 2,
        "map": {"x": 1, "y": 2, "z": 2},
        "two": 2,
    }


def test_outside_of_loops_the_newer_outputs_replace_those_of_the_same_name(execution):
    run_of(execution, "a", {"one": 1, "map": {"x": 1}})
    run_of(execution, "a", {"two": 2, "map": {"y": 2}})
    assert execution.values == {"a": {"one": 1, "map": {"y": 2}, "two": 2}}


def test_merging_leaves_the_runs_own_outputs_alone(execution):
    first = run_of(execution, "a", {"map": {"x": 1}}, "v")
    second = run_of(execution, "a", {"map": {"y": 2}}, "v")
    third = run_of(execution, "b", {"n": 1})
    fourth = run_of(execution, "b", {"m": 2})
    assert (first.outputs, second.outputs) == ({"map": {"x": 1}}, {"map": {"y": 2}})
    assert (third.outputs, fourth.outputs) == ({"n": 1}, {"m": 2})


def test_empty_outputs_are_kept_and_later_filled(execution):
    run_of(execution, "a", {}, "v")
    assert execution.values == {"a": {"v": {}}}
    run_of(execution, "a", {"x": 1}, "v")
    assert execution.values == {"a": {"v": {"x": 1}}}


def test_a_path_is_the_same_for_the_scheduler_and_for_others(execution):
    run = run_of(execution, "a", {}, "p", path=("x",))
    assert path_of(execution.progress, run) == execution.path_of(run) == ("x", "p")
