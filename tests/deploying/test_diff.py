"""`diff`: which executions it takes, what it shows, how it ends."""

import json

import pytest

from tests.support.kestra_plays import performed
from tests.support.kestra_server import PASSWORD

FLOW = """id: demo
namespace: company.team
inputs:
  - {id: name, type: STRING, defaults: Ada}
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [1, 2]
    tasks:
      - id: out
        type: io.kestra.plugin.core.debug.Return
        format: "{{ taskrun.value }} {{ execution.id }}"
  - {id: hi, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.name }}"}
outputs:
  - {id: o, type: STRING, value: "{{ outputs.hi.value }}"}
"""


@pytest.fixture
def ran(tmp_path, kestrel):
    """Three executions of a flow: two alike, one with another input."""
    (tmp_path / "flow.yaml").write_text(FLOW)
    for name, words in (("one", []), ("two", []), ("three", ["-i", "name=Bob"])):
        done = kestrel("run", "flow.yaml", *words, "-o", "json", "-q", on=False)
        assert done.code == 0
        (tmp_path / f"{name}.json").write_text(done.out)
    return tmp_path


def test_equal_runs(ran, kestrel):
    done = kestrel("diff", "one.json", "two.json", on=False)
    assert done.code == 0, done.out
    assert done.out.startswith("here   one.json  company.team.demo SUCCESS\nthere  two.json  ")
    assert done.out.splitlines()[-1].startswith("equal")


def test_runs_that_differ(ran, kestrel):
    done = kestrel("diff", "one.json", "last", "--width", "80", on=False)
    assert done.code == 1
    assert "\nhi: outputs.value\n  here   Ada\n  there  Bob\n  why    what a script" in done.out
    assert "3 differences" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())
    shown = json.loads(kestrel("diff", "one.json", "last", "-o", "json", on=False).out)
    assert (shown["equal"], shown["exitCode"]) == (False, 1)
    paths = [one["path"] for one in shown["differences"]]
    assert paths == ["inputs.name", "outputs.o", "hi: outputs.value"]
    assert shown["differences"][0]["here"] == "Ada"


def test_a_long_value_is_shown_where_it_differs(ran, kestrel):
    document = json.loads((ran / "one.json").read_text())
    for name, end in (("long", "x"), ("other", "y")):
        document["outputs"]["o"] = "a" * 300 + end + "\x1b[2J\n" + "b" * 300
        (ran / f"{name}.json").write_text(json.dumps(document))
    done = kestrel("diff", "long.json", "other.json", "--width", "80", "--color", "never", on=False)
    assert f"  here   ...{'a' * 10}x bbb" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())


def test_a_run_here_and_one_on_a_server(ran, kestra, kestrel):
    kestra.plays["company.team.demo"] = performed(FLOW)
    live = kestra.begin("company.team.demo").until("SUCCESS")
    done = kestrel("diff", "one.json", live.play.id)
    assert done.code == 0, done.out
    assert "equal" in done.out
    assert f"last on {kestra.url}" in kestrel("diff", "one.json", "last").out
    other = kestrel("diff", "three.json", live.play.id)
    assert other.code == 1
    assert PASSWORD not in done.out + done.err + other.out
    # The server's own document, saved by somebody.
    (ran / "theirs.json").write_text(json.dumps(live.document))
    assert kestrel("diff", "one.json", "theirs.json", on=False).code == 0


def test_a_server_that_keeps_outputs_apart(ran, kestra, kestrel):
    kestra.version = "2.0.0"
    kestra.plays["company.team.demo"] = performed(FLOW)
    live = kestra.begin("company.team.demo").until("SUCCESS")
    done = kestrel("diff", "one.json", live.play.id)
    assert done.code == 0, done.out


def test_what_is_no_execution(ran, kestra, kestrel):
    (ran / "text.json").write_text("no")
    (ran / "list.json").write_text("[]")
    whole = json.loads((ran / "one.json").read_text())
    wrong = {"state": "SUCCESS", "taskRunList": [1], "labels": [1], "executions": [1]}
    for name, value in wrong.items():
        (ran / f"{name}.json").write_text(json.dumps(whole | {name: value}))
    for name in ("text.json", "list.json", "missing.json", *(f"{one}.json" for one in wrong)):
        assert kestrel("diff", "one.json", name, on=False).code == 3
    assert kestrel("diff", "one.json", "nope", on=False).code == 5
    assert kestrel("diff", "one.json", "nope").code == 5
    assert kestrel("diff", "one.json", on=False).code == 2
    assert (
        kestrel("diff", "one.json", "last", "--server", "http://127.0.0.1:9", on=False).code == 69
    )
