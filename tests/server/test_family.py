"""An execution is followed together with what it starts."""

import time

import pytest

from kestrel_cli.model.event import AttemptEnded, AttemptStarted, LogLine
from kestrel_cli.model.state import State
from kestrel_cli.server.asking import Asking
from kestrel_cli.server.connection import connected
from kestrel_cli.server.family import Family
from kestrel_cli.server.following import Pace
from kestrel_cli.server.mirror import Mirror
from tests.support.kestra_faults import refused
from tests.support.kestra_plays import Script
from tests.support.kestra_server import kestra_server

FAST = Pace(
    quiet=0.15, poll=0.02, rest=0.01, settle=0.05, linger=0.3, cause=0.01, patience=5.0,
    fresh=0.02, late=0.05, appear=0.1,
)  # fmt: skip
OUTER, INNER = "company.team.outer", "company.team.inner"


@pytest.fixture
def real(kestra):
    return connected(Asking(kestra.context(), lambda seconds: time.sleep(min(seconds, 0.01))))


def calling(kestra):
    """An execution that has started another one, which fails; both under way."""
    script = Script(OUTER).run("call").state("PAUSED")
    kestra.plays[OUTER] = script.end("call", "FAILED").state("FAILED")
    outer = kestra.begin(OUTER).until("PAUSED")
    run = outer.document["taskRunList"][0]["id"]
    by = {"id": "call", "variables": {"executionId": outer.play.id, "taskRunId": run}}
    script = Script(INNER, trigger=by).run("boom").log("boom", "no disk", "ERROR")
    kestra.plays[INNER] = script.end("boom", "FAILED").state("FAILED")
    return outer, kestra.begin(INNER)


def followed(server, outer, kestra):
    mirror = Mirror(outer.document)
    found = []
    with Family(server, mirror, FAST) as family:
        while not family.is_over:
            found += family.news(within=0.2)
            if outer.held and any(one.execution.flow.id == "inner" for one in found):
                with kestra.changed:
                    outer.held = False
                    kestra.changed.notify_all()
    return mirror, found, family


def assert_told(mirror, found, inner):
    own = [one for one in found if one.execution.id == inner.play.id]
    assert own[0][1:] == (None, mirror.execution, 0)
    kinds = [type(one.told) for one in own]
    assert [kinds.count(kind) for kind in (AttemptStarted, LogLine, AttemptEnded)] == [1, 1, 1]
    (ended,) = [one.told for one in own if isinstance(one.told, AttemptEnded)]
    assert (ended.state, ended.error) == (State.FAILED, "no disk")
    (below,) = mirror.execution.called[0]
    assert below.state is State.FAILED
    assert below.runs[0].error == "no disk"


def test_what_it_starts_is_told_meanwhile_and_stands_below_it(kestra, real):
    outer, inner = calling(kestra)
    mirror, found, _ = followed(real, outer, kestra)
    assert mirror.execution.state is State.FAILED
    assert_told(mirror, found, inner)


def test_a_server_that_is_away_for_a_while_loses_nothing_of_it(kestra, real):
    outer, inner = calling(kestra)
    kestra.faults.append(refused("GET .*/executions/search", 503, times=6))
    mirror, found, family = followed(real, outer, kestra)
    assert_told(mirror, found, inner)
    assert any("503" in one for one in family.root.troubles)


def test_servers_without_task_runs_in_lists_are_followed_too():
    with kestra_server("2.0.0") as kestra:
        asking = Asking(kestra.context(), lambda seconds: time.sleep(min(seconds, 0.01)))
        outer, inner = calling(kestra)
        mirror, found, _ = followed(connected(asking), outer, kestra)
        assert_told(mirror, found, inner)
