import threading
from queue import SimpleQueue

import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.event import AttemptEnded, Skipped
from kestrel_cli.model.masker import Origin
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Outcome
from kestrel_cli.worker.flight import Flight, Landed, Request
from kestrel_cli.worker.interrupts import AttemptKilled, AttemptTimedOut
from tests.worker.working import Kept, Work, doing


class Airfield:
    """A worker whose task flies, and the main thread that serves it."""

    def __init__(self, work, folder=None, **properties):
        task = doing(work, **properties)
        inputs = {"n": 5}
        self.work = Kept(folder, task, inputs=inputs) if folder else Work(task, inputs=inputs)
        self.inbox = SimpleQueue()
        self.served = 0

    def depart(self):
        flights = []
        events = self.work.worker.depart(self.work.run, self.inbox, flights.append)
        event = self.work.last(events)
        return event if event is not None else flights[0]

    def serve(self):
        """Serve until the flight has landed."""
        while True:
            message = self.inbox.get(timeout=10)
            if isinstance(message, Landed):
                return self.work.worker.landed(message.flight, message.result)
            self.served += 1
            message.serve()

    def fly(self):
        assert isinstance(self.depart(), Flight)
        return self.serve()


def test_the_outcome_of_a_flight_is_that_of_the_task():
    field = Airfield(lambda ctx: Outcome({"value": 1}, State.WARNING))
    assert field.fly() == AttemptEnded(0, 3, State.WARNING, {"value": 1})


def test_the_task_runs_on_a_thread_and_what_it_asks_for_is_done_by_the_main_one():
    seen = []

    class Asked:
        def __str__(self):
            seen.append(threading.current_thread())
            return "x"

    def work(ctx):
        seen.append(threading.current_thread())
        ctx._flight.asked(lambda: str(Asked()))

    Airfield(work).fly()
    assert seen[0].name == "attempt-0"
    assert seen[1] is threading.main_thread()


def test_everything_a_task_asks_of_its_context_is_there(tmp_path):
    found = {}

    def work(ctx):
        with ctx.files.open(ctx.files.put(b"data")) as file:
            found["content"] = file.read()
        found.update(
            text=ctx.text("{{ inputs.n }}"),
            structure=ctx.structure({"a": "{{ inputs.n }}"}),
            typed=ctx.typed("{{ inputs.n }}"),
            items=ctx.items("{{ [inputs.n] }}"),
            integer=ctx.integer("{{ inputs.n }}"),
            boolean=ctx.boolean("{{ inputs.n == 5 }}"),
            duration=str(ctx.duration("PT{{ inputs.n }}S")),
            truthy=ctx.truthy("{{ inputs.n }}"),
            level=ctx.level("warn"),
            more=ctx.with_variables({"more": "m"}).text("{{ more }}{{ inputs.n }}"),
            own=ctx.own(),
            iteration=ctx.iteration(),
            labels=ctx.labels(),
            variables=ctx.variables(),
            about=ctx.about.task,
            kv=ctx.kv.get("k"),
            logged=ctx.logged.entries(),
            task=ctx.task_of("type: io.kestra.plugin.core.log.Log\nmessage: x").message,
        )
        assert ctx.elapsed() >= 0
        assert ctx.age() >= 0

    ended = Airfield(work, tmp_path).fly()
    assert ended.error is None
    assert found == {
        "text": "5",
        "structure": {"a": "5"},
        "typed": 5,
        "items": [5],
        "integer": 5,
        "boolean": True,
        "duration": "PT5S",
        "truthy": True,
        "level": "WARN",
        "more": "m5",
        "own": {},
        "iteration": None,
        "labels": [],
        "variables": {},
        "about": "task",
        "content": b"data",
        "kv": [],
        "logged": [],
        "task": "x",
    }


def test_logs_and_measures_come_with_the_attempt():
    def work(ctx):
        ctx.log("INFO", "hello")
        ctx.count("rows", 2)
        ctx.time("took", 0.5)
        ctx.gauge("level", 7)

    field = Airfield(work)
    assert [(m.kind, m.name) for m in field.fly().metrics] == [
        ("counter", "rows"),
        ("timer", "took"),
        ("gauge", "level"),
    ]
    assert field.work.logs() == [("INFO", "hello")]


