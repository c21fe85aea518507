"""`push`: what a server has afterwards, what is told, how it ends."""

import json
from base64 import b64encode

import pytest

from tests.support.kestra_faults import Fault, refused
from tests.support.kestra_server import PASSWORD, USER

LOG = "  - {id: a, type: io.kestra.plugin.core.log.Log, message: hi}\n"
KEYS = ("company.team", "a"), ("company.team", "b"), ("company.team", "c")


def flow(name, *calls, message="hi"):
    tasks = LOG.replace("hi", message) + "".join(
        f"  - {{id: call_{called}, type: io.kestra.plugin.core.flow.Subflow, "
        f"namespace: company.team, flowId: {called}}}\n"
        for called in calls
    )
    return f"id: {name}\nnamespace: company.team\ntasks:\n{tasks}"


@pytest.fixture
def folder(tmp_path):
    """Three flows: the first calls the second, which calls the third."""
    for name, calls in (("a", "b"), ("b", "c"), ("c", "")):
        (tmp_path / f"{name}.yaml").write_text(flow(name, *calls))
    return tmp_path


def sent(kestra):
    """What was sent, in its order."""
    changes = [one for one in kestra.asked if one.method in ("POST", "PUT", "DELETE")]
    return [
        f"{one.method} {one.body.decode().split()[1]}"
        for one in changes
        if "/flows" in one.path and not one.path.endswith("/validate")
    ]


def test_called_flows_go_first_and_the_second_time_nothing_is_sent(folder, kestra, kestrel):
    first = kestrel("push", ".")
    assert first.code == 0, first.err
    assert sent(kestra) == ["POST c", "POST b", "POST a"]
    assert first.out.splitlines()[:3] == [
        "company.team.c  created: revision 1",
        "company.team.b  created: revision 1",
        "company.team.a  created: revision 1",
    ]
    kestra.asked.clear()
    again = kestrel("push", ".")
    assert again.code == 0
    assert again.out == (
        "company.team.c  unchanged: revision 1\ncompany.team.b  unchanged: revision 1\n"
        f"company.team.a  unchanged: revision 1\n3 flows: 3 unchanged; {kestra.url}\n"
    )
    assert all(one.method == "GET" for one in kestra.asked)


def test_the_revision_of_a_change_is_told(folder, kestra, kestrel):
    kestra.flows[KEYS[2]] = ["one", "two"]
    done = kestrel("push", "c.yaml")
    assert "company.team.c  updated: revision 3\n" in done.out
    assert kestra.flows[KEYS[2]][-1] == flow("c")
    shown = json.loads(kestrel("push", "b.yaml", "c.yaml", "-o", "json").out)
    assert [(one["id"], one["change"], one["revision"]) for one in shown["flows"]] == [
        ("c", "unchanged", 3),
        ("b", "created", 1),
    ]
    assert (shown["server"], shown["exitCode"], shown["dryRun"]) == (kestra.url, 0, False)


def test_flows_that_call_each_other(tmp_path, kestra, kestrel):
    (tmp_path / "a.yaml").write_text(flow("a", "b"))
    (tmp_path / "b.yaml").write_text(flow("b", "a"))
    assert kestrel("push", ".").code == 0
    assert sent(kestra) == ["POST b", "POST a"]


def test_a_file_with_several_flows(tmp_path, kestra, kestrel):
    (tmp_path / "both.yaml").write_text(f"{flow('a')}---\n{flow('c')}")
    assert kestrel("push", "both.yaml").code == 0
    assert (kestra.flows[KEYS[0]], kestra.flows[KEYS[2]]) == ([flow("a")], [flow("c")])
    assert kestrel("push", "both.yaml").out.count("unchanged: revision 1") == 2


def test_an_error_here_stops_everything_before_the_server_is_asked(folder, kestra, kestrel):
    (folder / "c.yaml").write_text(flow("c").replace("log.Log", "log.Logg"))
    done = kestrel("push", ".")
    assert (done.code, done.out) == (3, "")
    assert "c.yaml:4" in done.err
    assert kestra.asked == []
    document = json.loads(kestrel("push", ".", "-o", "json").out)
    assert document["exitCode"] == 3
    assert "error" in {one["severity"] for one in document["diagnostics"]}


def test_two_flows_of_one_name_and_no_flow_at_all(folder, kestra, kestrel):
    (folder / "d.yaml").write_text(flow("c"))
    done = kestrel("push", "c.yaml", "d.yaml")
    assert done.code == 3
    assert "two flows are company.team.c: in c.yaml and in d.yaml" in done.err
    (folder / "empty").mkdir()
    assert kestrel("push", "empty").code == 5
    assert kestra.asked == []


