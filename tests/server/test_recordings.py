"""Our requests are those that a real Kestra was asked, and we read what it answered."""

import json

import pytest

from kestrel_cli.errors import (
    Conflict,
    KestrelError,
    LoginRefused,
    NotThere,
    RenderError,
    ServerError,
)
from kestrel_cli.server import executions, files, flows, key_values, logs, namespace_files
from kestrel_cli.server.connection import connected
from kestrel_cli.server.credentials import credentials_of
from kestrel_cli.server.executions import Wanted
from kestrel_cli.server.mirror import Mirror
from kestrel_cli.server.starting import LABEL, Start, start
from tests.support import kestra_recordings as recorded

pytestmark = recorded.needs_recordings

TEAM = "company.team"
DOES_NOT_EXIST = "doesNotExist12345"


def execution_in(request):
    """The id of the execution in the path of a recorded request."""
    return request["path"].split("/")[5]


def get(server, request, _):
    return executions.get(server, execution_in(request))


def validate(server, request, _):
    return flows.validated(server, request["body"])


def create(server, request, _):
    source = request["body"]
    return server.send("POST", server.path("flows"), (), flows._body(source), flows.YAML).status


def update(server, request, _):
    path = server.path("flows", TEAM, request["path"].rpartition("/")[2])
    return server.send("PUT", path, (), flows._body(request["body"]), flows.YAML).status


def source_of(server, request, _):
    revision = dict(request["query"]).get("revision")
    flow = request["path"].rpartition("/")[2]
    return flows.stored(server, TEAM, flow, None if revision is None else int(revision))


def begin(server, request, folder):
    flow = request["path"].rpartition("/")[2]
    query = [(key, value) for key, value in request["query"]]
    labels = [tuple(value.split(":", 1)) for key, value in query if key == "labels"]
    fields = {key: value for key, value in query if key != "labels"}
    return start(
        server,
        Start(
            TEAM,
            flow,
            inputs_of(request, folder),
            labels,
            revision=int(fields["revision"]) if "revision" in fields else None,
            breakpoints=fields.get("breakpoints", "").split() or (),
        ),
    )


def inputs_of(request, folder):
    found = {}
    for part in request["body"]["multipart"] if isinstance(request["body"], dict) else ():
        found[part["name"]] = part["text"]
        if "filename" in part:
            place = folder / part["filename"]
            place.write_text(part["text"])
            found[part["name"]] = place
    return found


def kill(server, request, _):
    return executions.kill(server, execution_in(request))


def restart(server, request, _):
    return executions.restart(server, execution_in(request))


def replay(server, request, folder):
    task_run = dict(request["query"]).get("taskRunId")
    again = inputs_of(request, folder) if "with-inputs" in request["path"] else None
    return executions.replay(server, execution_in(request), task_run=task_run, inputs=again)


def resume(server, request, folder):
    return executions.resume(server, execution_in(request), inputs_of(request, folder))


def check_resume(server, request, folder):
    return executions.check_resume(server, execution_in(request), inputs_of(request, folder))


def check_inputs(server, request, folder):
    return executions.check_inputs(server, TEAM, "typed", inputs_of(request, folder))


def pause(server, request, _):
    return executions.pause(server, execution_in(request))


def label(server, request, _):
    words = {"labels-running": [("a", "b")], "labels-ended": [("reviewed", "yes")]}
    return executions.label(server, execution_in(request), words[request["name"]])


def evaluate(server, request, _):
    below = request["path"].split("/")[7:]
    name = execution_in(request)
    return executions.evaluate(server, name, request["body"], below[0] if below else None)


def breakpoint_left(server, request, _):
    return executions.resume_from_breakpoint(server, execution_in(request))


def entries(server, request, _):
    return logs.entries(server, execution_in(request))


def download(server, request, folder):
    uri = dict(request["query"])["path"]
    target = folder / files.name_of(uri)
    files.download(server, execution_in(request), uri, target)
    return target.read_text()


