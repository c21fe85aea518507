"""The timers of a run."""

from kestrel_cli.app.timers import Timers


def test_they_fire_by_their_moments_and_equal_ones_in_the_order_of_their_making():
    timers, done = Timers(), []
    for at, name in ((5, "late"), (1, "first"), (1, "second")):
        timers.add(at, lambda name=name: done.append(name))
    while timers.next_at() is not None:
        timers.fire()
    assert done == ["first", "second", "late"]
    assert timers.holding == 0


def test_one_that_is_cancelled_is_never_done_and_holds_nothing():
    timers, done = Timers(), []
    timer = timers.add(1, lambda: done.append("cancelled"))
    timers.add(2, lambda: done.append("done"))
    timers.cancel(timer)
    timers.cancel(timer)
    assert (timers.holding, timers.next_at()) == (1, 2)
    timers.fire()
    assert done == ["done"]
    assert timers.next_at() is None


def test_one_that_holds_nothing_keeps_no_run_waiting():
    timers = Timers()
    timers.add(1, lambda: None, holds=False)
    assert timers.holding == 0
    assert timers.next_at() == 1
    timers.fire()
    assert timers.holding == 0


def test_one_may_be_added_by_another():
    timers, done = Timers(), []
    timers.add(1, lambda: timers.add(3, lambda: done.append("later")))
    timers.fire()
    assert timers.next_at() == 3
    timers.fire()
    assert done == ["later"]
