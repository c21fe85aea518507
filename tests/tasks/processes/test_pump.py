"""A child that was about to be started when the end came."""

import sys

import pytest

from kestrel_cli.hands import Hands
from kestrel_cli.tasks.processes import pump as module
from kestrel_cli.tasks.processes.pump import Pump

TRUE = [sys.executable, "-c", ""]


class Interrupted(BaseException):
    """What a signal raises."""


def test_one_that_was_called_off_is_never_started(tmp_path, monkeypatch):
    works = []
    monkeypatch.setattr(module.HANDS, "do", lambda _, work: works.append(work))
    pump = Pump(TRUE, tmp_path, {}, 1)
    pump.start()
    assert not pump.begun()
    works[0]()
    assert pump.ended is None
    assert pump.events.empty()


def test_one_that_has_begun_tells_its_end(tmp_path):
    pump = Pump(TRUE, tmp_path, {}, 1)
    pump.start()
    pump.wait(20)
    assert pump.begun()
    assert pump.ended is not None
    assert pump.ended.code == 0


def test_an_interrupt_while_it_is_handed_over_leaves_nobody_waiting(tmp_path, monkeypatch):
    def interrupted(*_):
        raise Interrupted

    monkeypatch.setattr(module.HANDS, "do", interrupted)
    pump = Pump(TRUE, tmp_path, {}, 1)
    with pytest.raises(Interrupted):
        pump.start()
    assert not pump.begun()


def test_hands_do_one_thing_after_the_other():
    done, hands = [], Hands()
    for number in range(3):
        hands.do(f"n{number}", lambda number=number: done.append(number))
        while len(done) <= number:
            pass
    assert done == [0, 1, 2]