def namespace_list(server, request, _):
    return namespace_files.listed(server, TEAM)


def namespace_get(server, request, _):
    return namespace_files.content(server, TEAM, dict(request["query"])["path"])


def namespace_put(server, request, folder):
    path = dict(request["query"])["path"]
    place = folder / "local"
    place.write_text(request["body"]["multipart"][0]["text"])
    return namespace_files.put(server, TEAM, path, place)


def kv_get(server, request, _):
    return key_values.get(server, TEAM, request["path"].rpartition("/")[2])


def kv_put(server, request, _):
    values = {"city": "Berlin", "limit": 42, "conf": {"a": [1, 2], "b": None}}
    key = request["path"].rpartition("/")[2]
    more = {"ttl": "PT1H", "about": "upper bound"} if key == "limit" else {}
    return key_values.put(server, TEAM, key, values[key], **more)


def kv_list(server, request, _):
    return [one["key"] for one in key_values.listed(server, TEAM)]


def kv_delete(server, request, _):
    return key_values.delete(server, TEAM, request["path"].rpartition("/")[2])


def flow_of(server, request, _):
    return executions.flow_of(server, execution_in(request))


# By name: how our client asks the same, and what comes of it; an error by its class.
EXCHANGES = {
    "validate-good": (validate, lambda said: said.problem is None),
    "validate-constraints": (validate, lambda said: "Duplicate task id" in said.problem),
    "validate-bad-yaml": (validate, lambda said: "YAML parsing error" in said.problem),
    "validate-deprecated": (validate, lambda said: said.deprecated),
    "validate-empty": (validate, lambda said: "No content" in said.problem),
    "flow-create": (create, lambda status: status == 200),
    "flow-create-again": (create, ServerError),
    "flow-create-constraint": (create, ServerError),
    "flow-update": (update, lambda status: status == 200),
    "flow-update-not-there": (update, NotThere),
    "flow-get-source": (source_of, lambda found: found.revision == 3 and "greet" in found.source),
    "flow-get-revision": (source_of, lambda found: found.revision == 1),
    "execution-start": (begin, lambda found: found["url"].endswith(found["id"])),
    "execution-start-typed": (begin, lambda found: found["inputs"]["count"] == 7),
    "execution-start-missing-input": (begin, ServerError),
    "execution-start-file": (begin, lambda found: "notes.txt" in found["inputs"]["data"]),
    "execution-start-unknown-flow": (begin, NotThere),
    "execution-start-disabled": (begin, Conflict),
    "execution-start-labels": (begin, lambda found: found["labels"][1]["key"] == "owner"),
    "execution-start-label-with-colon": (begin, lambda found: "10:30" in str(found["labels"])),
    "execution-start-revision": (begin, lambda found: found["flowRevision"] == 1),
    "execution-start-unknown-revision": (begin, NotThere),
    "execution-start-breakpoint": (begin, lambda found: found["breakpoints"]),
    "execution-validate-inputs": (check_inputs, lambda problems: "`count`" in problems[0]),
    "execution-get-ended": (get, lambda found: found["outputs"] == {"text": "weekly x 7"}),
    "execution-get-unknown": (get, NotThere),
    "resume-missing-input": (resume, ServerError),
    "resume-validate-missing-input": (check_resume, lambda problems: "approved" in problems[0]),
    "resume-validate": (check_resume, lambda problems: problems == []),
    "resume": (resume, lambda nothing: nothing is None),
    "resume-not-paused": (resume, Conflict),
    "resume-unknown": (resume, NotThere),
    "kill": (kill, lambda nothing: nothing is None),
    "kill-ended": (kill, lambda nothing: nothing is None),
    "kill-unknown": (kill, NotThere),
    "restart": (restart, lambda found: found["state"]["current"] == "RESTARTED"),
    "restart-successful": (restart, ServerError),
    "replay": (replay, lambda found: found["parentId"] == found["originalId"]),
    "replay-from-task": (replay, lambda found: found["taskRunList"]),
    "replay-unknown": (replay, NotThere),
    "replay-unknown-task-run": (replay, ServerError),
    "replay-with-inputs": (replay, lambda found: found["inputs"]["title"] == "monthly"),
    "labels-running": (label, ServerError),
    "labels-ended": (label, lambda nothing: nothing is None),
    "pause-running": (pause, lambda nothing: nothing is None),
    "pause-ended": (pause, ServerError),
    "resume-from-breakpoint": (breakpoint_left, lambda nothing: nothing is None),
    "eval": (evaluate, lambda text: text.startswith("DONE ")),
    "eval-error": (evaluate, RenderError),
    "eval-task-run": (evaluate, lambda text: text == "two 1"),
    "eval-unknown-execution": (evaluate, NotThere),
    "logs": (entries, lambda found: [one.level for one in found][2:4] == ["WARN", "WARN"]),
    "logs-failed": (entries, lambda found: found[-1].level in ("ERROR", "TRACE")),
    "logs-unknown-execution": (entries, lambda found: found == []),
    "file-download": (download, lambda text: text == "first line\nsecond line\n"),
    "file-not-there": (download, NotThere),
    "file-outside": (download, ServerError),
    "nsfile-search": (namespace_list, lambda found: "scripts/main.py" in found),
    "nsfile-get": (namespace_get, lambda data: b"print" in data),
    "nsfile-get-unknown": (namespace_get, lambda data: data is None),
    "nsfile-upload": (namespace_put, lambda nothing: nothing is None),
    "nsfile-upload-spaces": (namespace_put, lambda nothing: nothing is None),
    "nsfile-flows-folder": (namespace_get, ServerError),
    "kv-put-string": (kv_put, lambda nothing: nothing is None),
    "kv-put-number": (kv_put, lambda nothing: nothing is None),
    "kv-put-object": (kv_put, lambda nothing: nothing is None),
    "kv-get-city": (kv_get, lambda found: found == ("Berlin", "STRING")),
    "kv-get-conf": (kv_get, lambda found: found == ({"a": [1, 2]}, "JSON")),
    "kv-get-unknown": (kv_get, lambda found: found is None),
    "kv-get-expired": (kv_get, lambda found: found is None),
    "kv-list": (kv_list, lambda keys: keys == ["bare", "city", "conf", "limit", "soon"]),
    "kv-delete": (kv_delete, lambda was_there: was_there),
    "kv-delete-unknown": (kv_delete, lambda was_there: not was_there),
    "execution-flow": (flow_of, lambda found: found["id"] == "greet"),
}


