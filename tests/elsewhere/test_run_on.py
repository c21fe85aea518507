"""`kestrel run --on`: the same as a run here, on a server."""

import json
import os
import signal
import threading
from xml.etree import ElementTree

import pytest

from kestrel_cli.app.elsewhere import watching
from tests.support.kestra_faults import Fault, html, refused
from tests.support.kestra_plays import Script, performed
from tests.support.kestra_server import PASSWORD, USER
from tests.support.terminal import CTRL_C, on_terminal

NAME = "company.team.demo"


def ending(state, **fields):
    """An execution whose second task and which itself end so."""
    script = Script(NAME, **fields).run("one").log("one", "hi").end("one", value="x")
    return script.run("two").end("two", state, value="y").state(state)


@pytest.mark.parametrize(
    ("state", "options", "code"),
    [
        ("SUCCESS", [], 0),
        ("WARNING", [], 0),
        ("WARNING", ["--fail-on", "warning"], 1),
        ("FAILED", [], 1),
        ("KILLED", [], 1),
        ("CANCELLED", [], 1),
    ],
)
def test_the_exit_code_is_that_of_a_run_here(kestra, kestrel, state, options, code):
    kestra.plays[NAME] = ending(state)
    ended = kestrel("run", "flow.yaml", *options)
    assert (ended.code, f"`{NAME}` {state} in" in ended.out) == (code, True)


def test_the_json_is_what_the_server_says(kestra, kestrel):
    kestra.plays[NAME] = ending("SUCCESS", inputs={"name": "Ada"}, outputs={"all": [1, {"a": "b"}]})
    ended = kestrel("run", "flow.yaml", "-o", "json")
    shown = json.loads(ended.out)
    (live,) = kestra.live.values()
    told = json.loads(json.dumps(live.document))
    for attempt in (one for run in told["taskRunList"] for one in run["attempts"]):
        del attempt["workerId"]
    assert shown["taskRunList"] == told["taskRunList"]
    for name in ("id", "namespace", "flowId", "inputs", "outputs", "labels", "state"):
        assert shown[name] == told[name], name


def test_the_text_is_that_of_a_run_here(kestra, kestrel, tmp_path):
    source = (tmp_path / "flow.yaml").read_text()
    kestra.plays[NAME] = performed(source)
    there = kestrel("run", "flow.yaml")
    here = kestrel("run", "flow.yaml", on=False)
    assert there.code == here.code == 0

    assert there.out.count("\n") == here.out.count("\n")
    assert "hi" in there.out
    assert f"`{NAME}` SUCCESS" in there.out


@pytest.mark.parametrize("form", ["tree", "yaml", "ndjson"])
def test_all_forms_are_there(kestra, kestrel, form):
    kestra.plays[NAME] = ending("FAILED")
    ended = kestrel("run", "flow.yaml", "-o", form)
    assert ended.code == 1
    assert "FAILED" in ended.out


CALLS = """id: outer
namespace: company.team
tasks:
  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: company.team, flowId: demo}
"""


def test_flows_that_are_called_and_files_of_namespaces_go_first(kestra, kestrel, tmp_path):
    (tmp_path / "outer.yaml").write_text(CALLS)
    (tmp_path / "_files" / "company.team").mkdir(parents=True)
    (tmp_path / "_files" / "company.team" / "a b.sql").write_text("select 1")
    kestra.plays["company.team.outer"] = Script("company.team.outer").state("SUCCESS")
    ended = kestrel("run", "outer.yaml")
    assert ended.code == 0
    assert list(kestra.flows) == [("company.team", "demo"), ("company.team", "outer")]
    assert "company.team:a b.sql (new)" in ended.err
    assert "company.team.demo (new)" in ended.err
    again = kestrel("run", "outer.yaml")
    assert again.code == 0
    assert "(new)" not in again.err
    assert kestra.flows["company.team", "demo"] == [(tmp_path / "flow.yaml").read_text()]


def test_inputs_go_typed_and_files_whole(kestra, kestrel, tmp_path):
    (tmp_path / "notes.txt").write_text("alpha")
    words = ["-i", "sure=true", "-i", "count=7", "-i", "data=@notes.txt", "--label", "env=test"]
    assert kestrel("run", "flow.yaml", *words).code == 0
    (started,) = kestra.starts
    parts = {one["name"]: (one["filename"], one["content"]) for one in started.parts}
    assert parts == {
        "sure": (None, b"true"),
        "count": (None, b"7"),
        "data": ("notes.txt", b"alpha"),
    }
    assert "env:test" in started.all("labels")
    assert kestra.flows["company.team", "demo"] == [(tmp_path / "flow.yaml").read_text()]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["-i", "nme=x"], "the flow has no input `nme`"),
        (["-i", "count=many"], "count"),
        (["-i", "data=nowhere.txt"], "no such file"),
    ],
)
def test_wrong_inputs_are_told_before_anything_is_started(kestra, kestrel, words, problem):
    ended = kestrel("run", "flow.yaml", *words)
    assert ended.code == 3
    assert problem in ended.err
    assert kestra.starts == []


