import json

from kestrel_cli.model.call import Call
from kestrel_cli.model.event import (
    AttemptEnded,
    AttemptStarted,
    Begun,
    Called,
    CalledEnded,
    Concluded,
    Followed,
    Judged,
    Launched,
    LogLine,
    Queued,
    Reopened,
    Violated,
)
from kestrel_cli.model.state import State
from kestrel_cli.reporters.ndjson import NdjsonReporter, told
from kestrel_cli.reporters.shape import after_runs, before_runs, run_shape
from tests.reporters.builders import (
    ID,
    START,
    Utf8,
    add,
    call,
    deep,
    each_switch,
    end,
    loop,
    new_execution,
    paused,
    retried,
    sub_flows,
)


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
            "value": "s0",
            "path": "foreach[s0] > log",
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


def test_executions_are_announced_and_end_as_they_do():
    root = sub_flows()
    middle = root.called[1][0]
    last = middle.called[0][0]
    scene = Scene(root)
    middle.progress.state = root.progress.state = State.RUNNING
    scene.reporter.started(root, None, None)
    scene.reporter.started(middle, root, 1)
    scene.reporter.started(last, middle, 0)
    scene.reporter.on_log(LogLine(0, START, "INFO", "x"), last)
    scene.reporter.on_event(Concluded(START + 1), last)
    middle.progress.state = State.SUCCESS
    scene.reporter.on_event(Concluded(START + 2), middle)
    root.progress.state = State.SUCCESS
    scene.reporter.on_event(Concluded(START + 3), root)
    scene.reporter.close(root, 0)
    names = {root.id: "root", middle.id: "middle", last.id: "last"}
    assert [(line["event"], names[line["executionId"]]) for line in scene.lines] == [
        ("started", "root"),
        ("started", "middle"),
        ("started", "last"),
        ("log", "last"),
        ("concluded", "last"),
        ("end", "last"),
        ("concluded", "middle"),
        ("end", "middle"),
        ("concluded", "root"),
        ("end", "root"),
    ]
    assert "startedBy" not in scene.lines[0]
    assert scene.lines[1]["startedBy"] == {"executionId": root.id, "taskRunId": root.run_id(1)}
    assert scene.lines[5]["execution"] == before_runs(last) | after_runs(last, None)


def test_a_retried_execution_ends_and_its_follower_takes_its_place():
    root = end(new_execution())
    child = retried(call(root, add(root, "sub"), "child"))
    before = child.earlier[0]
    scene = Scene(root)
    scene.reporter.started(before, root, 0)
    scene.reporter.on_event(AttemptEnded(0, START, State.FAILED, error="no"), before)
    scene.reporter.started(child, None, None)
    events = [(line["event"], line["executionId"]) for line in scene.lines]
    assert events == [
        ("started", before.id),
        ("attemptEnded", before.id),
        ("end", before.id),
        ("started", child.id),
    ]
    assert scene.lines[3]["startedBy"]["taskRunId"] == root.run_id(0)
    scene.reporter.on_event(Concluded(START), child)
    scene.reporter.close(root, 0)
    assert [line["event"] for line in scene.lines[4:]] == ["concluded", "end", "ended", "end"]


def test_an_execution_that_goes_on_tells_nothing_twice():
    scene = Scene(each_switch())
    scene.reporter.started(scene.execution, None, None)
    scene.reporter.close(scene.execution, 0)
    assert [line["event"] for line in scene.lines] == ["started", "end"]


def test_what_is_restarted_is_told_again():
    scene = Scene(loop(2))
    execution = scene.execution
    scene.reporter.started(execution, None, None)
    execution.runs[0].state = execution.runs[2].state = State.RUNNING
    reopened = Reopened(START, [2], {1: State.WARNING}, [3], [], [])
    scene.reporter.on_event(reopened, execution)
    assert scene.lines[1] == {
        "event": "reopened",
        "at": "2025-05-04T12:02:54.121836Z",
        "executionId": ID,
        "restarted": [execution.run_id(2)],
        "changed": {execution.run_id(1): "WARNING"},
        "removed": [execution.run_id(3)],
    }
    execution.runs[0].state = execution.runs[2].state = State.SUCCESS
    scene.reporter.on_event(AttemptEnded(2, START, State.SUCCESS), execution)
    assert [line["event"] for line in scene.lines[2:]] == ["attemptEnded", "ended"]


def test_rare_events_say_what_they_are_about():
    scene = Scene(loop(1))
    execution = end(scene.execution, State.QUEUED)
    scene.reporter.on_event(Queued(START), execution)
    scene.reporter.on_event(Violated(START, "slow", "FAIL", [], "too slow"), execution)
    scene.reporter.on_event(Judged(0, START, {}, START + 1_000_000), execution)
    assert scene.lines[0]["state"] == "QUEUED"
    assert scene.lines[1]["sla"] == {"id": "slow", "behavior": "FAIL", "reason": "too slow"}
    assert scene.lines[2]["again"] == "2025-05-04T12:02:55.121836Z"


def test_what_stands_still_is_told_at_the_end():
    root = paused()
    child = call(root, root.runs[0], "child", State.PAUSED)
    scene = Scene(root)
    scene.reporter.close(root, 0)
    assert [(line["event"], line["executionId"]) for line in scene.lines] == [
        ("end", child.id),
        ("end", root.id),
    ]


def test_calls_say_which_executions_they_are_about():
    execution = sub_flows()
    birth = execution.called[1][0].birth
    assert told(Called(1, START, [Call(), Call()]), execution) == ("called", {"calls": 2})
    launched = {"number": 1, "called": birth.id}
    assert told(Launched(1, START, 1, birth.id, birth), execution) == ("launched", launched)
    ended = {"number": 1, "state": "FAILED", "called": birth.id}
    event = CalledEnded(1, START, 1, State.FAILED, birth.id)
    assert told(event, execution) == ("calledEnded", ended)
    event = CalledEnded(1, START, 1, State.FAILED, error="no such flow")
    assert told(event, execution) == ("calledEnded", {"number": 1, "state": "FAILED"})
    assert told(Followed(START, birth), execution) == ("followed", {"follower": birth.id})