def test_a_text_is_hidden_from_the_moment_it_is_said():
    def work(ctx):
        ctx.hide("xyzzy-plugh")
        ctx.log("INFO", "it is xyzzy-plugh")

    field = Airfield(work)
    field.fly()
    assert field.work.logs() == [("INFO", "it is ******")]
    masker = field.work.around.execution.masker
    assert masker.origin_of("xyzzy-plugh") == Origin("task", field.work.run.task.id)


def test_what_the_main_thread_raises_is_raised_over_there():
    def work(ctx):
        with pytest.raises(RenderError):
            ctx.text("{{ nope }}")
        with pytest.raises(TaskFailed, match="no storage"):
            ctx.files  # noqa: B018  to ask is what is tested

    assert Airfield(work).fly().state is State.SUCCESS


@pytest.mark.parametrize(
    ("error", "words"), [(TaskFailed("no"), "no"), (ValueError("bad"), "ValueError: bad")]
)
def test_whatever_goes_wrong_is_the_failure_of_the_task(error, words):
    def work(ctx):
        raise error

    ended = Airfield(work).fly()
    assert (ended.state, ended.error) == (State.FAILED, words)


def test_what_is_not_to_run_does_not_fly():
    assert isinstance(Airfield(lambda _: None, runIf="false").depart(), Skipped)


def test_a_timeout_that_cannot_be_read_fails_before_the_flight():
    ended = Airfield(lambda _: None, timeout="{{ nope }}").depart()
    assert isinstance(ended, AttemptEnded)
    assert ended.state is State.FAILED


# -- ends


def ended_by(reason, work):
    """How a flight ends that is told so once it has logged something."""
    field = Airfield(work, timeout="PT5S")
    flight = field.depart()
    field.inbox.get(timeout=10).serve()
    flight.end(reason)
    return field, field.serve()


def waiting(ctx):
    ctx.log("INFO", "up")
    ctx.sleep(60)


@pytest.mark.parametrize(
    ("reason", "state", "error"),
    [
        (AttemptKilled(), State.KILLED, None),
        (AttemptTimedOut(), State.FAILED, "Timeout after 00:00:05.000"),
    ],
)
def test_a_wait_ends_at_once(reason, state, error):
    _, ended = ended_by(reason, waiting)
    assert (ended.state, ended.error) == (state, error)


def test_what_waits_outside_is_told_to_stop():
    def work(ctx):
        told = threading.Event()
        with ctx.ending(told.set):
            ctx.log("INFO", "up")
            assert told.wait(10)
        ctx.check()

    assert ended_by(AttemptKilled(), work)[1].state is State.KILLED


def test_one_that_begins_to_wait_too_late_is_told_at_once():
    def work(ctx):
        ctx.log("INFO", "up")
        with pytest.raises(AttemptKilled):
            ctx.sleep(60)
        told = threading.Event()
        with ctx.ending(told.set):
            assert told.is_set()

    assert ended_by(AttemptKilled(), work)[1].state is State.KILLED


def test_after_the_end_nothing_is_rendered_but_last_words_are_heard():
    def work(ctx):
        try:
            waiting(ctx)
        finally:
            ctx.log("WARN", "cleaned up")
            with pytest.raises(AttemptKilled):
                ctx.text("{{ inputs.n }}")

    field, ended = ended_by(AttemptKilled(), work)
    assert ended.state is State.KILLED
    assert field.work.logs() == [("INFO", "up"), ("WARN", "cleaned up")]


def test_the_first_reason_counts():
    flight = Flight(Work(doing(lambda _: None)).context(), None, SimpleQueue(), 5)
    flight.end(AttemptTimedOut())
    flight.end(AttemptKilled())
    assert isinstance(flight.reason, AttemptTimedOut)


def test_a_stop_that_fails_keeps_no_other_from_being_told():
    flight = Flight(Work(doing(lambda _: None)).context(), None, SimpleQueue(), None)
    told = []

    def fail():
        raise ValueError

    with flight.ending(lambda: told.append("outer")), flight.ending(fail):
        flight.end(AttemptKilled())
    assert told == ["outer"]


def test_an_interrupt_of_the_main_thread_is_its_own():
    def interrupted():
        raise AttemptKilled

    request = Request(interrupted, SimpleQueue())
    with pytest.raises(AttemptKilled):
        request.serve()
    assert request.answer.empty()