def test_an_invalid_flow_is_not_sent(kestra, kestrel, tmp_path):
    (tmp_path / "flow.yaml").write_text("id: demo\nnamespace: company.team\n")
    assert kestrel("run", "flow.yaml").code == 3
    assert kestra.asked == []


def test_secret_inputs_are_not_shown(kestra, kestrel):
    kestra.plays[NAME] = (
        Script(NAME).run("one").log("one", "it is 12345-abc").end("one").state("SUCCESS")
    )
    ended = kestrel("run", "flow.yaml", "-i", "pin=12345-abc")
    assert "12345-abc" not in ended.out + ended.err
    assert "it is " in ended.out


@pytest.mark.parametrize(
    "words",
    [
        ["--mock", "one={}"], ["--kv", "a=b"], ["--only", "one"], ["--from", "one"],
        ["--seed", "3"], ["--sequential"], ["--durable"], ["--pause", "skip"], ["--watch"],
        ["--mocks", "m.yaml"], ["--mock-unsupported"], ["--offline"], ["--state-dir", "x"],
    ],
    ids=str,
)  # fmt: skip
def test_options_that_would_do_nothing_are_refused(kestra, kestrel, words):
    ended = kestrel("run", "flow.yaml", *words)
    assert ended.code == 2
    assert f"`{words[0]}" in ended.err
    assert "and a server: " in ended.err
    assert kestra.asked == []


def test_a_second_run_changes_nothing(kestra, kestrel):
    first, second = kestrel("run", "flow.yaml"), kestrel("run", "flow.yaml")
    assert "revision 1 (new)" in first.err
    assert "revision 1 (unchanged)" in second.err
    assert kestrel("run", "flow.yaml", "-q").err == ""


def test_detached_it_prints_the_id_and_leaves(kestra, kestrel):
    kestra.plays[NAME] = Script(NAME).run("ask").wait("ask")
    ended = kestrel("run", "flow.yaml", "--detach")
    assert (ended.code, ended.out.strip()) == (0, next(iter(kestra.live)))
    shown = json.loads(kestrel("run", "flow.yaml", "--detach", "-o", "json").out)
    assert shown["id"] in kestra.live


def test_detach_and_tenant_need_a_server(kestrel):
    assert kestrel("run", "flow.yaml", "--detach", on=False).code == 2
    assert kestrel("run", "flow.yaml", "--tenant", "main", on=False).code == 2


def test_files_and_reports_are_written(kestra, kestrel, tmp_path):
    script = Script(NAME)
    uri = f"kestra:///company/team/demo/executions/{script.id}/tasks/one/1/report.csv"
    kestra.plays[NAME] = script.run("one").end("one", uri=uri).state("SUCCESS")
    begin = kestra.begin

    def begun(*args):
        live = begin(*args)
        kestra.files[uri.replace(script.id, live.play.id)] = b"a,b\n"
        return live

    kestra.begin = begun
    more = ["--output-dir", "out", "--junitxml", "j.xml", "--json-file", "e.json"]
    ended = kestrel("run", "flow.yaml", *more, "--print", "{{ outputs.one.uri }}")
    assert ended.code == 0
    assert (tmp_path / "out" / "report.csv").read_bytes() == b"a,b\n"
    assert json.loads((tmp_path / "out" / "outputs.json").read_text()) == {}
    assert ElementTree.parse(tmp_path / "j.xml").getroot().get("tests") == "1"
    document = json.loads((tmp_path / "e.json").read_text())
    assert document["id"] in kestra.live
    assert ended.out == f"{document['taskRunList'][0]['outputs']['uri']}\n"


# -- pauses


def test_a_pause_is_followed_and_how_to_go_on_is_said(kestra, kestrel):
    kestra.plays[NAME] = (
        Script(NAME).run("ask").wait("ask").state("RUNNING").end("ask").state("SUCCESS")
    )

    def resume():
        while not kestra.live:
            threading.Event().wait(0.01)
        live = next(iter(kestra.live.values()))
        live.until("PAUSED")
        threading.Event().wait(0.2)
        with kestra.changed:
            live.held = False
            kestra.changed.notify_all()

    thread = threading.Thread(target=resume)
    thread.start()
    ended = kestrel("run", "flow.yaml")
    thread.join()
    (name,) = kestra.live
    assert ended.code == 0
    assert f"`kestrel executions resume {name} --server {kestra.url}` goes on with it" in ended.err


