import pytest

from kestrel_cli.app.ledger import Ledger
from kestrel_cli.app.recorder import Recorder
from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Begun, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.state import State
from tests.support.births import execution_of
from tests.app.running import Book, Collect
from tests.support.flows import flow, leaf, task
from tests.support.play import Play


@pytest.fixture
def execution():
    play = Play(flow(leaf("a"), task("flow.Sleep", "s", duration="PT1S")))
    play.begin()
    play.work(0)
    return play.execution


def recording(execution, book=None):
    told, warnings = Collect(), []
    ledger = Ledger(book, warnings.append)
    ledger.know(execution, 0)
    return Recorder(execution, ledger, [told]), told, warnings


def test_a_log_line_is_taken_down_before_it_is_shown(execution):
    book = Book()
    recorder, told, _ = recording(execution, book)
    told.on_log = lambda line, _: book.calls.append("shown")
    recorder.noticed(LogLine(0, 1, "INFO", "hello"))
    assert book.calls == ["append 0 LogLine", "shown"]


def test_errors_are_kept_for_error_logs(execution):
    recorder, _, _ = recording(execution)
    lines = [LogLine(0, 1, level, level) for level in ("WARN", "ERROR", "INFO", "ERROR")]
    for line in lines:
        recorder.noticed(line)
    assert recorder.errors == [lines[1], lines[3]]


def test_errors_may_be_kept_where_others_look(execution):
    errors = []
    recorder = Recorder(execution, Ledger(None, lambda _: None), [], errors)
    recorder.noticed(LogLine(0, 1, "ERROR", "x"))
    assert errors == [LogLine(0, 1, "ERROR", "x")]


def test_showing_an_event_does_not_write_it(execution):
    book = Book()
    recorder, told, _ = recording(execution, book)
    recorder.show(Begun(1))
    recorder.show(AttemptStarted(0, 1))
    assert (book.calls, told.told) == ([], ["Begun", "AttemptStarted a"])


@pytest.mark.parametrize("event", [AttemptStarted(1, 1), AttemptEnded(1, 1, State.SUCCESS)])
def test_the_attempts_of_a_task_that_reaches_outside_are_flushed(execution, event):
    book = Book()
    recorder, told, _ = recording(execution, book)
    told.on_event = lambda event, _: book.calls.append("shown")
    recorder.show(event)
    assert book.calls == ["flush", "shown"]


@pytest.mark.parametrize(
    ("failing", "act"),
    [
        ("append 0 Begun", lambda recorder: recorder.journal(Begun(1))),
        ("append 0 LogLine", lambda recorder: recorder.noticed(LogLine(0, 1, "INFO", "x"))),
        ("flush", lambda recorder: recorder.show(AttemptStarted(1, 1))),
    ],
)
def test_a_journal_that_fails_is_given_up_with_one_warning(execution, failing, act):
    book = Book(fails={failing})
    recorder, told, warnings = recording(execution, book)
    act(recorder)
    written = list(book.calls)
    recorder.journal(Begun(1))
    recorder.show(AttemptStarted(1, 1))
    recorder.noticed(LogLine(0, 1, "INFO", "still shown"))
    assert book.calls == written
    assert warnings == [
        "the journal can't be written any more, the run goes on without it:"
        " [Errno 28] No space left on device"
    ]
    assert told.told[-2:] == ["AttemptStarted s", "INFO a: still shown"]


def test_without_a_journal_everything_is_shown(execution):
    recorder, told, warnings = recording(execution)
    recorder.journal(Begun(1))
    recorder.show(AttemptStarted(1, 1))
    recorder.noticed(LogLine(None, 1, "WARN", "x"))
    assert (told.told, warnings) == (["AttemptStarted s", "WARN: x"], [])


def test_every_reporter_is_told():
    execution = execution_of(flow(leaf("a")), "x")
    one, two = Collect(), Collect()
    recorder = Recorder(execution, Ledger(None, lambda _: None), [one, two])
    recorder.begun(None, None)
    recorder.show(Begun(1))
    recorder.noticed(LogLine(None, 1, "INFO", "x"))
    assert one.told == two.told == ["Begun", "INFO: x"]
    assert one.begun == two.begun == [(execution, None, None)]
