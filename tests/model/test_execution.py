import pytest

from kestrel_cli.model.execution import Attempt, Execution, TaskRun
from kestrel_cli.model.frame import Frame
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.scheduler.states import advance_execution
from tests.support.births import execution_of
from tests.support.flows import flow, leaf


@pytest.fixture
def execution():
    made = execution_of(flow(leaf("a"), leaf("b")), "4uQmZ1", 7)
    made.progress.frames[None] = Frame(None, [])
    return made


@pytest.mark.parametrize(
    ("value", "above", "path"),
    [
        (None, (), ()),
        ("x", (), ("x",)),
        (None, ("x",), ("x",)),
        ("y", ("x",), ("x", "y")),
        ("", (), ("",)),
    ],
)
def test_a_path_is_the_values_above_and_the_runs_own(execution, value, above, path):
    execution.progress.frames[3] = Frame(3, [], path=above)
    run = TaskRun(4, execution.flow.by_id["a"], 3, value, None, State.CREATED, [])
    assert execution.path_of(run) == path


def test_ids_of_runs_follow_from_the_executions_id_and_never_change(execution):
    again = execution_of(execution.flow, "4uQmZ1")
    other = execution_of(execution.flow, "4uQmZ2")
    ids = [execution.run_id(number) for number in range(100)]
    assert ids == [again.run_id(number) for number in range(100)]
    assert len(set(ids)) == 100
    assert {len(one) for one in ids} == {22}
    assert not set(ids) & {other.run_id(number) for number in range(100)}


def test_an_execution_was_created_when_it_was_born(execution):
    advance_execution(execution.progress, State.RUNNING, 99)
    assert execution.created_at == 7
    assert execution.history == [("CREATED", 7), ("RUNNING", 99)]


@pytest.mark.parametrize(
    "name", ["state", "labels", "variables", "outputs", "inputs", "trigger", "attempt_number"]
)
def test_nobody_sets_what_an_execution_shows(execution, name):
    with pytest.raises(AttributeError):
        setattr(execution, name, None)


def test_what_changes_in_the_progress_is_seen_at_once(execution):
    progress = execution.progress
    progress.labels, progress.outputs, progress.error = [("a", "b")], {"n": 1}, "no"
    assert (execution.labels, execution.outputs, execution.error) == ([("a", "b")], {"n": 1}, "no")
    assert not execution.killing
    progress.ending = State.KILLED
    assert execution.killing
    assert execution.runs is progress.runs


def test_an_iteration_of_a_loop_sees_what_its_execution_was_given(execution):
    owner = execution_of(execution.flow, inputs={"n": 1}, trigger={"id": "t"}, labels=[("a", "b")])
    owner.progress.variables, owner.progress.values["a"] = {"v": 1}, {"x": 1}
    birth = changed(owner.birth, number=1, id="4uQmZ3", flow=None, inputs={}, trigger=None)
    made = Execution(birth, execution.flow, owner=owner)
    assert (made.inputs, made.trigger, made.variables) == ({"n": 1}, {"id": "t"}, {"v": 1})
    assert made.values == owner.values
    made.progress.values["b"] = {}
    assert "b" not in owner.values


@pytest.mark.parametrize("state", list(State))
def test_a_run_has_ended_when_its_state_is_terminal(execution, state):
    run = TaskRun(0, execution.flow.by_id["a"], None, None, None, state, [])
    assert run.ended is (state in TERMINAL)


def test_an_attempt_stands_where_its_history_ends():
    assert (
        Attempt([(State.CREATED, 1), (State.RUNNING, 1), (State.FAILED, 2)]).state is State.FAILED
    )