@pytest.mark.parametrize(
    ("policy", "code", "state"), [("wait", 0, "PAUSED"), ("fail", 1, "KILLED")]
)
def test_a_pause_ends_it_as_asked(kestra, kestrel, policy, code, state):
    kestra.plays[NAME] = Script(NAME).run("ask").wait("ask").state("RUNNING")
    ended = kestrel("run", "flow.yaml", "--pause", policy, "-o", "json")
    assert (ended.code, json.loads(ended.out)["state"]["current"]) == (code, state)
    assert next(iter(kestra.live.values())).state == state


def test_a_pause_is_answered(kestra, kestrel, tmp_path):
    (tmp_path / "flow.yaml").write_text(
        "id: demo\nnamespace: company.team\ntasks:\n"
        "  - {id: ask, type: io.kestra.plugin.core.flow.Pause}\n"
    )
    kestra.plays[NAME] = (
        Script(NAME).run("ask").wait("ask").state("RUNNING").end("ask").state("SUCCESS")
    )
    assert kestrel("run", "flow.yaml", "--resume", 'ask={"fine": true}').code == 0
    (asked,) = kestra.requests("POST .*/resume$")
    assert [(one["name"], one["content"]) for one in asked.parts] == [("fine", b"true")]


# -- what may go wrong


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (refused("", 401), 3, "asks for a login"),
        (refused("POST .*/flows$", 403), 3, "does not let"),
        (refused("", 503), 69, "503"),
        (html(), 69, "is no Kestra"),
    ],
    ids=["401", "403", "503", "html"],
)
def test_a_server_that_refuses(kestra, kestrel, fault, code, words):
    kestra.faults.append(fault)
    ended = kestrel("run", "flow.yaml")
    assert ended.code == code
    assert words in ended.err
    assert kestra.url in ended.err
    assert "s3cret-Passw0rd" not in ended.err


def test_nobody_there(kestrel):
    ended = kestrel("run", "flow.yaml", "--server", "http://127.0.0.1:1", on=False)
    assert ended.code == 69
    assert "http://127.0.0.1:1 can't be reached" in ended.err


def test_a_server_in_trouble_for_a_while(kestra, kestrel):
    kestra.faults.append(refused("GET", 503, times=3))
    kestra.plays[NAME] = ending("SUCCESS")
    assert kestrel("run", "flow.yaml").code == 0


def test_a_connection_cut_in_mid_run(kestra, kestrel):
    kestra.streams.cut = 2
    kestra.plays[NAME] = ending("SUCCESS")
    ended = kestrel("run", "flow.yaml")
    assert (ended.code, ended.out.count(" hi\n")) == (0, 1)


def test_a_lost_answer_starts_nothing_twice(kestra, kestrel):
    kestra.faults.append(Fault("POST .*/executions/company.team/demo", lost=True))
    kestra.plays[NAME] = ending("SUCCESS")
    assert kestrel("run", "flow.yaml").code == 0
    assert len(kestra.live) == 1


def test_a_server_that_goes_away_in_mid_run(kestra, kestrel):
    kestra.plays[NAME] = Script(NAME).run("ask").wait("ask").state("RUNNING")
    kestra.streams.none = True

    def leave():
        while not kestra.live:
            threading.Event().wait(0.01)
        next(iter(kestra.live.values())).until("PAUSED")
        kestra.faults.append(refused("", 503))

    thread = threading.Thread(target=leave)
    thread.start()
    ended = kestrel("run", "flow.yaml")
    thread.join()
    (name,) = kestra.live
    assert ended.code == 69
    assert f"the execution {name} may go on there" in ended.err
    assert f"kestrel executions show {name} --server {kestra.url}" in ended.err


# -- signals


def waiting(kestra, kestrel, *signals, words=(), answers=()):
    """Run something that waits, and send signals to this process once it does."""
    kestra.plays[NAME] = Script(NAME).run("ask").wait("ask").state("RUNNING")

    def send():
        while not kestra.live:
            threading.Event().wait(0.01)
        next(iter(kestra.live.values())).until("PAUSED")
        for one in signals:
            threading.Event().wait(0.15)
            os.kill(os.getpid(), one)

    thread = threading.Thread(target=send)
    thread.start()
    ended = kestrel("run", "flow.yaml", "-o", "json", *words)
    thread.join()
    return ended, next(iter(kestra.live.values())).state


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_without_a_terminal_signals_kill(kestra, kestrel, number, code):
    ended, state = waiting(kestra, kestrel, number)
    assert (ended.code, state) == (code, "KILLED")
    assert json.loads(ended.out)["state"]["current"] == "KILLED"


