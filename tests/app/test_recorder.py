import pytest

from kestrel_cli.app.recorder import Recorder
from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Begun, LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.state import State
from tests.app.running import Collect
from tests.support.flows import flow, leaf, task
from tests.support.play import Play


class Book:
    """A journal that keeps its calls and fails where it is told to."""

    def __init__(self, fails=()):
        self.calls = []
        self.fails = fails

    def call(self, name):
        self.calls.append(name)
        if name in self.fails:
            raise OSError(28, "No space left on device")

    def append(self, entry, *_):
        self.call(f"append {type(entry).__name__}")

    def flush(self):
        self.call("flush")

    def close(self):
        self.call("close")


@pytest.fixture
def execution():
    play = Play(flow(leaf("a"), task("flow.Sleep", "s", duration="PT1S")))
    play.begin()
    play.work(0)
    return play.execution


def recording(execution, book=None):
    told, warnings = Collect(), []
    return Recorder(execution, book, [told], warnings.append), told, warnings


def test_a_log_line_is_taken_down_before_it_is_shown(execution):
    book = Book()
    recorder, told, _ = recording(execution, book)
    told.on_log = lambda line, _: book.calls.append("shown")
    recorder.noticed(LogLine(0, 1, "INFO", "hello"))
    assert book.calls == ["append LogLine", "shown"]


def test_errors_are_kept_for_error_logs(execution):
    recorder, _, _ = recording(execution)
    lines = [LogLine(0, 1, level, level) for level in ("WARN", "ERROR", "INFO", "ERROR")]
    for line in lines:
        recorder.noticed(line)
    assert recorder.errors == [lines[1], lines[3]]


def test_showing_an_event_does_not_write_it(execution):
    book = Book()
    recorder, told, _ = recording(execution, book)
    recorder.show(Begun(1))
    recorder.show(AttemptStarted(0, 1))
    assert (book.calls, told.told) == ([], ["Begun", "AttemptStarted a"])


@pytest.mark.parametrize("event", [AttemptStarted(1, 1), AttemptEnded(1, 1, State.SUCCESS)])
def test_the_attempts_of_a_task_that_reaches_outside_are_flushed(execution, event):
    book = Book()
    recorder, _, _ = recording(execution, book)
    recorder.show(event)
    assert book.calls == ["flush"]


@pytest.mark.parametrize(
    ("failing", "act"),
    [
        ("append Begun", lambda recorder: recorder.journal(Begun(1))),
        ("append LogLine", lambda recorder: recorder.noticed(LogLine(0, 1, "INFO", "x"))),
        ("flush", lambda recorder: recorder.flush()),
        ("close", lambda recorder: recorder.close(0)),
    ],
)
def test_a_journal_that_fails_is_given_up_with_one_warning(execution, failing, act):
    book = Book(fails={failing})
    recorder, told, warnings = recording(execution, book)
    act(recorder)
    written = list(book.calls)
    recorder.journal(Begun(1))
    recorder.flush()
    recorder.noticed(LogLine(0, 1, "INFO", "still shown"))
    recorder.close(3)
    assert book.calls == written
    assert warnings == [
        "the journal can't be written any more, the run goes on without it:"
        " [Errno 28] No space left on device"
    ]
    assert told.told[-1] == "INFO a: still shown"
    assert told.closed[-1] == 3


def test_without_a_journal_everything_is_shown(execution):
    recorder, told, warnings = recording(execution)
    recorder.journal(Begun(1))
    recorder.flush()
    recorder.noticed(LogLine(None, 1, "WARN", "x"))
    recorder.close(0)
    assert (told.told, told.closed, warnings) == (["WARN: x"], [0], [])


def test_closing_closes_the_journal_before_the_reporters(execution):
    book = Book()
    recorder, told, _ = recording(execution, book)
    told.close = lambda _, code: book.calls.append(f"shown {code}")
    recorder.close(1)
    assert book.calls == ["close", "shown 1"]


def test_every_reporter_is_told():
    execution = Execution("x", flow(leaf("a")), [(State.CREATED, 0)])
    one, two = Collect(), Collect()
    recorder = Recorder(execution, None, [one, two], lambda _: None)
    recorder.show(Begun(1))
    assert one.told == two.told == ["Begun"]
