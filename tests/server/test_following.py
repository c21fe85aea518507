"""An execution followed to its end, whatever streams do."""

import json
import time
from queue import Queue

import pytest

from kestrel_cli.errors import LoginRefused, NotThere, Unreachable
from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Concluded, LogLine
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import State
from kestrel_cli.server import executions
from kestrel_cli.server.asking import Asking
from kestrel_cli.server.connection import connected
from kestrel_cli.server.following import Following, Pace
from kestrel_cli.server.mirror import Mirror
from kestrel_cli.server.streams import Stream
from tests.support import kestra_recordings as recorded
from tests.support.kestra_faults import Fault, refused
from tests.support.kestra_plays import Play, Script
from tests.support.kestra_server import Live, kestra_server

FAST = Pace(
    quiet=0.15,
    poll=0.02,
    rest=0.01,
    settle=0.05,
    linger=0.3,
    cause=0.01,
    patience=0.3,
    late=0.05,
    appear=0.1,
    fresh=0.02,
)
FLOW = "company.team.demo"


def three_tasks():
    script = Script(FLOW)
    for task in ("one", "two", "three"):
        script.run(task).log(task, f"hello {task}").end(task, value=task)
    return script.state("SUCCESS")


@pytest.fixture
def real(kestra):
    """A connection that waits, but not for long."""
    return connected(Asking(kestra.context(), lambda seconds: time.sleep(min(seconds, 0.01))))


def followed(server, live, pace=FAST):
    """All that was told, and the mirror at its end."""
    mirror = Mirror(live.play.steps[0][0])
    told = []
    with Following(server, mirror, pace) as following:
        while not following.is_over:
            told += following.news(within=0.5)
    return told, mirror, following


def assert_whole(told, mirror, script):
    """Every attempt began and ended once, every line was told once, and the end is the server's."""
    runs = len(script.steps[-1][0]["taskRunList"])
    assert [type(one) for one in told].count(AttemptStarted) == runs
    assert [type(one) for one in told].count(AttemptEnded) == runs
    assert [type(one) for one in told].count(Concluded) == 1
    lines = [one.message for one in told if isinstance(one, LogLine)]
    assert sorted(lines) == sorted(one["message"] for _, listed in script.steps for one in listed)
    assert mirror.has_ended
    assert len(mirror.execution.runs) == runs


@pytest.mark.parametrize(
    "faults",
    [
        {},
        {"cut": 2},
        {"repeat": True},
        {"leave_out": 2},
        {"leave_out": 1},
        {"silent": True},
        {"none": True},
        {"unfinished": True},
        {"cut": 3, "repeat": True, "leave_out": 3},
    ],
    ids=str,
)
def test_everything_is_told_once_whatever_streams_do(faults, kestra, real):
    for name, value in faults.items():
        setattr(kestra.streams, name, value)
    script = kestra.plays[FLOW] = three_tasks()
    told, mirror, _ = followed(real, kestra.begin(FLOW))
    assert_whole(told, mirror, script)


@pytest.mark.parametrize("version", ["0.21.0", "1.3.25", "2.0.0"])
def test_all_versions_are_followed(version):
    with kestra_server(version) as kestra:
        script = kestra.plays[FLOW] = three_tasks()
        server = connected(Asking(kestra.context()))
        told, mirror, _ = followed(server, kestra.begin(FLOW))
        assert_whole(told, mirror, script)
        assert [run.outputs["value"] for run in mirror.execution.runs] == ["one", "two", "three"]


@pytest.mark.parametrize("skew", [-3600.0, 3600.0])
def test_clocks_that_differ_are_no_matter(skew, kestra, real):
    kestra.skew = skew
    script = kestra.plays[FLOW] = three_tasks()
    told, mirror, _ = followed(real, kestra.begin(FLOW))
    assert_whole(told, mirror, script)


