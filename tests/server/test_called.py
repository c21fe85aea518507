"""Executions that others have started are found and put below them."""

import io
import json

import pytest

from kestrel_cli.reporters.json_tree import write_tree_json
from kestrel_cli.server.called import with_called
from kestrel_cli.server.executions import get
from kestrel_cli.server.mirror import Mirror
from tests.support.flows import flow, leaf, task
from tests.support.kestra_plays import Script

TEAM = "company.team"


def finished(kestra, name, **fields):
    script = Script(f"{TEAM}.{name}", **fields).run("call").log("call", f"in {name}")
    kestra.plays[f"{TEAM}.{name}"] = script.end("call", n=1).state("SUCCESS")
    return kestra.begin(f"{TEAM}.{name}").until("SUCCESS")


def by(live, **more):
    run = live.document["taskRunList"][0]["id"]
    return {"id": "call", "variables": {"executionId": live.play.id, "taskRunId": run} | more}


def test_executions_stand_below_the_task_runs_that_started_them(server, kestra):
    outer = finished(kestra, "outer")
    inner = finished(kestra, "inner", trigger=by(outer))
    innermost = finished(kestra, "innermost", trigger=by(inner))
    finished(kestra, "stranger")
    mirror = Mirror(get(server, outer.play.id))
    found = with_called(server, mirror)
    assert [one.execution.id for one in found] == [inner.play.id, innermost.play.id]
    out = io.StringIO()
    write_tree_json(mirror.execution, out, 0)
    tree = json.loads(out.getvalue())
    below = tree["children"][0]["executions"][0]
    assert below["id"] == inner.play.id
    assert below["children"][0]["executions"][0]["id"] == innermost.play.id


@pytest.mark.parametrize("told", ["output", "alone"])
def test_older_versions_do_not_name_the_task_run(told, server, kestra):
    outer = finished(kestra, "outer")
    inner = finished(kestra, "inner", trigger=by(outer, taskRunId=None))
    document = get(server, outer.play.id)
    if told == "output":
        document["taskRunList"][0]["outputs"] = {"executionId": inner.play.id}
    mirror = Mirror(document)
    with_called(server, mirror)
    assert mirror.execution.called[0][0].id == inner.play.id


def test_nobody_is_asked_for_what_can_not_be(server, kestra):
    outer = finished(kestra, "outer")
    document = get(server, outer.play.id)
    kestra.asked.clear()
    alone = Mirror(document, flow(leaf("call"), id="outer"))
    assert with_called(server, alone) == []
    assert kestra.asked == []
    calling = task("flow.Subflow", "call", namespace=TEAM, flowId="inner")
    assert with_called(server, Mirror(document, flow(calling, id="outer"))) == []
    assert len(kestra.asked) == 1
