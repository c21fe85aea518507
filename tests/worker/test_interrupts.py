import signal
import sys
import threading
import time

import pytest

from kestrel_cli.worker.interrupts import Alarm, AttemptKilled, AttemptTimedOut, Interrupts


def test_a_request_outside_of_an_attempt_is_remembered():
    interrupts = Interrupts()
    assert not interrupts.pending
    interrupts.kill(15)
    assert (interrupts.pending, interrupts.signal) == (True, 15)


def test_a_request_inside_of_an_attempt_is_raised_at_once():
    interrupts = Interrupts()
    interrupts.begin()
    with pytest.raises(AttemptKilled):
        interrupts.kill(2)


def test_the_first_signal_is_the_one_that_counts():
    interrupts = Interrupts()
    interrupts.kill(2)
    interrupts.kill(15)
    assert interrupts.signal == 2


def test_the_executions_own_time_limit_is_a_request_too():
    interrupts = Interrupts()
    interrupts.kill(0)
    assert interrupts.pending


def test_a_request_that_was_heeded_is_over_and_counted():
    interrupts = Interrupts()
    interrupts.kill(2)
    interrupts.kill(15)
    interrupts.heeded()
    assert (interrupts.pending, interrupts.signal, interrupts.times) == (False, 2, 2)
    interrupts.begin()  # what runs after the end is left alone


def test_a_request_wakes_who_waits_where_nothing_can_be_raised():
    interrupts, woken = Interrupts(), []
    interrupts.wake = lambda: woken.append(1)
    interrupts.kill(2)
    assert woken == [1]
    interrupts.heeded()
    interrupts.begin()
    with pytest.raises(AttemptKilled):
        interrupts.kill(2)
    assert woken == [1]


def test_a_wait_is_cut_short_by_a_request_and_not_begun_after_one():
    interrupts, done = Interrupts(), []
    assert interrupts.wait(lambda: done.append(1))
    assert not interrupts.wait(lambda: interrupts.kill(2))
    assert not interrupts.wait(lambda: done.append(2))
    assert done == [1]


def test_an_attempt_does_not_begin_after_a_request():
    interrupts = Interrupts()
    interrupts.kill(2)
    with pytest.raises(AttemptKilled):
        interrupts.begin()


def test_a_timeout_after_the_attempt_is_not_raised_and_forgotten_by_the_next():
    interrupts = Interrupts()
    interrupts.begin()
    interrupts.end()
    interrupts.time_out()
    assert interrupts.timed_out
    interrupts.begin()
    assert not interrupts.timed_out


def test_a_timeout_inside_of_an_attempt_is_raised():
    interrupts = Interrupts()
    interrupts.begin()
    with pytest.raises(AttemptTimedOut):
        interrupts.time_out()


@pytest.mark.parametrize(
    ("request_it", "error"),
    [(lambda i: i.kill(2), AttemptKilled), (lambda i: i.time_out(), AttemptTimedOut)],
)
def test_what_comes_while_held_is_raised_by_the_release(request_it, error):
    interrupts = Interrupts()
    interrupts.begin()
    opened = interrupts.hold()
    request_it(interrupts)
    with pytest.raises(error):
        interrupts.release(opened)


def test_a_kill_is_raised_before_a_timeout():
    interrupts = Interrupts()
    interrupts.begin()
    opened = interrupts.hold()
    interrupts.time_out()
    interrupts.kill(2)
    with pytest.raises(AttemptKilled):
        interrupts.release(opened)


def test_holding_outside_of_an_attempt_changes_nothing():
    interrupts = Interrupts()
    opened = interrupts.hold()
    interrupts.kill(2)
    interrupts.release(opened)
    assert opened is False


def test_nothing_came_while_held():
    interrupts = Interrupts()
    interrupts.begin()
    interrupts.release(interrupts.hold())
    with pytest.raises(AttemptKilled):
        interrupts.kill(2)


@pytest.mark.parametrize("seconds", [-1, 0, 0.01])
def test_a_wait_between_attempts_is_waited(seconds):
    began = time.monotonic()
    assert Interrupts().sleep(seconds) is True
    assert time.monotonic() - began >= max(seconds, 0)


def test_a_wait_does_not_begin_after_a_request():
    interrupts = Interrupts()
    interrupts.kill(2)
    assert interrupts.sleep(30) is False


def test_a_request_cuts_a_wait_short_and_nothing_is_raised_after_it():
    interrupts = Interrupts()
    with Alarm(lambda: interrupts.kill(2), 0.02):
        assert interrupts.sleep(30) is False
    interrupts.kill(2)


def test_interrupts_are_no_exceptions_that_a_task_could_catch():
    assert not issubclass(AttemptKilled, Exception)
    assert not issubclass(AttemptTimedOut, Exception)


# -- alarms


def ringing(seconds, rung, name="ring"):
    return Alarm(lambda: rung.append(name), seconds)


def wait_for(rung, count, most=5.0):
    end = time.monotonic() + most
    while len(rung) < count and time.monotonic() < end:
        time.sleep(0.001)


def test_an_alarm_rings_once():
    rung = []
    with ringing(0.01, rung):
        wait_for(rung, 1)
        time.sleep(0.03)
    assert rung == ["ring"]


@pytest.mark.parametrize("seconds", [-5, 0])
def test_an_alarm_without_time_rings_at_once(seconds):
    rung = []
    with ringing(seconds, rung):
        wait_for(rung, 1)
    assert rung == ["ring"]


def test_an_alarm_that_is_left_never_rings():
    rung, handler = [], signal.getsignal(signal.SIGALRM)
    with ringing(0.01, rung):
        pass
    time.sleep(0.03)
    assert rung == []
    assert signal.getsignal(signal.SIGALRM) is handler


def test_an_inner_alarm_that_is_earlier_rings_and_the_outer_one_goes_on():
    rung = []
    with ringing(0.06, rung, "outer"):
        with ringing(0.01, rung, "inner"):
            wait_for(rung, 1)
        assert rung == ["inner"]
        wait_for(rung, 2)
    assert rung == ["inner", "outer"]


def test_an_outer_alarm_that_is_earlier_rings_inside():
    rung = []
    with ringing(0.02, rung, "outer"), ringing(30, rung, "inner"):
        wait_for(rung, 1)
    assert rung == ["outer"]


def test_off_the_main_thread_an_alarm_never_rings():
    rung = []

    def body():
        with ringing(0.01, rung):
            time.sleep(0.03)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert rung == []


def test_where_there_is_no_timer_an_alarm_never_rings(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    rung = []
    with ringing(0.01, rung):
        time.sleep(0.03)
    assert rung == []


@pytest.mark.parametrize(
    ("request_it", "error"), [("kill(15)", AttemptKilled), ("time_out()", AttemptTimedOut)]
)
def test_an_import_is_made_whole_before_a_request_is_raised(
    request_it, error, tmp_path, monkeypatch
):
    """Python's own locks of imports could stay locked, for all other threads and for ever."""
    interrupts = Interrupts()
    text = f"import builtins\nbuiltins.interrupts.{request_it}\nwhole = len('whole')\n"
    (tmp_path / "interrupted_import.py").write_text(text)
    monkeypatch.setattr("builtins.interrupts", interrupts, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    interrupts.begin()
    with pytest.raises(error):
        exec("import interrupted_import\nlen('')\ninterrupted_import.whole = 0")
    interrupts.end()
    assert sys.modules.pop("interrupted_import").whole
    assert sys.getprofile() is None
