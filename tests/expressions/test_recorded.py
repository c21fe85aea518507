"""What a task run saw is rebuilt from the JSON of its execution."""

import json
from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.expressions.recorded import RecordedScope, find_run
from kestrel_cli.expressions.scope import MISSING, BareServices
from kestrel_cli.worker.attempt import Worker
from tests.cli.flows_here import CORE, written
from tests.support.cli import run_here

HEAD = """
id: seen
namespace: company.team
labels: {a.b: x, c: y}
variables: {v: [1, 2]}
inputs:
  - {id: name, type: STRING, defaults: Ada}
  - {id: deep.n, type: INT, defaults: 3}
tasks:
"""
RETURN = f"type: {CORE}.debug.Return"
FLOWS = {
    "loops in loops": f"""
  - {{id: first, {RETURN}, format: one}}
  - id: outer
    type: {CORE}.flow.ForEach
    values: [a, b]
    tasks:
      - {{id: mid, {RETURN}, format: "{{{{ taskrun.value }}}}"}}
      - id: inner
        type: {CORE}.flow.ForEach
        values: [1, 2]
        concurrencyLimit: 2
        tasks:
          - {{id: deep, {RETURN}, format: "{{{{ parent.taskrun.value }}}}"}}
          - id: choose
            type: {CORE}.flow.If
            condition: "{{{{ taskrun.value == '1' }}}}"
            then: [{{id: low, {RETURN}, format: y}}]
            else: [{{id: high, type: {CORE}.execution.Fail, allowFailure: true}}]
  - {{id: last, type: {CORE}.output.OutputValues, values: {{k: "{{{{ outputs.deep }}}}"}}}}
outputs:
  - {{id: o, type: STRING, value: "{{{{ outputs.first.value }}}}"}}
""",
    "retries and branches": f"""
  - id: again
    type: {CORE}.execution.Fail
    condition: "{{{{ taskrun.attemptsCount < 2 }}}}"
    retry: {{type: constant, interval: PT0.01S, maxAttempts: 3}}
  - id: pick
    type: {CORE}.flow.Switch
    value: b
    cases:
      b:
        - id: group
          type: {CORE}.flow.Sequential
          tasks: [{{id: inside, {RETURN}, format: "{{{{ parents }}}}"}}]
  - id: both
    type: {CORE}.flow.Parallel
    tasks:
      - {{id: one, {RETURN}, format: "1"}}
      - {{id: two, {RETURN}, format: "2"}}
  - {{id: fails, type: {CORE}.execution.Fail}}
errors:
  - {{id: mend, {RETURN}, format: "{{{{ outputs.one.value }}}}"}}
finally:
  - {{id: tidy, {RETURN}, format: "{{{{ outputs.two.value }}}}"}}
""",
}


def ran(
    text: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """The variables of every task run when it last began, by its id, and the execution as JSON."""
    live: dict[str, dict[str, Any]] = {}
    made = Worker._context

    def context(worker: Worker, run: Any) -> Any:
        found = made(worker, run)
        run_id = found.scope.lookup("taskrun")["id"]
        live[run_id] = json.loads(json.dumps(found.scope.variables()))
        return found

    monkeypatch.setattr(Worker, "_context", context)
    result = run_here(["run", written(folder, HEAD + text), "-o", "json"], folder)
    return live, json.loads(result.out)


def holds(whole: Any, part: Any) -> bool:
    """Whether `part` is in `whole`, map by map."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and holds(whole[key], item) for key, item in part.items())
    return bool(whole == part)


@pytest.mark.parametrize("name", FLOWS)
def test_a_task_run_sees_what_it_saw(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, document = ran(FLOWS[name], tmp_path, monkeypatch)
    assert {run["id"] for run in document["taskRunList"]} == set(live)
    for run in document["taskRunList"]:
        saw, sees = live[run["id"]], RecordedScope(document, run, BareServices({})).variables()
        # Kestra's JSON does not say a task's type. The execution has ended since, and others too.
        assert saw["task"].pop("type")
        assert saw["execution"].pop("state") == "RUNNING"
        for later in ("outputs", "execution"):
            assert holds(sees.pop(later), saw.pop(later)), (run["taskId"], later)
        assert set(sees.pop("tasks")) >= set(saw.pop("tasks"))
        assert sees == saw, run["taskId"]


def test_an_output_is_found_as_it_was_in_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, document = ran(FLOWS["loops in loops"], tmp_path, monkeypatch)
    run = find_run(document, "deep", "b")
    assert run is not None
    scope = RecordedScope(document, run, BareServices({}))
    assert scope.render("{{ outputs.deep[parent.taskrun.value]['1'].value }}") == "b"
    assert scope.render("{{ '{{ taskrun.value }}' }}", recursive=True) == "2"
    assert scope.lookup("nothing") is MISSING
    assert scope.part("taskrun", "value") is MISSING


def test_runs_are_found_by_task_and_by_any_value_around_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, document = ran(FLOWS["loops in loops"], tmp_path, monkeypatch)
    last = find_run(document, "deep", None)
    assert last is not None
    assert last["value"] == "2"
    inside = find_run(document, "low", "a")
    assert inside is not None
    assert inside["taskId"] == "low"
    assert find_run(document, "low", "2") is None
    assert find_run(document, "nobody", None) is None


def test_the_execution_itself_has_no_task_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, document = ran(FLOWS["loops in loops"], tmp_path, monkeypatch)
    scope = RecordedScope(document, None, BareServices({}))
    known = scope.variables()
    assert not {"task", "taskrun", "parent", "parents"} & set(known)
    assert scope.render("{{ execution.outputs.o }} {{ tasks.first.state }}") == "one SUCCESS"
    assert known["labels"]["a"] == {"b": "x"}


def test_a_document_with_little_in_it_is_no_error() -> None:
    scope = RecordedScope({}, None, BareServices({}))
    assert scope.variables()["outputs"] == {}
    assert scope.render("{{ flow.revision }}") == 1
