"""Ends before the time: Exit, a new execution, a broken service level (kills: test_step.py)."""

import pytest

from kestrel_cli.model.birth import Birth
from kestrel_cli.model.effect import Conclude, End, Follow, Hear, Kill, RunAttempt
from kestrel_cli.model.event import Followed
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.flow import Listener
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Change
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import SECOND, Play, constant

NEW = constant(5, maxAttempts=2, behavior="CREATE_NEW_EXECUTION")


def side_by_side(*tasks, **more):
    """A box with a Parallel of these tasks; runs 0 and 1, then theirs, which have begun."""
    parallel = task("flow.Parallel", "p", tasks=tasks)
    play = Play(flow(sequence("box", parallel, leaf("never")), leaf("never2"), **more))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 2)])
    play.expand(1, [Lane("tasks", n, n + 1) for n in range(len(tasks))], limit=0)
    for run in range(2, len(tasks) + 2):
        play.start(run)
    return play


def leave(play, run, state):
    return play.end(run, change=Change(exit=State(state)))


# -- Exit


@pytest.mark.parametrize("state", ["SUCCESS", "WARNING", "FAILED", "CANCELLED"])
def test_an_exit_ends_what_is_around_it_and_the_execution_in_its_state(state):
    play = side_by_side(leaf("e"), finally_=(leaf("never3"),), errors=(leaf("never4"),))
    assert leave(play, 2, state) == [End(State(state))]
    assert play.runs() == [f"box {state}", f"p {state}", f"e {state}"]
    assert play.execution_steps() == ["CREATED", "RUNNING", state]
    assert play.steps(2) == ["CREATED", "RUNNING", state]
    assert [str(step) for step, _ in play.execution.runs[2].attempts[0].history] == play.steps(2)


def test_an_exit_inside_flowables_lets_listeners_run():
    heard = made_of(Listener, {"tasks": (leaf("heard"),)})
    play = side_by_side(leaf("e"), listeners=(heard,))
    assert leave(play, 2, "SUCCESS") == [Hear()]
    assert play.hear(0) == [RunAttempt(3)]
    assert play.work(3) == [End(State.SUCCESS)]


def test_an_exit_that_kills_shows_it_as_a_kill():
    play = side_by_side(leaf("e"), afterExecution=(leaf("x"),))
    assert leave(play, 2, "KILLED") == [RunAttempt(3)]
    assert play.runs()[:3] == ["box KILLED", "p KILLED", "e KILLED"]
    assert play.steps(2) == ["CREATED", "RUNNING", "KILLING", "KILLED"]
    assert play.execution_steps() == ["CREATED", "RUNNING", "KILLING", "KILLED"]


def test_an_exit_kills_what_runs_beside_it_and_waits_for_it():
    play = side_by_side(leaf("e"), leaf("a"), leaf("b"))
    assert leave(play, 2, "SUCCESS") == [Kill(3), Kill(4)]
    assert play.execution.state == "RUNNING"
    assert play.end(4, State.KILLED) == []
    assert play.end(3, State.SUCCESS) == [End(State.SUCCESS)]
    assert play.runs() == ["box SUCCESS", "p SUCCESS", "e SUCCESS", "a KILLED", "b KILLED"]


def test_after_an_exit_afterexecution_runs():
    play = side_by_side(leaf("e"), afterExecution=(leaf("x"),))
    assert leave(play, 2, "WARNING") == [RunAttempt(3)]
    assert play.execution.state == "WARNING"
    assert play.work(3) == [End(State.WARNING)]


def test_a_second_exit_beside_it_changes_nothing():
    play = side_by_side(leaf("e"), leaf("f"))
    leave(play, 2, "SUCCESS")
    assert leave(play, 3, "FAILED") == [End(State.SUCCESS)]
    assert play.runs()[2:] == ["e SUCCESS", "f KILLED"]


def test_a_task_that_changes_its_execution_has_no_outputs():
    play = Play(flow(leaf("a"), leaf("b")))
    play.begin()
    play.start(0)
    change = Change(labels=[("team", "x")], variables={"v": 1})
    assert play.end(0, outputs={"ignored": 1}, change=change) == [RunAttempt(1)]
    assert play.execution.runs[0].outputs is None
    assert (play.execution.labels, play.execution.variables) == ([("team", "x")], {"v": 1})


# -- a new execution


