import pytest

from kestrel_cli.app.births import (
    called_id,
    follower,
    hide_all,
    labels_of,
    of_call,
    of_item,
    of_request,
)
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import CannotStart
from kestrel_cli.model.execution import Attempt
from kestrel_cli.model.masker import Masker, Origin
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Call
from tests.support.flows import flow, leaf, task
from tests.support.play import Play

LOOP = task("flow.Loop", "loop", values=["x"], tasks=(leaf("inner"),))


@pytest.fixture
def parent():
    """An execution whose first task run is under way."""
    play = Play(flow(LOOP, variables={"v": 1}))
    play.begin()
    play.start(0)
    made = play.execution
    made.labels = [("team", "a"), ("env", "ci"), ("system.correlationId", "root")]
    made.inputs, made.trigger, made.values = {"i": 1}, {"date": "today"}, {"seen": {"x": 1}}
    return made


def labelled(**labels):
    made = flow(leaf("a"))
    made.__dict__["label_pairs"] = list(labels.items())
    return made


def test_the_flows_labels_come_first_but_for_those_of_the_system():
    made = labelled(team="b", **{"system.readOnly": "true"})
    assert labels_of(made, [("env", "x")]) == [("team", "b"), ("env", "x")]


def test_the_id_of_a_called_execution_is_known_before_it_begins(parent):
    run = parent.runs[0]
    first = called_id(parent, run, 0)
    assert called_id(parent, run, 0) == first
    run.attempts.append(Attempt([(State.CREATED, 9)]))
    others = {called_id(parent, run, 0), called_id(parent, run, 1), first}
    assert len(others) == 3
    assert all(one.isalnum() and len(one) >= 20 for one in others)


def test_a_called_execution_gets_labels_in_their_order(parent):
    call = Call("company.team", "test", labels=[("env", "own")], inherit_labels=True)
    made = of_call(parent, parent.runs[0], 0, call, labelled(team="b"), 5)
    assert made.labels == [("team", "b"), ("system.correlationId", "root"), ("env", "own")]
    call.inherit_labels = False
    assert of_call(parent, parent.runs[0], 0, call, labelled(), 5).labels == [
        ("system.correlationId", "root"),
        ("env", "own"),
    ]


def test_a_called_execution_is_one_of_its_own(parent):
    made = of_call(parent, parent.runs[0], 0, Call(), flow(leaf("a"), variables={"w": 2}), 5)
    assert (made.created_at, made.state, made.inputs, made.values) == (5, "CREATED", {}, {})
    assert (made.variables, made.kind, made.item, made.owner) == ({"w": 2}, None, None, None)
    assert made.masker is parent.masker
    assert made.trigger["executionId"] == parent.id


def test_a_flow_that_is_disabled_is_not_called(parent):
    with pytest.raises(CannotStart, match="Cannot execute a flow which is disabled"):
        of_call(parent, parent.runs[0], 0, Call(), flow(leaf("a"), disabled=True), 5)


def test_an_iteration_sees_all_that_its_loop_does(parent):
    item = {"index": 0, "value": "x"}
    made = of_item(parent, parent.runs[0], 0, Call(item=item), 5)
    assert [one.id for one in made.flow.blocks["tasks"]] == ["inner"]
    assert (made.kind, made.item, made.owner) == ("LOOP", item, parent)
    for name in ("labels", "variables", "inputs", "trigger", "values"):
        assert getattr(made, name) == getattr(parent, name)
    made.values["inner"] = {"value": 1}
    assert "inner" not in parent.values


def test_what_a_loop_calls_is_no_iteration(parent):
    iteration = of_item(parent, parent.runs[0], 0, Call(item={"index": 0, "value": "x"}), 5)
    play = Play(iteration.flow)
    play.execution = iteration
    play.begin()
    assert of_call(iteration, iteration.runs[0], 0, Call(), flow(leaf("a")), 6).kind is None


def test_the_execution_that_follows_another_knows_the_first_one(parent):
    parent.history[0] = (State.CREATED, 1)
    second = follower(parent, 70)
    third = follower(second, 80)
    assert (second.parent_id, third.parent_id) == (parent.id, second.id)
    assert (second.original_id, third.original_id) == (parent.id, parent.id)
    assert (second.attempt_number, third.attempt_number) == (2, 3)
    assert second.original_at == third.original_at == 1
    assert third.labels == [*parent.labels, ("system.replay", "true")]
    assert (third.inputs, third.values, third.runs) == (parent.inputs, {}, [])
    assert (third.created_at, third.earlier) == (80, [parent, second])
    assert follower(parent, 70).id == second.id  # so that it is known again


def test_a_run_that_is_asked_for_has_its_own_correlation():
    made = of_request(RunRequest(labelled(team="a"), labels=[("env", "x")], kind="TEST"), 3)
    assert made.labels == [("team", "a"), ("env", "x"), ("system.correlationId", made.id)]
    assert (made.kind, made.created_at) == ("TEST", 3)


def test_secret_inputs_are_known_by_their_paths():
    masker = Masker()
    hide_all(masker, {"login.token": "hunter2"}, pytest.fail)
    assert masker.origin_of("hunter2") == Origin("input", "login.token")