@pytest.mark.parametrize("name", EXCHANGES)
def test_we_ask_what_was_asked_and_read_what_was_answered(name, server, kestra, tmp_path):
    call, expected = EXCHANGES[name]
    recording = recorded.exchange(name)
    kestra.answers.append(name)
    request = recording["request"] | {"name": name}
    if isinstance(expected, type):
        with pytest.raises(expected):
            call(server, request, tmp_path)
    else:
        assert expected(call(server, request, tmp_path))
    assert_like(kestra.asked[0], recording["request"])


def assert_like(asked, wanted):
    """The same request in all that a server looks at. A start has a label of ours as well."""
    query = [pair for pair in asked.query if not pair[1].startswith(f"{LABEL}:")]
    assert (asked.method, asked.path) == (wanted["method"], wanted["path"].replace("%20", " "))
    assert sorted(query) == sorted((key, value) for key, value in wanted["query"])
    body = wanted["body"]
    if isinstance(body, dict):
        assert asked.kind == "multipart/form-data"
        parts = [(part["name"], part.get("filename"), part["text"]) for part in body["multipart"]]
        ours = [(one["name"], one["filename"], one["content"].decode()) for one in asked.parts]
        if wanted["path"].endswith("/files"):  # under the name that it is to have
            assert [one[::2] for one in ours] == [one[::2] for one in parts]
        else:
            assert ours == parts
        return
    if body is not None and "/labels" in asked.path:
        assert asked.body.decode().replace(" ", "") == body
    elif body is not None and "/kv/" in asked.path:
        assert json.loads(asked.body) == json.loads(body)
    elif body is not None:
        assert asked.body.decode() == body
    headers = {key.lower(): value for key, value in wanted["headers"].items()}
    for header in ("content-type", "ttl", "description"):
        assert asked.headers.get(header) == headers.get(header), header