def test_a_failure_that_asks_for_a_new_execution_ends_all_of_it_retried():
    play = side_by_side(leaf("a", retry=NEW), leaf("b"), finally_=(leaf("never3"),))
    assert play.end(2, State.FAILED) == [Kill(3)]
    moment = play.at + 5 * SECOND
    assert play.end(3, State.KILLED) == [Follow(moment)]
    assert play.runs() == ["box RETRIED", "p RETRIED", "a RETRIED", "b KILLED"]
    assert play.execution_steps() == ["CREATED", "RUNNING", "FAILED", "RETRIED"]
    assert play.steps(2) == ["CREATED", "RUNNING", "FAILED", "RETRIED"]
    assert play.execution.retry_at == moment
    birth = Birth(1, "next", moment, 0, follows=0)
    assert play.fold(Followed(play.tick(), birth)) == [End(State.RETRIED)]


def test_before_it_is_followed_errors_and_afterexecution_run():
    blocks = {"errors": (leaf("e"),), "finally_": (leaf("never3"),)}
    play = side_by_side(leaf("a", retry=NEW), **blocks, afterExecution=(leaf("x"),))
    assert play.end(2, State.FAILED) == [RunAttempt(3)]
    moment = play.at + 5 * SECOND
    assert play.execution.state == "RUNNING"
    assert play.work(3) == [RunAttempt(4)]
    assert play.execution_steps() == ["CREATED", "RUNNING", "FAILED", "RETRIED"]
    assert play.work(4) == [Follow(moment)]
    assert play.runs()[2:] == ["a RETRIED", "e SUCCESS", "x SUCCESS"]


def test_executions_are_counted_for_it_not_attempts():
    play = side_by_side(leaf("a", retry=NEW))
    play.execution.progress.attempt_number = 2
    assert play.end(2, State.FAILED) == [Conclude()]
    assert play.execution.retry_at is None


# -- service levels


@pytest.mark.parametrize(("behavior", "state"), [("FAIL", "FAILED"), ("CANCEL", "CANCELLED")])
def test_a_broken_service_level_kills_what_runs_and_where_it_fails_the_latest_run_fails(
    behavior, state
):
    play = side_by_side(leaf("a"), leaf("b"), finally_=(leaf("never3"),))
    assert play.violate(behavior, ("sla", "broken")) == [Kill(2), Kill(3)]
    latest = state if behavior == "FAIL" else "KILLED"
    play.end(2, State.KILLED)
    assert play.end(3, State.KILLED) == [End(State(state))]
    assert play.runs() == [f"box {state}", f"p {state}", "a KILLED", f"b {latest}"]
    assert play.execution.labels == [("sla", "broken")]


def test_a_service_level_that_only_labels_changes_nothing_else():
    play = side_by_side(leaf("a"))
    play.execution.progress.labels = [("sla", "fine"), ("team", "x")]
    assert play.violate("NONE", ("sla", "broken")) == []
    assert play.execution.labels == [("team", "x"), ("sla", "broken")]
    assert play.runs() == ["box RUNNING", "p RUNNING", "a RUNNING"]


def test_only_the_first_of_several_ends_counts():
    play = side_by_side(leaf("a"))
    play.violate("CANCEL")
    assert play.violate("FAIL") == []
    assert play.kill() == []
    assert play.end(2, State.KILLED) == [End(State.CANCELLED)]


def test_a_service_level_is_of_no_interest_after_the_end():
    play = Play(flow(leaf("a"), afterExecution=(leaf("x"),)))
    play.begin()
    play.work(0)
    play.conclude()
    assert play.violate("FAIL") == []
    assert play.work(1) == [End(State.SUCCESS)]


# -- an execution that is refused, or waits


@pytest.mark.parametrize("state", ["CANCELLED", "FAILED"])
def test_an_execution_that_is_refused_is_over(state):
    play = Play(flow(leaf("a"), afterExecution=(leaf("never"),)))
    assert play.queue(State(state)) == [End(State(state))]
    assert play.execution_steps() == ["CREATED", state]
    assert play.runs() == []


def test_an_execution_that_waited_begins():
    play = Play(flow(leaf("a")))
    assert play.queue() == []
    assert play.begin() == [RunAttempt(0)]
    assert play.execution_steps() == ["CREATED", "QUEUED", "RUNNING"]
