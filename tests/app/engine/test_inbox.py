"""Where everything comes back that ends later, and where the loop waits."""

import time

import pytest

from kestrel_cli.app.engine.clock import Clock
from kestrel_cli.app.engine.inbox import Inbox
from kestrel_cli.app.engine.work import TimeUp, Wake
from kestrel_cli.worker.flight import Landed, Request
from kestrel_cli.worker.interrupts import AttemptKilled, Interrupts


class Flying:
    """A flight, as far as the inbox knows it."""

    def __init__(self, timeout=None):
        self.timeout = timeout


@pytest.fixture
def interrupts():
    return Interrupts()


@pytest.fixture
def inbox(interrupts):
    return Inbox(Clock(), interrupts)


def test_a_request_wakes_a_wait_for_threads_and_takes_nothing_out_of_the_inbox(inbox, interrupts):
    message = object()
    inbox.threads.put(message)
    interrupts.kill(2)
    assert [inbox.threads.get(timeout=1) for _ in range(2)] == [message, None]


def test_what_is_put_into_it_comes_out_in_its_order(inbox):
    one, two = object(), object()
    inbox.put(one, Wake(1))
    inbox.put(two, Wake(2))
    assert [inbox.next() for _ in range(3)] == [(one, Wake(1)), (two, Wake(2)), None]


def test_a_timer_is_waited_for_and_arrives(inbox):
    live = object()
    inbox.wake(Clock().now() + 5_000, live, Wake(1))
    assert (inbox.timed, inbox.holds, inbox.expects, inbox.next()) == (True, True, False, None)
    while inbox.timed:
        inbox.wait()
    assert inbox.next() == (live, Wake(1))
    assert not inbox.holds


def test_one_that_is_due_is_expected(inbox):
    inbox.wake(0, None, Wake(1))
    assert inbox.expects


def test_one_that_holds_nothing_keeps_no_run_waiting(inbox):
    inbox.wake(0, None, Wake(1), holds=False)
    assert (inbox.timed, inbox.holds) == (True, False)


def test_a_request_ends_a_wait_for_a_timer_which_stays(inbox, interrupts):
    inbox.wake(Clock().now() + 60_000_000, None, Wake(1))
    interrupts.kill(2)
    began = time.perf_counter()
    inbox.wait()
    assert time.perf_counter() - began < 5
    assert (inbox.next(), inbox.timed) == (None, True)


def test_an_attempt_that_landed_comes_back_with_its_execution(inbox):
    live, flight = object(), Flying(60)
    inbox.departed(live, flight)
    assert (inbox.expects, inbox.timed) == (True, True)
    landed = Landed(flight, None)
    inbox.threads.put(landed)
    inbox.wait()
    assert inbox.next() == (live, landed)
    assert (inbox.flying, inbox.expects, inbox.timed) == ({}, False, False)


def test_it_makes_room_for_one_that_waits(inbox):
    flight = Flying()
    inbox.departed(object(), flight)
    inbox.crowded = True
    assert inbox.forget(flight)
    assert not inbox.crowded


def test_one_that_was_left_alone_lands_unheard(inbox):
    flight, other = Flying(), Flying()
    inbox.departed(object(), flight)
    inbox.departed(object(), other)
    assert inbox.forget(flight)
    assert not inbox.forget(flight)
    inbox.threads.put(Landed(flight, None))
    assert inbox.next() is None


def test_the_time_of_an_attempt_ends_while_it_flies(inbox):
    live, flight = object(), Flying(0.001)
    inbox.departed(live, flight)
    while (found := inbox.next()) is None:
        inbox.wait()
    assert found == (live, TimeUp(flight))


def test_a_thread_that_asks_for_something_is_served_while_the_loop_waits(inbox):
    from queue import SimpleQueue

    inbox.departed(object(), Flying())
    answer = SimpleQueue()
    inbox.threads.put(Request(lambda: 7, answer))
    inbox.wait()
    assert answer.get(timeout=1) == (7, None)
    inbox.threads.put(Request(lambda: 1 / 0, answer))
    assert inbox.next() is None
    assert isinstance(answer.get(timeout=1)[1], ZeroDivisionError)


def test_a_request_while_a_thread_is_served_raises(inbox, interrupts):
    from queue import SimpleQueue

    def killed():
        raise AttemptKilled

    inbox.departed(object(), Flying())
    inbox.threads.put(Request(killed, SimpleQueue()))
    with pytest.raises(AttemptKilled):
        inbox.next()