def test_a_terminal_that_is_gone_leaves_it_running(kestra, kestrel):
    ended, state = waiting(kestra, kestrel, signal.SIGHUP)
    assert (ended.code, state) == (129, "PAUSED")


@pytest.mark.parametrize(
    ("answer", "code", "state"), [("leave", 130, "PAUSED"), ("kill", 130, "KILLED")]
)
def test_at_a_terminal_ctrl_c_asks(kestra, kestrel, monkeypatch, answer, code, state):
    monkeypatch.setattr("kestrel_cli.cli.elsewhere.asker", lambda *_, **__: lambda: answer)
    ended, found = waiting(kestra, kestrel, signal.SIGINT)
    assert (ended.code, found) == (code, state)


def test_who_goes_on_watching_has_asked_for_nothing(kestra, kestrel, monkeypatch):
    asked = []

    def ask():
        asked.append(1)
        return "go on" if len(asked) == 1 else "kill"

    monkeypatch.setattr("kestrel_cli.cli.elsewhere.asker", lambda *_, **__: ask)
    ended, state = waiting(kestra, kestrel, signal.SIGINT, signal.SIGTERM)
    assert (ended.code, state, len(asked)) == (143, "KILLED", 1)


def test_twice_leaves_although_nobody_has_answered(kestra, kestrel, monkeypatch):
    def ask():
        threading.Event().wait(20)
        raise AssertionError("the second signal comes before")

    monkeypatch.setattr("kestrel_cli.cli.elsewhere.asker", lambda *_, **__: ask)
    ended, state = waiting(kestra, kestrel, signal.SIGINT, signal.SIGINT)
    assert (ended.code, state) == (130, "PAUSED")
    assert json.loads(ended.out)["state"]["current"] == "PAUSED"


def test_its_time_limit_kills(kestra, kestrel, monkeypatch):
    ended, state = waiting(kestra, kestrel, words=["--timeout", "0.2"])
    assert (ended.code, state) == (124, "KILLED")


def test_a_server_that_does_not_kill_is_left(kestra, kestrel, monkeypatch):
    monkeypatch.setattr(watching, "_KILLING", 0.1)
    kestra.faults.append(Fault("DELETE", 1_000, 202))
    ended, state = waiting(kestra, kestrel, signal.SIGTERM)
    assert (ended.code, state) == (143, "PAUSED")
    assert "was asked to end" in ended.err


@pytest.mark.parametrize(("answer", "state"), [("l\n", "PAUSED"), ("k\n", "KILLED")])
def test_the_question_stands_alone_on_a_terminal(kestra, kestrel, tmp_path, answer, state):
    kestra.plays[NAME] = Script(NAME).run("ask").wait("ask").state("RUNNING")
    code, shown = on_terminal(
        tmp_path,
        ["run", "flow.yaml", "--server", kestra.url],
        env={"KESTRA_USER": USER, "KESTRA_PASSWORD": PASSWORD, "CI": None, "GITHUB_ACTIONS": None},
        answers=[("waits for somebody", CTRL_C), ("[l/k/g] ", answer)],
    )
    assert code == 130
    assert f"it runs on {kestra.url}" in shown
    assert "stopping" not in shown
    assert next(iter(kestra.live.values())).state == state


def test_one_that_is_not_stored_yet_is_killed_all_the_same(kestra, kestrel):
    kestra.faults.append(refused("DELETE .*/kill$", 404, times=3))
    ended, state = waiting(kestra, kestrel, signal.SIGTERM)
    assert (ended.code, state) == (143, "KILLED")


def test_it_is_said_who_refuses_what(kestra, kestrel):
    kestra.faults.append(refused("POST .*/flows$", 422, times=1))
    ended = kestrel("run", "flow.yaml")
    assert ended.code == 3
    assert f"{kestra.url} refuses the flow `{NAME}`: Refused: with 422" in ended.err
    kestra.faults.append(refused("POST .*/executions/", 409, times=1))
    ended = kestrel("run", "flow.yaml")
    assert ended.code == 3
    assert f"{kestra.url} refuses to start `{NAME}`: Refused: with 409" in ended.err
