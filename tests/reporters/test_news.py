"""Words for what the scheduler makes of events."""

import pytest

from kestrel_cli.model.event import (
    FOREVER,
    AttemptStarted,
    Begun,
    Expanded,
    Judged,
    KillRequested,
    Lost,
    Queued,
    Reopened,
    Resumed,
    Skipped,
    TimerFired,
    Violated,
)
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.reporters.news import follows, news_of
from tests.reporters.builders import new_execution, retried
from tests.support.flows import flow, leaf, task
from tests.support.play import SECOND, Play, constant


class Scene(Play):
    """A play that keeps what each event had of news."""

    def __init__(self, *tasks, **properties):
        super().__init__(flow(*tasks, **properties))
        self.told = []
        self.begin()

    def fold(self, event):
        effects = super().fold(event)
        if (news := news_of(event, self.execution)) is not None:
            self.told.append((news.name, f"{news.cause}{news.note}"))
        return effects


def again(**more):
    return constant(5, **more)


def new_executions(**more):
    return constant(5, behavior="CREATE_NEW_EXECUTION", maxAttempts=2, **more)


def pause(**properties):
    return task("flow.Pause", "wait", **properties)


def test_a_failure_that_starts_a_new_execution_says_when():
    scene = Scene(leaf("a"), retry=new_executions())
    scene.work(0, State.FAILED, error="no")
    assert scene.told == [("FAIL", "no (attempt 1 of 2, a new execution in 5s)")]
    scene = Scene(leaf("a"), retry=new_executions())
    scene.execution.progress.attempt_number = 2
    scene.work(0, State.FAILED, error="no")
    assert scene.told == [("FAIL", "no (attempt 2 of 2)")]


def test_an_attempt_beyond_the_last_one_that_was_planned_is_only_counted():
    scene = Scene(leaf("a"), retry=new_executions())
    scene.execution.progress.attempt_number = 3
    scene.work(0, State.FAILED, error="no")
    assert scene.told == [("FAIL", "no (attempt 3)")]


def test_a_lost_attempt_is_made_again_whatever_its_policy_says():
    lost = "lost: the process ended while it was under way"
    for properties in ({}, {"retry": again(maxAttempts=3)}):
        scene = Scene(leaf("a", **properties))
        scene.start(0)
        scene.fold(Lost(0, scene.tick()))
        assert scene.told == [("FAIL", f"{lost} (tried again)")]


def test_a_pause_says_how_long_it_lasts():
    scene = Scene(pause())
    scene.fold(Expanded(0, 1, [], 1, {}, pause=1 + 90 * SECOND))
    assert scene.told == [("WAIT", "paused for 1m 30s")]


@pytest.mark.parametrize(
    ("state", "properties", "told"),
    [
        (State.SUCCESS, {}, []),
        (State.WARNING, {}, []),
        (State.FAILED, {}, [("FAIL", "the pause ends as FAILED")]),
        (
            State.FAILED,
            {"allowFailure": True},
            [("FAIL", "the pause ends as FAILED (failure allowed)")],
        ),
        (State.CANCELLED, {}, [("STOP", "the pause ends as CANCELLED")]),
    ],
)
def test_a_pause_that_ends_badly_is_bad_news(state, properties, told):
    scene = Scene(pause(**properties))
    scene.fold(Expanded(0, scene.tick(), [], 1, {}, pause=FOREVER))
    scene.fold(Resumed(0, scene.tick(), state, {}))
    assert scene.told == [("WAIT", "paused until somebody resumes it"), *told]


def test_a_loop_until_waits_between_its_passes_or_fails():
    scene = Scene(task("flow.LoopUntil", "until", condition="x", tasks=[leaf("a")]))
    scene.expand(0, [Lane("tasks", 0, 1)])
    scene.work(1)
    scene.fold(Judged(0, 10, {}, 10 + 60 * SECOND))
    assert scene.told == [("WAIT", "once more in 1m")]
    scene.fire(0)
    scene.expand(0, [Lane("tasks", 0, 1)])
    scene.work(2)
    scene.fold(Judged(0, 20, {}, error="Max iterations reached"))
    assert scene.told[1:] == [("FAIL", "Max iterations reached")]


def test_a_queue_is_waited_in_or_refused():
    scene = Play(flow(leaf("a")))
    told = []
    for refused in (None, State.CANCELLED):
        event = Queued(1, refused)
        scene.fold(event)
        news = news_of(event, scene.execution)
        told.append((news.name, news.cause, news.bad))
    full = "the flow already runs as often as it may at once"
    assert told == [("WAIT", full, False), ("STOP", f"{full}: CANCELLED", True)]


def test_a_service_level_that_only_labels_is_a_warning():
    news = news_of(Violated(1, "slow", "NONE", [], "too long"), new_execution())
    assert (news.name, news.cause, news.bad) == (
        "WARN",
        "SLA `slow` does not hold: too long",
        False,
    )
    assert news_of(Violated(1, "slow", "FAIL", [], "too long"), new_execution()) is None


@pytest.mark.parametrize(
    "event",
    [
        Begun(1),
        AttemptStarted(0, 1),
        Skipped(0, 1),
        TimerFired(0, 1),
        KillRequested(1),
        Judged(0, 1, {}),
        Reopened(1, [], {}, [], [], []),
        Expanded(0, 1, [], 1, {}),
    ],
)
def test_what_goes_well_is_silent(event):
    assert news_of(event, new_execution()) is None


def test_the_execution_that_follows_a_retried_one_is_named():
    execution = retried(new_execution(), 2)
    news = follows(execution)
    assert (news.name, news.cause) == ("AGAIN", f"execution {execution.id} follows, attempt 3")
    assert not news.bad
