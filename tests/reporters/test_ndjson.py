import json

from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Concluded,
    Event,
    LogLine,
)
from kestrel_cli.model.state import State
from kestrel_cli.reporters.ndjson import NAMES, NdjsonReporter
from kestrel_cli.reporters.shape import after_runs, before_runs, run_shape
from tests.reporters.builders import ID, START, Utf8, deep, loop


class Scene:
    def __init__(self, execution, level="INFO"):
        self.stream = Utf8()
        self.execution = execution
        self.reporter = NdjsonReporter(self.stream, level)

    @property
    def lines(self):
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


def test_events_come_with_their_task_run_and_flowables_end_after_their_children():
    scene = Scene(loop(1))
    execution = scene.execution
    each, log = execution.runs
    final, log.history = log.history, log.history[:2]
    log.state, each.state = State.RUNNING, State.RUNNING
    scene.reporter.on_event(Begun(START), execution)
    scene.reporter.on_event(AttemptStarted(1, START), execution)
    log.history, log.state, each.state = final, State.SUCCESS, State.SUCCESS
    scene.reporter.on_event(AttemptEnded(1, START + 1, State.SUCCESS), execution)
    scene.reporter.on_event(Concluded(START + 2), execution)
    scene.reporter.close(execution, 0)
    assert [line["event"] for line in scene.lines] == [
        "begun",
        "attemptStarted",
        "attemptEnded",
        "ended",
        "concluded",
        "end",
    ]
    assert scene.lines[1]["taskRun"]["state"]["current"] == "RUNNING"
    assert scene.lines[2] == {
        "event": "attemptEnded",
        "at": "2025-05-04T12:02:54.121837Z",
        "executionId": ID,
        "taskRun": run_shape(execution, log),
    }
    assert scene.lines[3]["taskRun"] == run_shape(execution, each)
    assert scene.lines[5]["execution"] == before_runs(execution) | after_runs(execution, 0)


def test_a_failure_says_why():
    scene = Scene(loop(1, frozenset({0})))
    event = AttemptEnded(1, START, State.FAILED, error="exit\n\ud800 2")
    scene.reporter.on_event(event, scene.execution)
    assert scene.lines[0]["error"] == "exit\n\ud800 2"


def test_logs_have_lines_of_their_own():
    scene = Scene(loop(1), "WARN")
    scene.reporter.on_log(LogLine(1, START, "INFO", "hidden"), scene.execution)
    scene.reporter.on_log(LogLine(1, START, "WARN", "a\n\x1b[2J", 2), scene.execution)
    scene.reporter.on_log(LogLine(None, START, "ERROR", "flow"), scene.execution)
    at = "2025-05-04T12:02:54.121836Z"
    assert scene.lines == [
        {
            "event": "log",
            "at": at,
            "executionId": ID,
            "level": "WARN",
            "taskId": "log",
            "taskRunId": scene.execution.run_id(1),
            "attempt": 2,
            "message": "a\n\x1b[2J",
        },
        {"event": "log", "at": at, "executionId": ID, "level": "ERROR", "message": "flow"},
    ]


def test_the_last_line_is_the_execution_and_every_end_is_told_once():
    scene = Scene(deep(5000))
    last = AttemptEnded(4999, START, State.SUCCESS)
    scene.reporter.on_event(last, scene.execution)
    assert len(scene.lines) == 5000
    scene.reporter.close(scene.execution, 0)
    assert len(scene.lines) == 5001
    assert scene.lines[-1]["execution"]["id"] == ID


def test_every_event_has_a_name():
    assert set(NAMES) == set(Event.__args__)