def test_a_flow_that_the_server_refuses_stops_no_other(folder, kestra, kestrel):
    words = json.dumps([{"index": 0, "constraints": "tasks[0]: \x1b[2Jno such type"}]).encode()
    kind = {"Content-Type": "application/json"}
    kestra.faults.append(Fault("flows/validate", 1, 200, kind, words))  # that of c
    done = kestrel("push", ".")
    assert done.code == 1
    assert sent(kestra) == ["POST b", "POST a"]
    assert done.out.startswith(
        "company.team.c  refused: tasks[0]: no such type  (c.yaml)\n"
        "company.team.b  created: revision 1\n"
    )
    assert "3 flows: 2 created, 1 refused" in done.out
    assert done.err.splitlines()[-1] == "error: company.team.c is refused: tasks[0]: no such type"
    kestra.faults[0].met = 0
    kestra.flows.clear()
    kestra.asked.clear()
    fast = kestrel("push", ".", "--fail-fast")
    assert (fast.code, sent(kestra)) == (1, [])
    assert "3 flows: 1 refused, 2 not sent" in fast.out


def test_one_that_is_refused_when_it_is_sent(folder, kestra, kestrel):
    kestra.faults.append(refused(r"POST .*/flows$", 422, times=1))
    done = kestrel("push", ".", "-o", "json")
    shown = json.loads(done.out)
    assert (done.code, shown["exitCode"]) == (1, 1)
    assert [one["change"] for one in shown["flows"]] == ["refused", "created", "created"]
    assert "with 422" in shown["flows"][0]["problem"]
    assert "is refused" not in done.err


def test_warnings_of_the_server_are_told(folder, kestra, kestrel):
    verdict = {"index": 0, "deprecationPaths": ["tasks[0]"], "warnings": ["old"], "infos": []}
    kind = {"Content-Type": "application/json"}
    words = json.dumps([verdict]).encode()
    kestra.faults.append(Fault("flows/validate", 1, 200, kind, words))
    out = kestrel("push", "c.yaml").out
    assert "\n  warning: old\n  warning: `tasks[0]` is deprecated\n" in out


def test_a_dry_run_sends_nothing_and_shows_what_would_change(folder, kestra, kestrel):
    kestra.flows[KEYS[2]] = [flow("c", message="before")]
    kestra.flows[KEYS[1]] = [flow("b", "c")]
    done = kestrel("push", ".", "--dry-run")
    assert (done.code, sent(kestra)) == (0, [])
    lines = done.out.splitlines()
    assert lines[:3] == [
        "company.team.c  would be updated: revision 1 is there",
        "--- company.team.c on the server (revision 1)",
        "+++ c.yaml",
    ]
    assert "-  - {id: a, type: io.kestra.plugin.core.log.Log, message: before}" in lines
    assert f"+{LOG.rstrip()}" in lines
    assert "company.team.b  unchanged: revision 1" in lines
    assert "company.team.a  would be created" in lines
    assert lines[-1].endswith("; nothing was sent")
    coloured = kestrel("push", "c.yaml", "--dry-run", "--color", "always").out
    assert "\x1b[32m+  - {id: a" in coloured
    shown = json.loads(kestrel("push", ".", "--dry-run", "-o", "json").out)
    assert shown["flows"][0]["diff"].startswith("--- company.team.c on")
    assert shown["flows"][1]["diff"] == ""


def test_suites_of_tests_are_no_flows(folder, kestra, kestrel):
    (folder / "tests").mkdir()
    (folder / "tests" / "c.test.yaml").write_text(
        "id: c-tests\nnamespace: company.team\nflowId: c\ntestCases:\n"
        "  - id: one\n    type: io.kestra.core.tests.flow.UnitTest\n"
        "    assertions:\n      - {value: a, equalTo: a}\n"
    )
    (folder / "notes.yaml").write_text("notes: [1]\n")
    assert kestrel("push", ".").code == 3
    done = kestrel("push", ".", "--skip-non-flows")
    assert (done.code, len(kestra.flows)) == (0, 3), done.err
    assert kestrel("push", "tests").code == 5
    assert kestrel("push", "notes.yaml", "--skip-non-flows").code == 5


# -- files of namespaces


@pytest.fixture
def files(folder):
    """Three of the namespace of the flows, one of another, and what is not meant."""
    own = folder / "_files" / "company.team"
    for name in ("my file.txt", "sql/q.sql", "same.txt", ".env", "__pycache__/x.pyc", "flow.yaml"):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(f"this is {name}")
    (own / "link").symlink_to("/etc/hostname")
    (folder / "_files" / "other").mkdir()
    (folder / "_files" / "other" / "o.txt").write_text("o")
    return own


