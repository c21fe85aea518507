"""What is shown, in which order, and what comes of a stream that breaks."""

import pytest

from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.loop import Engine
from kestrel_cli.app.engine.showing import SIGPIPE, Showing
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.request import RunRequest
from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Begun, LogLine
from kestrel_cli.model.sealing import Seals
from kestrel_cli.model.state import State
from kestrel_cli.worker.interrupts import Interrupts
from tests.app.engine.made import live_in
from tests.app.running import Book, Collect, running
from tests.support.births import execution_of
from tests.support.flows import flow, leaf, task

TASKS = (leaf("a"), task("flow.Sleep", "s", duration="PT1S"))
ENDED = AttemptEnded(0, 1, State.SUCCESS, {})


class Shown:
    """An engine with one execution whose journal is a book, and what it showed."""

    def __init__(self, book=None, tasks=TASKS):
        self.told, self.warnings = Collect(), []
        request = RunRequest(
            flow(*tasks), reporters=(self.told,), warn=self.warnings.append, environ={}
        )
        self.engine = Engine(Tools(request))
        self.tools = self.engine.tools
        self.live: Live = live_in(self.tools)
        if book is not None:
            self.tools.journal.keep(book, Seals(self.live.execution.masker, "x"))

    def happened(self, *events):
        for event in events:
            self.engine.happened(self.live, event)

    def said(self, level="INFO", message="x", run=None):
        self.tools.log(self.live, LogLine(run, 1, level, message))


def test_a_log_line_is_taken_down_before_it_is_shown():
    book = Book()
    one = Shown(book)
    one.told.on_log = lambda line, _: book.calls.append("shown")
    one.said()
    assert book.calls == ["append 0 LogLine", "shown"]


def test_errors_are_kept_for_error_logs():
    one = Shown()
    for level in ("WARN", "ERROR", "INFO", "ERROR"):
        one.said(level, level)
    assert one.live.errors == [LogLine(None, 1, "ERROR", "ERROR")] * 2


def test_an_event_is_taken_down_then_folded_then_shown():
    book = Book()
    one = Shown(book)
    one.told.on_event = lambda _, execution: book.calls.append(f"shown {execution.state}")
    one.happened(Begun(1))
    assert book.calls == ["append 0 Begun", "shown RUNNING"]


@pytest.mark.parametrize("outward", [True, False])
def test_the_attempts_of_a_task_that_reaches_outside_are_flushed(outward):
    book = Book()
    one = Shown(book, tasks=TASKS[::-1] if outward else TASKS)
    one.told.on_event = lambda _, __: book.calls.append("shown")
    one.happened(Begun(1), AttemptStarted(0, 1), ENDED)
    flush = ["flush"] if outward else []
    assert book.calls == [
        *("append 0 Begun", "shown"),
        *("append 0 AttemptStarted", *flush, "shown"),
        *("append 0 AttemptEnded", *flush, "shown"),
    ]


@pytest.mark.parametrize("failing", ["append 0 Begun", "append 0 LogLine", "flush"])
def test_a_journal_that_fails_is_given_up_and_everything_is_shown_all_the_same(failing):
    book = Book(fails={failing})
    one = Shown(book, tasks=TASKS[::-1])
    one.happened(Begun(1))
    one.said(message="still shown")
    one.happened(AttemptStarted(0, 1))
    assert book.calls[-1] == failing
    one.happened(ENDED)
    one.said(message="still shown", run=0)
    assert book.calls[-1] == failing
    assert one.warnings == [
        "the journal can't be written any more, the run goes on without it:"
        " [Errno 28] No space left on device"
    ]
    assert one.told.told == [
        "Begun",
        "INFO: still shown",
        "AttemptStarted s",
        "AttemptEnded s",
        "INFO s: still shown",
    ]


def test_without_a_journal_everything_is_shown():
    one = Shown()
    one.happened(Begun(1), AttemptStarted(0, 1))
    one.said("WARN")
    assert (one.told.told, one.warnings) == (["Begun", "AttemptStarted a", "WARN: x"], [])


def test_every_reporter_is_told():
    execution = execution_of(flow(leaf("a")), "x")
    one, two = Collect(), Collect()
    showing = Showing([one, two], pytest.fail)
    showing.started(execution, None, None)
    showing.on_event(Begun(1), execution)
    showing.on_log(LogLine(None, 1, "INFO", "x"), execution)
    showing.close(execution, 3)
    assert one.told == two.told == ["Begun", "INFO: x"]
    assert one.begun == two.begun == [(execution, None, None)]
    assert one.closed == two.closed == [3]


@pytest.mark.parametrize("where", ["started", "on_event", "on_log", "close"])
def test_a_stream_that_breaks_ends_what_is_shown_and_asks_once_for_the_end(where):
    class Broken(Collect):
        pass

    def fail(*_):
        raise BrokenPipeError

    setattr(Broken, where, fail)
    execution, asked = execution_of(flow(leaf("a")), "x"), []
    showing = Showing([Broken()], asked.append)
    for _ in range(2):
        showing.started(execution, None, None)
        showing.on_event(Begun(1), execution)
        showing.on_log(LogLine(None, 1, "INFO", "x"), execution)
        showing.close(execution, 0)
    assert asked == [SIGPIPE]
    assert isinstance(showing.error, BrokenPipeError)


def test_a_run_whose_output_breaks_ends_in_good_order_then_raises():
    interrupts, seen = Interrupts(), []

    class Broken(Collect):
        def on_event(self, event, execution):
            seen.append(execution)
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        running(flow(leaf("a"), leaf("b")), Broken(), interrupts=interrupts)
    assert interrupts.signal == SIGPIPE
    (execution,) = seen
    assert execution.state == "KILLED"
