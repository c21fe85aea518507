"""Lines that a process which died has taken down already."""

from kestrel_cli.app.said import outdated, repeated
from kestrel_cli.model.event import AttemptEnded, CalledEnded, Concluded, Launched, LogLine
from kestrel_cli.model.state import State


def line(run, message="hi", **more):
    return LogLine(run, 7, "INFO", message, **more)


def test_a_line_is_repeated_once_whenever_that_is():
    said = [line(1), line(2)]
    again = LogLine(2, 99, "INFO", "hi")
    assert [repeated(said, again), repeated(said, again)] == [True, False]
    assert said == [line(1)]


def test_another_run_attempt_level_or_message_is_another_line():
    said = [line(1)]
    for other in (line(2), line(1, attempt=1), LogLine(1, 7, "WARN", "hi"), line(1, "ho")):
        assert not repeated(said, other)
    assert said == [line(1)]


def test_what_happens_to_a_run_makes_its_own_lines_out_of_date():
    said = [line(1), line(2), line(None)]
    outdated(said, Launched(1, 9, 0, "e0"))
    assert said == [line(2)]


def test_what_happens_to_the_execution_makes_all_out_of_date():
    said = [line(1), line(None)]
    outdated(said, Concluded(9))
    assert said == []


def test_the_end_of_an_execution_that_a_run_has_started_leaves_what_it_says_of_the_next():
    said = [line(1)]
    outdated(said, CalledEnded(1, 9, 0, State.SUCCESS))
    assert said == [line(1)]
    outdated(said, AttemptEnded(1, 9, State.SUCCESS, {}))
    assert said == []
