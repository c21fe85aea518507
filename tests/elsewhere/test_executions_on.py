"""`kestrel executions --on`, and restart, replay and resume there."""

import json

import pytest

from tests.support.kestra_plays import Script

NAME = "company.team.demo"


@pytest.fixture
def failed(kestra):
    """An execution that has FAILED."""
    script = Script(NAME, inputs={"name": "Ada", "count": 3}).run("one").log("one", "hi")
    script.end("one").run("two").log("two", "no disk", "ERROR").end("two", "FAILED")
    kestra.plays[NAME] = script.state("FAILED")
    return kestra.begin(NAME).until("FAILED")


@pytest.fixture
def paused(kestra):
    """One that waits for somebody."""
    script = Script(NAME).run("ask").wait("ask").state("RUNNING").end("ask").state("SUCCESS")
    kestra.plays[NAME] = script
    return kestra.begin(NAME).until("PAUSED")


def test_a_list(kestra, kestrel, failed):
    (one,) = json.loads(kestrel("executions", "list", "-o", "json").out)
    told = failed.document
    assert (one["id"], one["flowId"], one["state"]["current"]) == (told["id"], "demo", "FAILED")
    assert one["state"]["startDate"] == told["state"]["startDate"]
    assert "FAILED" in kestrel("executions", "--flow", NAME).out
    assert kestrel("executions", "list", "--flow", "other").out == "no executions\n"


@pytest.mark.parametrize("name", ["last", "-", "whole", "beginning"])
def test_one_is_named_as_here(kestra, kestrel, failed, name):
    whole = failed.document["id"]
    name = {"whole": whole, "beginning": whole[:6]}.get(name, name)
    shown = json.loads(kestrel("executions", "show", name, "-o", "json").out)
    assert shown["id"] == whole
    assert shown["state"] == failed.document["state"]
    assert [run["id"] for run in shown["taskRunList"]] == [
        run["id"] for run in failed.document["taskRunList"]
    ]


def test_one_that_is_not_there(kestra, kestrel, failed):
    ended = kestrel("executions", "show", "nope")
    assert ended.code == 5
    assert "has no execution `nope`" in ended.err
    assert f"kestrel executions list --server {kestra.url}" in ended.err


def test_logs(kestra, kestrel, failed):
    assert kestrel("executions", "logs", "last").out.count("no disk") == 1
    listed = json.loads(kestrel("executions", "logs", "last", "--task", "two", "-o", "json").out)
    assert [one["message"] for one in listed] == ["no disk"]
    assert kestrel("executions", "logs", "last", "--task", "six").code == 5


def test_files(kestra, kestrel, tmp_path):
    script = Script(NAME)
    uri = f"kestra:///company/team/demo/executions/{script.id}/tasks/one/1/report.csv"
    kestra.plays[NAME] = script.run("one").end("one", uri=uri).state("SUCCESS")
    live = kestra.begin(NAME).until("SUCCESS")
    kestra.files[uri.replace(script.id, live.play.id)] = b"a,b\n"
    assert kestrel("executions", "files", "last", "report.csv").out == "report.csv\n"
    assert (tmp_path / "report.csv").read_bytes() == b"a,b\n"
    assert kestrel("executions", "files", "last", "report.csv").code == 3
    assert kestrel("executions", "files", "last", "report.csv", "--force").code == 0
    assert kestrel("executions", "files", "last", "nope").code == 5


def test_kill(kestra, kestrel, paused):
    ended = kestrel("executions", "kill", "last")
    assert (ended.code, ended.out) == (0, f"{paused.document['id']}  {NAME}  KILLED\n")
    again = kestrel("executions", "kill", "last")
    assert again.code == 3
    assert "has ended already: KILLED" in again.err


def test_resume(kestra, kestrel, paused):
    ended = kestrel("executions", "resume", "last", "-i", "fine=true", "-o", "json")
    assert ended.code == 0
    assert json.loads(ended.out)["state"]["current"] == "SUCCESS"
    again = kestrel("resume", "last")
    assert again.code == 3
    assert "is not paused: it is SUCCESS" in again.err


def test_inputs_of_a_pause_are_checked_here(kestra, kestrel, paused):
    kestra.flows["company.team", "demo"] = [
        "id: demo\nnamespace: company.team\ntasks:\n"
        "  - id: ask\n    type: io.kestra.plugin.core.flow.Pause\n"
        "    onResume:\n      - {id: fine, type: BOOL}\n"
    ]
    assert "fine" in kestrel("resume", "last").err
    assert "no input `fin`" in kestrel("resume", "last", "-i", "fin=true").err
    assert paused.state == "PAUSED"
    assert kestrel("resume", "last", "-i", "fine=true").code == 0