def test_a_failure_is_told_with_its_cause(kestra, real):
    script = Script(FLOW).run("boom").log("boom", "no disk", "ERROR").end("boom", "FAILED")
    kestra.plays[FLOW] = script.state("FAILED")
    told, mirror, _ = followed(real, kestra.begin(FLOW))
    (ended,) = [one for one in told if isinstance(one, AttemptEnded)]
    assert (ended.state, ended.error) == (State.FAILED, "no disk")
    assert mirror.execution.runs[0].error == "no disk"


def test_an_execution_that_has_ended_is_told_at_once(kestra, real):
    script = kestra.plays[FLOW] = three_tasks()
    live = kestra.begin(FLOW)
    live.until("SUCCESS")
    told, mirror, _ = followed(real, live)
    assert_whole(told, mirror, script)


def test_a_pause_does_not_end_it(kestra, real):
    script = Script(FLOW).run("ask").wait("ask").state("RESTARTED").state("RUNNING")
    kestra.plays[FLOW] = script.end("ask").state("SUCCESS")
    live = kestra.begin(FLOW)
    mirror = Mirror(live.play.steps[0][0])
    with Following(real, mirror, FAST) as following:
        while mirror.execution.state is not State.PAUSED:
            following.news(within=0.2)
        following.news(within=0.1)
        assert not following.is_over
        executions.resume(real, live.play.id, {})
        while not following.is_over:
            following.news(within=0.2)
    assert mirror.execution.state is State.SUCCESS


def test_streams_tell_without_anybody_asking(kestra, real):
    script = Script(FLOW).run("one").log("one", "hi").end("one").run("ask").wait("ask")
    kestra.plays[FLOW] = script.state("RESTARTED").state("RUNNING").end("ask").state("SUCCESS")
    live = kestra.begin(FLOW)
    mirror = Mirror(live.play.steps[0][0])
    lines = []
    patient = changed(FAST, quiet=60.0, poll=60.0)
    with Following(real, mirror, patient) as following:
        while not following.is_over:
            lines += [one for one in following.news(within=5.0) if isinstance(one, LogLine)]
            if mirror.execution.state is State.PAUSED and live.held:
                executions.resume(real, live.play.id, {})
    assert [one.message for one in lines] == ["hi"]
    assert len(kestra.requests(f"GET .*/executions/{live.play.id}$")) == 1
    assert all(one.headers["accept-encoding"] == "identity" for one in kestra.requests("/follow$"))


def test_a_kill_is_followed_to_its_end(kestra, real):
    kestra.plays[FLOW] = Script(FLOW).run("slow").state("PAUSED")
    live = kestra.begin(FLOW)
    mirror = Mirror(live.play.steps[0][0])
    with Following(real, mirror, FAST) as following:
        while not mirror.execution.runs:
            following.news(within=0.2)
        executions.kill(real, live.play.id)
        while not following.is_over:
            following.news(within=0.2)
    assert mirror.execution.state is State.KILLED
    assert mirror.execution.runs[0].state is State.KILLED


def test_task_runs_after_the_end_are_waited_for(kestra, real):
    script = Script(FLOW).run("one").end("one").state("SUCCESS")
    script.run("after").log("after", "cleaned").end("after")
    kestra.plays[FLOW] = script
    kestra.streams.unfinished = True
    told, mirror, _ = followed(real, kestra.begin(FLOW))
    assert mirror.execution.runs[1].state is State.SUCCESS
    assert "cleaned" in [one.message for one in told if isinstance(one, LogLine)]


def test_a_server_that_is_away_for_a_while_is_waited_for(kestra, real):
    script = kestra.plays[FLOW] = three_tasks()
    kestra.faults.append(refused("GET .*/(executions|logs)/", 503, times=6))
    told, mirror, following = followed(real, kestra.begin(FLOW))
    assert_whole(told, mirror, script)
    assert any("503" in one for one in following.troubles)