def test_a_server_with_another_password_refuses_us(asking, kestra):
    kestra.login = ("ann", "another one")
    with pytest.raises(LoginRefused) as caught:
        connected(asking(credentials=credentials_of("ann", "the old one", None, {})))
    assert recorded.exchange("wrong-password")["response"]["status"] == caught.value.status
    assert "the old one" not in f"{caught.value}{caught.value.hint}{asking().context!r}"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("executions-search-namespace", Wanted(namespace=TEAM, size=2)),
        ("executions-search-flow", Wanted(namespace=TEAM, flow="tolerant")),
        ("executions-search-label", Wanted(labels={"env": "test"})),
        ("executions-search-state", Wanted(states=("FAILED", "WARNING"), size=2)),
        ("executions-search-none", Wanted(flow="nope")),
    ],
)
def test_searches_filter_as_the_recorded_ones_did(name, wanted, server, kestra, monkeypatch):
    recording = recorded.exchange(name)
    monkeypatch.setattr("tests.support.kestra_http.is_like", lambda *_: True)
    kestra.answers.append(name)
    found = executions.search(server, wanted)
    assert len(found) == len(recorded.answer_of(name)["results"])
    for document in found:
        Mirror(document)
    filters = [pair for pair in kestra.asked[0].query if pair[0].startswith("filters")]
    wanted_query = [tuple(one) for one in recording["request"]["query"]]
    assert filters == [pair for pair in wanted_query if pair[0].startswith("filters")]


def test_the_search_of_old_versions_has_a_parameter_for_each_field(server, kestra, monkeypatch):
    recording = recorded.exchange("executions-search-old-parameters")
    monkeypatch.setattr("tests.support.kestra_http.is_like", lambda *_: True)
    kestra.answers.append("executions-search-old-parameters")
    server.surface.version = (0, 21)
    found = executions.search(server, Wanted(TEAM, "greet", labels={"env": "test"}, size=2))
    assert len(found) == 1
    wanted = [tuple(one) for one in recording["request"]["query"]]
    assert set(wanted) <= set(kestra.asked[0].query)


REFUSALS = [one for one in recorded.names() if recorded.exchange(one)["response"]["status"] >= 400]


@pytest.mark.parametrize("name", REFUSALS)
def test_every_refusal_has_an_error_with_words(name, server, kestra):
    response = recorded.exchange(name)["response"]
    kestra.answers.append(name)
    request = recorded.exchange(name)["request"]
    with pytest.raises(KestrelError) as caught:
        server.send(request["method"], request["path"], tuple(map(tuple, request["query"])))
    words = str(caught.value)
    assert words
    assert "_links" not in words
    assert len(words.splitlines()[0]) < 500
    codes = {401: 3, 404: 5, 410: 5, 500: 69}
    assert caught.value.exit_code == codes.get(response["status"], 3)


def test_files_have_names_that_fit_a_folder():
    uri = "kestra:///company/team/report/executions/x/tasks/write/y/my%2Ffile:1.txt"
    assert files.name_of(uri) == "file_1.txt"
    assert files.name_of("kestra:///") == "file"
    assert files.name_of("kestra:///a/..%2F..%2Fetc") == "etc"
    assert files.name_of("kestra:///a/..") == "file"
