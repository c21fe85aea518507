"""The timers of a run."""

from kestrel_cli.app.engine.timers import Timers
from kestrel_cli.app.engine.work import Wake


def fired(timers, now=100):
    """The task runs that are woken, in their order."""
    found = []
    while (due := timers.due(now)) is not None:
        found.append(due[1].run)
    return found


def test_they_fire_by_their_moments_and_equal_ones_in_the_order_of_their_making():
    timers = Timers()
    for at, number in ((5, 3), (1, 1), (1, 2)):
        timers.add(at, None, Wake(number))
    assert fired(timers) == [1, 2, 3]
    assert timers.holding == 0
    assert timers.next_at() is None


def test_one_is_not_due_before_its_moment_and_comes_with_its_execution():
    timers, live = Timers(), object()
    timers.add(5, live, Wake(1))
    assert timers.due(4) is None
    assert timers.due(5) == (live, Wake(1))
    assert timers.due(6) is None


def test_one_that_is_cancelled_is_never_done_and_holds_nothing():
    timers = Timers()
    timer = timers.add(1, None, Wake(1))
    timers.add(2, None, Wake(2))
    timers.cancel(timer)
    timers.cancel(timer)
    assert (timers.holding, timers.next_at()) == (1, 2)
    assert fired(timers) == [2]
    assert timers.next_at() is None


def test_one_that_is_cancelled_after_it_was_done_holds_nothing():
    timers = Timers()
    timer = timers.add(1, None, Wake(1))
    assert fired(timers) == [1]
    timers.cancel(timer)
    assert timers.holding == 0


def test_one_that_holds_nothing_keeps_no_run_waiting():
    timers = Timers()
    timers.add(1, None, Wake(1), holds=False)
    assert timers.holding == 0
    assert timers.next_at() == 1
    assert fired(timers) == [1]
    assert timers.holding == 0


def test_one_may_be_added_when_another_was_done():
    timers = Timers()
    timers.add(1, None, Wake(1))
    assert fired(timers, 1) == [1]
    timers.add(3, None, Wake(2))
    assert timers.next_at() == 3
    assert fired(timers) == [2]
