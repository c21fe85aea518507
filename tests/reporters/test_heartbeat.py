"""The line of a log in which nothing else appears; the clock is ours."""

from io import StringIO

from kestrel_cli.model.state import State
from kestrel_cli.reporters.gate import Gate
from kestrel_cli.reporters.heartbeat import Heartbeat
from tests.support.flows import flow, leaf
from tests.support.play import SECOND, Play, constant

STEPS = 6  # looks from one line to the next


def scene(*tasks):
    play = Play(flow(*tasks))
    gate, err = Gate(), StringIO()
    heart = Heartbeat(gate, err, 30, lambda: play.at + 60 * SECOND)
    heart.started(play.execution, None, None)
    play.begin()
    return play, gate, err, heart


def looks(heart, times):
    for _ in range(times):
        assert heart.tick() == 30 / STEPS


def test_a_line_comes_when_nothing_was_written_for_so_long():
    play, _, err, heart = scene(leaf("a"))
    play.start(0)
    looks(heart, STEPS - 1)
    assert err.getvalue() == ""
    looks(heart, 1)
    assert err.getvalue() == "still running: a (60 s)\n"
    looks(heart, STEPS)
    assert err.getvalue().count("\n") == 2


def test_whatever_is_written_puts_it_off():
    play, gate, err, heart = scene(leaf("a"))
    play.start(0)
    out = gate.guarded(StringIO())
    looks(heart, STEPS - 1)
    out.write("something\n")
    looks(heart, STEPS)
    assert err.getvalue() == ""
    looks(heart, 1)
    assert err.getvalue() == "still running: a (60 s)\n"


def test_what_waits_is_told_as_that():
    play, _, err, heart = scene(leaf("a", retry=constant(64, maxAttempts=3)))
    play.start(0)
    assert heart.working == 1
    play.end(0, State.FAILED)
    assert heart.working == 0
    looks(heart, STEPS)
    assert err.getvalue() == "still waiting: a (next try in 4s, attempt 1 of 3)\n"


def test_nothing_is_said_when_nothing_is_under_way():
    _, _, err, heart = scene(leaf("a"))
    looks(heart, STEPS)
    assert err.getvalue() == ""