def test_a_server_that_stays_away_is_told(kestra, waits):
    server = connected(Asking(kestra.context(), waits.append))
    live = kestra.begin(FLOW)
    kestra.faults.append(refused("GET", 500))
    with pytest.raises(Unreachable, match="500") as caught:
        followed(server, live, Pace(quiet=0.01, poll=0.01, settle=0.01, patience=0.1))
    assert caught.value.exit_code == 69


def test_a_login_that_is_not_good_any_more_is_told(kestra, real):
    kestra.plays[FLOW] = Script(FLOW).run("one").state("PAUSED")
    live = kestra.begin(FLOW)
    kestra.login = ("somebody", "else")
    with pytest.raises(LoginRefused):
        followed(real, live)


def test_an_execution_that_is_taken_away_is_told(kestra, real):
    kestra.plays[FLOW] = Script(FLOW).run("one").state("PAUSED")
    live = kestra.begin(FLOW)
    del kestra.live[live.play.id]
    with pytest.raises(NotThere, match=live.play.id):
        followed(real, live)


def test_a_server_that_is_away_is_asked_often_although_streams_seem_to_live(kestra, real):
    live = kestra.begin(FLOW)
    following = Following(real, Mirror(live.play.steps[0][0]), FAST, clock=lambda: 100.0)
    following.news(within=0.0)
    assert following._next_due() == 100.0 + FAST.quiet
    following.note_away(Unreachable("nobody is there"))
    assert following._next_due() == 100.0 + FAST.poll


def test_a_stream_that_is_closed_at_once_is_taken_up_more_and_more_slowly(kestra, real):
    body = b'id: start\ndata: {"attemptNumber": null}\n\n'
    kind = {"Content-Type": "text/event-stream"}
    kestra.faults.append(Fault("follow", times=1_000, status=200, headers=kind, body=body))
    tried = Queue()
    stream = Stream(real, "logs", "/follow", Queue(), lambda nth: tried.put(nth) or 0.0)
    stream.start()
    assert [tried.get(timeout=10) for _ in range(3)] == [1, 2, 3]
    stream.leave()


def test_who_is_interrupted_may_go_on(kestra, real):
    script = Script(FLOW).run("one").state("PAUSED").state("RESTARTED").state("RUNNING")
    kestra.plays[FLOW] = script.end("one").state("SUCCESS")
    live = kestra.begin(FLOW)
    mirror = Mirror(live.play.steps[0][0])
    presses = [False, True, False, True]

    def clock():
        if presses and presses.pop():
            raise KeyboardInterrupt
        return time.monotonic()

    with Following(real, mirror, FAST) as following:
        following._clock = clock
        interrupted = 0
        while not following.is_over:
            try:
                following.news(within=0.2)
            except KeyboardInterrupt:
                interrupted += 1
            if mirror.execution.state is State.PAUSED and live.held:
                executions.resume(real, live.play.id, {})
    assert interrupted == 2
    assert mirror.execution.state is State.SUCCESS


def test_a_restart_is_followed_although_the_server_still_shows_the_end_before(kestra, real):
    script = Script(FLOW).run("boom").log("boom", "no disk", "ERROR").end("boom", "FAILED")
    kestra.plays[FLOW] = script.state("FAILED")
    live = kestra.begin(FLOW).until("FAILED")
    before = live.document
    mirror = Mirror(executions.restart(real, live.play.id))
    answer = json.dumps(before).encode()
    kind = {"Content-Type": "application/json"}
    path = f"GET .*/executions/{live.play.id}$"
    kestra.faults.append(Fault(path, times=2, status=200, headers=kind, body=answer))
    live.told.insert(0, ("states", before))
    with Following(real, mirror, FAST) as following:
        while not following.is_over:
            following.news(within=0.2)
    assert mirror.execution.state is State.SUCCESS


