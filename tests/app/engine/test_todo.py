"""What one execution has to do next: at once, then launches, then flowables, then attempts, each of
these the oldest first.
"""

import pytest

from kestrel_cli.app.engine.todo import Todo
from kestrel_cli.model.effect import Conclude, End, Expand, Launch, RunAttempt, WaitUntil
from kestrel_cli.model.state import State


def todo_of(*batches):
    """Each batch is what came of one step."""
    todo = Todo()
    for batch in batches:
        todo.add(batch)
    return todo


def taken(todo):
    found = []
    while todo:
        found.append(todo.next())
    return found


def test_attempts_are_made_in_the_order_in_which_they_came():
    todo = todo_of([RunAttempt(1), RunAttempt(2)], [RunAttempt(3)])
    assert taken(todo) == [RunAttempt(1), RunAttempt(2), RunAttempt(3)]


def test_what_came_later_goes_later_whatever_its_number():
    assert taken(todo_of([RunAttempt(2)], [RunAttempt(1)])) == [RunAttempt(2), RunAttempt(1)]


def test_flowables_open_in_the_order_in_which_they_came():
    todo = todo_of([Expand(4), Expand(2)], [Expand(3)])
    assert taken(todo) == [Expand(4), Expand(2), Expand(3)]


def test_flowables_open_before_any_attempt_is_made():
    todo = todo_of([RunAttempt(1), Expand(2)], [RunAttempt(3), Expand(4)])
    assert taken(todo) == [Expand(2), Expand(4), RunAttempt(1), RunAttempt(3)]


def test_a_flowable_that_comes_between_attempts_opens_next():
    todo = todo_of([RunAttempt(1), RunAttempt(2)])
    found = [todo.next()]
    todo.add([Expand(3)])
    assert [*found, *taken(todo)] == [RunAttempt(1), Expand(3), RunAttempt(2)]


def test_what_has_no_turn_goes_first():
    todo = todo_of([RunAttempt(1), Expand(3)], [WaitUntil(2, 5)])
    assert taken(todo) == [WaitUntil(2, 5), Expand(3), RunAttempt(1)]


def test_of_what_goes_first_the_latest_batch_goes_first_in_its_own_order():
    todo = todo_of([End(State.SUCCESS)], [WaitUntil(2, 5), RunAttempt(1), Conclude()])
    assert taken(todo) == [WaitUntil(2, 5), Conclude(), End(State.SUCCESS), RunAttempt(1)]


def test_executions_are_launched_in_the_order_of_their_calls_before_anything_opens():
    todo = todo_of([RunAttempt(1), Expand(4)], [Launch(3, 0), Launch(3, 1)], [Launch(2, 0)])
    todo.add([Conclude()])
    assert taken(todo) == [
        *(Conclude(), Launch(3, 0), Launch(3, 1), Launch(2, 0)),
        *(Expand(4), RunAttempt(1)),
    ]


def test_what_is_done_at_once_goes_before_a_launch():
    todo = todo_of([Launch(2, 0)], [Conclude()])
    assert not todo.launches
    todo.next()
    assert todo.launches


def test_an_attempt_that_had_no_place_is_the_first_again_but_behind_flowables():
    todo = todo_of([RunAttempt(1), RunAttempt(2)])
    todo.put_back(todo.next())
    todo.add([RunAttempt(3), Expand(4)])
    assert taken(todo) == [Expand(4), RunAttempt(1), RunAttempt(2), RunAttempt(3)]


def test_it_tells_whether_an_execution_is_to_be_launched_next():
    todo = todo_of([RunAttempt(1)], [Launch(2, 0), Launch(2, 1)])
    found = []
    while todo:
        found.append(todo.launches)
        todo.next()
    assert found == [True, True, False]


def test_where_nothing_is_to_be_done_there_is_no_next():
    todo = Todo()
    assert (bool(todo), todo.launches) == (False, False)
    with pytest.raises(IndexError):
        todo.next()
