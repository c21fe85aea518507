"""What one execution has to do next."""

import pytest

from kestrel_cli.app.engine.todo import Todo
from kestrel_cli.model.effect import Conclude, End, Expand, Launch, RunAttempt, WaitUntil
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from tests.support.flows import flow, leaf, task
from tests.support.play import Play


def play():
    """A play of two loops side by side: runs 0 the box, 1 and 2 its leaves a and b."""
    made = Play(flow(task("flow.Parallel", "p", tasks=(leaf("a"), leaf("b"))), leaf("z")))
    made.begin()
    made.expand(0, [Lane("tasks", 0, 1), Lane("tasks", 1, 2)], limit=0)
    return made.execution


def taken(todo):
    found = []
    while todo:
        found.append(todo.next())
    return found


def todo_of(*batches):
    todo = Todo(play())
    for batch in batches:
        todo.add(batch)
    return todo


def test_new_effects_come_before_everything_else_in_their_own_order():
    todo = todo_of([End(State.SUCCESS)], [Conclude()], [RunAttempt(1), RunAttempt(2)])
    assert taken(todo) == [RunAttempt(1), RunAttempt(2), Conclude(), End(State.SUCCESS)]


def test_a_later_lane_waits_for_an_earlier_one_of_its_frame():
    assert taken(todo_of([RunAttempt(1)], [RunAttempt(2)])) == [RunAttempt(1), RunAttempt(2)]


def test_an_earlier_lane_goes_before_a_later_one():
    assert taken(todo_of([RunAttempt(2)], [Expand(1)])) == [Expand(1), RunAttempt(2)]


def test_lanes_of_other_frames_do_not_hold_it_up():
    assert taken(todo_of([RunAttempt(0)], [RunAttempt(1)])) == [RunAttempt(1), RunAttempt(0)]


def test_what_is_no_start_goes_first():
    assert taken(todo_of([RunAttempt(1)], [WaitUntil(2, 5)])) == [WaitUntil(2, 5), RunAttempt(1)]


def test_it_tells_whether_an_execution_is_to_be_launched_next():
    todo = todo_of([RunAttempt(1)], [Launch(2, 0), Launch(2, 1)])
    found = []
    while todo:
        found.append(todo.launches)
        todo.next()
    assert found == [True, True, False]


def test_where_nothing_is_to_be_done_there_is_no_next():
    with pytest.raises(IndexError):
        todo_of([]).next()