def test_the_log_of_the_end_is_waited_for(kestra, real):
    script = kestra.plays[FLOW] = three_tasks()
    live = kestra.begin(FLOW)
    kestra.faults.append(refused("GET .*/logs/[^/]+$", 500, times=11))
    kestra.streams.none = True
    told, mirror, _ = followed(real, live, changed(FAST, patience=20.0))
    assert_whole(told, mirror, script)


def test_of_many_pictures_the_last_one_is_shown(kestra, real, monkeypatch):
    script = Script(FLOW)
    for number in range(40):
        script.run(f"task-{number}").end(f"task-{number}")
    kestra.plays[FLOW] = script.state("SUCCESS")
    kestra.step = 0
    taken = []
    real_take = Mirror.take
    monkeypatch.setattr(Mirror, "take", lambda *given: taken.append(1) or real_take(*given))
    told, mirror, _ = followed(real, kestra.begin(FLOW), changed(FAST, fresh=5.0))
    assert_whole(told, mirror, script)
    assert len(taken) < len(script.steps)


def test_a_cause_that_comes_late_is_waited_for(kestra, real):
    script = Script(FLOW).run("boom").end("boom", "FAILED").log("boom", "no disk", "ERROR")
    kestra.plays[FLOW] = script.state("FAILED")
    kestra.step = 0.05
    told, mirror, _ = followed(real, kestra.begin(FLOW))
    assert mirror.execution.runs[0].error == "no disk"
    assert [one.message for one in told if isinstance(one, LogLine)] == ["no disk"]


def test_an_execution_that_is_not_stored_yet_is_waited_for(kestra, real):
    script = kestra.plays[FLOW] = three_tasks()
    kestra.streams.none = True
    kestra.faults.append(refused("GET .*/executions/[^/]+$", 404, times=3))
    told, mirror, _ = followed(real, kestra.begin(FLOW), changed(FAST, appear=5.0))
    assert_whole(told, mirror, script)


def test_a_log_that_is_stored_after_the_end_is_waited_for(kestra, real):
    script = kestra.plays[FLOW] = three_tasks()
    live = kestra.begin(FLOW).until("SUCCESS")
    kind = {"Content-Type": "application/json"}
    empty = Fault("GET .*/logs/[^/]+$", times=4, status=200, headers=kind, body=b"[]")
    kestra.faults.append(empty)
    told, mirror, _ = followed(real, live, changed(FAST, late=5.0))
    assert_whole(told, mirror, script)
    assert empty.met == empty.times


def test_of_a_server_that_is_away_one_is_told_once(kestra, real):
    kestra.plays[FLOW] = Script(FLOW).run("one").end("one").state("SUCCESS")
    kestra.streams.none = True
    kestra.faults += [refused("GET .*/executions/[^/]+$", 503, times=20)]
    _, mirror, following = followed(real, kestra.begin(FLOW), changed(FAST, patience=20.0))
    away = [one for one in following.troubles if "503" in one]
    assert len(away) == 1
    assert following.troubles[-1] == f"{kestra.url} answers again"
    assert mirror.execution.state is State.SUCCESS


@recorded.needs_recordings
@pytest.mark.parametrize(
    "name",
    ["short", "failing", "ended", "resumed", "killed", "queued"],
)
def test_recorded_streams_are_followed_to_their_end(name, kestra, real):
    pictures = [one for _, one in recorded.events_of(f"follow-{name}") if "state" in one]
    play = Play()
    play.steps = [(pictures[-1], [])]
    kestra.live[pictures[-1]["id"]] = Live(play, kestra)
    kestra.answers.append(f"follow-{name}")
    mirror = Mirror(pictures[0])
    told = []
    with Following(real, mirror, FAST) as following:
        while not following.is_over:
            told += following.news(within=0.5)
    last = pictures[-1]
    assert mirror.execution.state == last["state"]["current"]
    assert [mirror.execution.run_id(run.number) for run in mirror.execution.listed()] == [
        run["id"] for run in last["taskRunList"]
    ]
    if name != "ended":
        assert Concluded in map(type, told)