def test_restart_shows_what_is_new(kestra, kestrel, failed):
    ended = kestrel("executions", "restart", "last")
    assert ended.code == 0
    assert "INFO  one" not in ended.out
    assert f"`{NAME}` SUCCESS" in ended.out
    assert kestrel("restart", "last").code == 3


def test_replay_is_a_new_execution(kestra, kestrel, failed):
    ended = kestrel("executions", "replay", "last", "--task", "two", "-o", "json")
    assert ended.code == 1
    assert json.loads(ended.out)["id"] != failed.document["id"]
    (asked,) = kestra.requests("POST .*/replay$")
    assert asked.get("taskRunId") == failed.document["taskRunList"][1]["id"]
    assert kestrel("replay", "last", "--task", "six").code == 5


def test_replay_keeps_the_inputs_that_are_not_given_anew(kestra, kestrel, failed):
    kestra.flows["company.team", "demo"] = [
        "id: demo\nnamespace: company.team\ninputs:\n"
        "  - {id: name, type: STRING}\n  - {id: count, type: INT}\n"
        "tasks:\n  - {id: one, type: io.kestra.plugin.core.log.Log, message: hi}\n"
    ]
    kestrel("replay", "last", "-i", "name=Bob", "--detach")
    (asked,) = kestra.requests("POST .*/replay-with-inputs$")
    parts = {one["name"]: one["content"] for one in asked.parts}
    assert parts == {"name": b"Bob", "count": b"3"}


def test_detached_they_print_the_id(kestra, kestrel, failed):
    ended = kestrel("executions", "replay", "last", "--detach")
    assert ended.out.strip() in set(kestra.live) - {failed.document["id"]}


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["executions", "prune"], "nothing is deleted there"),
        (["executions", "delete", "last"], "nothing is deleted there"),
        (["executions", "show", "last", "--on", "x"], "name two servers"),
        (["restart", "last", "--durable"], "`--durable` and a server"),
        (["executions", "list", "-o", "yaml"], "use `text` or `json`"),
    ],
)
def test_what_is_not_done_there(kestra, kestrel, words, problem):
    ended = kestrel(*words)
    assert ended.code == 2
    assert problem in ended.err
    assert kestra.asked == []


def test_what_is_done_there_only(kestrel):
    ended = kestrel("executions", "kill", "last", on=False)
    assert ended.code == 2
    assert "`--on` names a server" in ended.err
    assert kestrel("executions", "restart", "last", on=False).code == 5


def test_a_context_of_the_settings(kestra, kestrel, failed, tmp_path):
    (tmp_path / "kestrel.toml").write_text(
        f'[contexts.prod]\nhost = "{kestra.url}"\nusername = "ann@example.com"\n'
        'password-env = "PROD_PASSWORD"\n'
    )
    words = ("executions", "list", "-o", "json", "--on", "prod")
    listed = kestrel(*words, on=False, PROD_PASSWORD="s3cret-Passw0rd")
    assert len(json.loads(listed.out)) == 1
    assert kestrel(*words, on=False).code == 3
    assert kestrel(*words[:-1], "nope", on=False).code == 5


def test_the_server_of_the_environment(kestra, kestrel, failed):
    words = ("executions", "list", "--on", "default")
    assert "FAILED" in kestrel(*words, on=False, KESTRA_HOSTNAME=kestra.url).out
    assert kestrel(*words, on=False, HOME="/nowhere").code == 2


def test_what_it_started_stands_below_it(kestra, kestrel):
    outer, inner = "company.team.outer", "company.team.inner"
    script = Script(outer).run("call").wait("call").state("RUNNING")
    kestra.plays[outer] = script.end("call", "FAILED").state("FAILED")
    above = kestra.begin(outer).until("PAUSED")
    run = above.document["taskRunList"][0]["id"]
    by = {"id": "call", "variables": {"executionId": above.play.id, "taskRunId": run}}
    script = Script(inner, trigger=by).run("boom").log("boom", "no disk", "ERROR")
    kestra.plays[inner] = script.end("boom", "FAILED").state("FAILED")
    below = kestra.begin(inner).until("FAILED")
    shown = kestrel("executions", "show", above.play.id).out
    assert "boom FAILED" in shown
    assert "error: no disk" in shown
    logs = kestrel("executions", "logs", above.play.id).out
    assert logs.count("no disk") == 1
    followed = kestrel("resume", above.play.id)
    assert followed.code == 1
    assert "in 2 executions" in followed.out
    assert "no disk" in followed.out
    assert below.state == "FAILED"