def test_files_are_sent_where_they_differ(files, kestra, kestrel):
    there = kestra.namespace_files.setdefault("company.team", {})
    there |= {"/same.txt": b"this is same.txt", "/sql/q.sql": b"old", "/kept.txt": b"k"}
    done = kestrel("push", ".")
    assert done.code == 0, done.err
    assert there == {
        "/same.txt": b"this is same.txt",
        "/sql/q.sql": b"this is sql/q.sql",
        "/kept.txt": b"k",
        "/my+file.txt": b"this is my file.txt",
        "/flow.yaml": b"this is flow.yaml",
    }
    assert kestra.namespace_files["other"] == {"/o.txt": b"o"}
    lines = done.out.splitlines()
    assert "company.team:my file.txt  created" in lines
    assert "company.team:sql/q.sql  updated" in lines
    assert "company.team:same.txt  unchanged" in lines
    assert (
        lines[-1] == f"3 flows: 3 created; 5 files: 3 created, 1 updated, 1 unchanged; {kestra.url}"
    )
    kestra.asked.clear()
    assert "5 files: 5 unchanged" in kestrel("push", ".").out
    assert all(one.method == "GET" for one in kestra.asked)


def test_a_flow_file_brings_the_files_of_its_namespace(files, kestra, kestrel):
    shown = json.loads(kestrel("push", "c.yaml", "--dry-run", "-o", "json").out)
    assert {one["namespace"] for one in shown["namespaceFiles"]} == {"company.team"}
    assert not any(kestra.namespace_files.values())
    assert json.loads(kestrel("push", ".", "--no-files", "-o", "json").out)["namespaceFiles"] == []
    assert not any(kestra.namespace_files.values())


def test_a_file_that_the_server_refuses(files, kestra, kestrel):
    (files / "_flows").mkdir()
    (files / "_flows" / "x").write_text("x")
    done = kestrel("push", "c.yaml")
    assert done.code == 1
    assert "company.team:_flows/x  refused: this path is reserved" in done.out
    assert "company.team.c  created: revision 1" in done.out


# -- what goes wrong on the way


def test_a_server_that_is_busy_for_a_while(folder, kestra, kestrel):
    kestra.faults += [
        refused("GET .*flows/company", 503, times=2),
        refused(r"POST .*flows$", 503, 2),
    ]
    assert kestrel("push", ".").code == 0
    assert len(kestra.flows) == 3


def test_an_answer_that_is_lost_makes_nothing_twice(folder, kestra, kestrel):
    kestra.faults.append(Fault(r"POST .*/flows$", lost=True))
    done = kestrel("push", ".")
    assert done.code == 0
    assert done.out.startswith("company.team.c  created: revision 1\n")
    assert sent(kestra) == ["POST c", "POST b", "POST a"]


def test_a_connection_that_is_lost_in_the_middle(folder, kestra, kestrel):
    kestra.flows[KEYS[1]] = ["old"]
    kestra.faults.append(refused("PUT .*/b$", 503))
    done = kestrel("push", ".")
    assert done.code == 69
    assert done.out.splitlines()[:3] == [
        "company.team.c  created: revision 1",
        "company.team.b  not sent: there was no answer, so it may be there",
        "company.team.a  not sent",
    ]
    assert "3 flows: 1 created, 2 not sent" in done.out
    assert "answers with 503" in done.err
    shown = json.loads(kestrel("push", ".", "-o", "json").out)
    assert shown["exitCode"] == 69
    assert [one["change"] for one in shown["flows"]] == ["unchanged", "unsent", "unsent"]


def test_nobody_there_and_no_login(folder, kestra, kestrel):
    gone = kestrel("push", ".", "--server", "http://127.0.0.1:9", on=False)
    assert (gone.code, gone.out) == (69, "")
    wrong = kestrel("push", ".", KESTRA_PASSWORD="not-this-one")
    assert wrong.code == 3
    assert "does not take the user" in wrong.err
    assert sent(kestra) == []


def test_options_that_contradict_each_other(folder, kestrel):
    assert kestrel("push", ".", "--on", "prod").code == 2
    assert kestrel("push", ".", on=False).code == 2
    assert kestrel("push", "-").code == 2
    unknown = kestrel("push", ".", "--on", "nope", on=False, HOME="/nonexistent")
    assert (unknown.code, "no such context" in unknown.err) == (5, True)


def test_logins_are_never_shown(folder, kestra, kestrel):
    basic = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    kestra.faults.append(refused("PUT|POST .*/flows$", 422))
    for words in (["-o", "json"], [], ["--dry-run"]):
        done = kestrel("push", ".", *words)
        assert not any(one in done.out + done.err for one in (PASSWORD, basic))
