import pytest

from kestrel_cli.app.births import (
    called_id,
    execution_of,
    labels_of,
    link,
    of_call,
    of_follower,
    of_item,
    of_replay,
    of_request,
)
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import CannotStart
from kestrel_cli.model.birth import Caller
from kestrel_cli.model.call import Call
from kestrel_cli.model.event import Called
from kestrel_cli.model.execution import Attempt
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import State
from tests.support import births
from tests.support.flows import flow, leaf, task
from tests.support.play import Play

LOOP = task("flow.Loop", "loop", values=["x"], tasks=(leaf("inner"),))
ITEM = {"index": 0, "value": "x"}


def calling(call):
    """An execution whose first task run calls another one."""
    play = Play(flow(LOOP, variables={"v": 1}))
    play.execution = births.execution_of(
        play.flow,
        "1parent",
        1,
        labels=[("team", "a"), ("env", "ci"), ("system.correlationId", "root")],
        inputs={"i": 1},
        trigger={"date": "today"},
    )
    play.execution.progress.values["seen"] = {"x": 1}
    play.begin()
    play.start(0)
    play.fold(Called(0, play.tick(), [call]))
    return play.execution


@pytest.fixture
def parent():
    return calling(Call(item=ITEM))


def labelled(**labels):
    made = flow(leaf("a"))
    made.__dict__["label_pairs"] = list(labels.items())
    return made


def called(parent, made, at=5):
    """The execution of another flow that the parent's task run starts."""
    return execution_of(of_call(1, parent, parent.runs[0], 0, made, 1, at), made, parent)


def iteration(parent, at=5):
    return execution_of(of_item(1, parent, parent.runs[0], 0, at), None, parent)


def follower(before, number, at):
    return execution_of(of_follower(number, before, at), before.flow, before=before)


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


@pytest.mark.parametrize("inherits", [True, False])
def test_a_called_execution_gets_labels_in_their_order(inherits):
    parent = calling(Call("company.team", "test", labels=[("env", "own")], inherit_labels=inherits))
    made = called(parent, labelled(team="b") if inherits else labelled())
    own = [("team", "b")] if inherits else []
    assert made.labels == [*own, ("system.correlationId", "root"), ("env", "own")]


def test_a_called_execution_is_one_of_its_own():
    parent = calling(Call("company.team", "test"))
    made = called(parent, flow(leaf("a"), variables={"w": 2}))
    assert (made.created_at, made.state, made.inputs, made.values) == (5, "CREATED", {}, {})
    assert (made.variables, made.kind, made.item, made.owner) == ({"w": 2}, None, None, None)
    assert made.masker is parent.masker
    assert made.trigger["executionId"] == parent.id
    assert made.birth.caller == Caller(0, 0, 0)


def test_a_flow_that_is_disabled_is_not_called():
    parent = calling(Call("company.team", "test"))
    with pytest.raises(CannotStart, match="Cannot execute a flow which is disabled"):
        called(parent, flow(leaf("a"), disabled=True))


def test_an_iteration_sees_all_that_its_loop_does(parent):
    made = iteration(parent)
    assert [one.id for one in made.flow.blocks["tasks"]] == ["inner"]
    assert (made.kind, made.item, made.owner) == ("LOOP", ITEM, parent)
    for name in ("labels", "variables", "inputs", "trigger", "values"):
        assert getattr(made, name) == getattr(parent, name)
    made.progress.values["inner"] = {"value": 1}
    assert "inner" not in parent.values


def test_what_a_loop_calls_is_no_iteration(parent):
    made = iteration(parent)
    play = Play(made.flow)
    play.execution = made
    play.begin()
    play.start(0)
    play.fold(Called(0, play.tick(), [Call("company.team", "test")]))
    assert called(made, flow(leaf("a"))).kind is None


def test_the_execution_that_follows_another_knows_the_first_one(parent):
    second = follower(parent, 1, 70)
    third = follower(second, 2, 80)
    assert (second.parent_id, third.parent_id) == (parent.id, second.id)
    assert (second.original_id, third.original_id) == (parent.id, parent.id)
    assert (second.attempt_number, third.attempt_number) == (2, 3)
    assert second.original_at == third.original_at == 1
    assert third.labels == [*parent.labels, ("system.replay", "true")]
    assert (third.inputs, third.values, third.runs) == (parent.inputs, {}, [])
    assert (third.created_at, third.earlier) == (80, (parent, second))
    assert (second.birth.follows, third.birth.follows) == (0, 1)
    assert follower(parent, 9, 70).id == second.id  # so that it is known again


def test_a_replay_is_an_execution_of_its_own(parent):
    made, anew = (of_replay(parent, 70, anew=one) for one in (False, True))
    for one in (made, anew):
        assert (one.number, one.flow, one.follows, one.caller) == (0, 0, None, None)
        assert (one.parent_id, one.original_id, one.inputs) == (parent.id, parent.id, {"i": 1})
        assert ("system.replay", "true") in one.labels
    assert (made.attempt_number, anew.attempt_number) == (1, 2)
    assert len({made.id, anew.id, parent.id}) == 3


def test_a_run_that_is_asked_for_has_its_own_correlation():
    made = of_request(RunRequest(labelled(team="a"), labels=[("env", "x")], kind="TEST"), 3)
    assert made.labels == [("team", "a"), ("env", "x"), ("system.correlationId", made.id)]
    assert (made.kind, made.at, made.number) == ("TEST", 3, 0)


def test_an_execution_never_changes_what_it_was_born_with(parent):
    with pytest.raises(AttributeError):
        parent.birth.id = "x"
    assert changed(parent.birth, id="x").id == "x"
    assert parent.birth.id == "1parent"


def test_a_caller_knows_what_it_started_and_what_follows_that():
    parent = calling(Call("company.team", "test"))
    first = called(parent, flow(leaf("a")))
    link(first, parent)
    assert parent.called == {0: [first]}
    after = follower(first, 2, 70)
    link(after, parent)
    assert parent.called == {0: [after]}


def test_what_follows_one_whose_task_run_was_taken_out_is_not_called_by_it():
    parent = calling(Call("company.team", "test"))
    after = follower(called(parent, flow(leaf("a"))), 2, 70)
    link(after, parent)
    assert parent.called == {0: []}
