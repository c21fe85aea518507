"""Tasks that ask for executions of the past, go on with them and take them away."""

import json
import os
from pathlib import Path

import pytest

from tests.support.cli import Result, run_here

CORE = "io.kestra.plugin.core"
SHOP = f"""
id: shop
namespace: company.team
inputs: [{{id: fails, type: BOOLEAN, defaults: false}}]
tasks:
  - {{id: note, type: {CORE}.storage.Write, content: hello}}
  - {{id: bad, type: {CORE}.execution.Fail, condition: "{{{{ inputs.fails }}}}"}}
"""
GATE = f"""
id: gate
namespace: company.team
tasks:
  - id: ask
    type: {CORE}.flow.Pause
    onResume: [{{id: word, type: STRING}}, {{id: more, type: JSON}}]
  - id: told
    type: {CORE}.kv.Set
    key: told
    value: "{{{{ outputs.ask.onResume.word }}}} {{{{ outputs.ask.onResume.more.n }}}}"
"""


def flow_of(name: str, **properties: object) -> str:
    task = {"id": "task", "type": f"{CORE}.{name}", **properties}
    flow = {"id": "asks", "namespace": "company", "tasks": [task]}
    return json.dumps(flow)


class Place:
    """A folder with flows and state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, text: str, *options: str) -> Result:
        (self.folder / "flow.yaml").write_text(text)
        return run_here(["run", "flow.yaml", "-o", "json", *options], self.folder)

    def outputs(self, text: str) -> dict[str, object]:
        found = self.run(text)
        assert found.code == 0, found.err
        return json.loads(found.out)["taskRunList"][0].get("outputs", {})

    def states(self) -> list[tuple[str, str]]:
        told = run_here(["executions", "list", "-o", "json"], self.folder).out
        return [(one["flowId"], one["state"]["current"]) for one in json.loads(told)]

    def stored(self) -> list[str]:
        storage = self.folder / ".state/kestrel/storage"
        return [name for _, _, names in os.walk(storage) for name in names]


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    made.run(SHOP)
    made.run(SHOP, "-i", "fails=true")
    made.run(SHOP.replace("company.team", "company.other"))
    return made


def test_executions_of_flows_and_namespaces_are_counted(place):
    flows = [
        {"namespace": "company.team", "flowId": "shop"},
        {"namespace": "company.team", "flowId": "none"},
    ]
    since = {"startDate": "{{ now() | dateAdd(-1, 'HOURS') }}"}
    found = place.outputs(
        flow_of("execution.Count", flows=flows, expression="{{ count >= 0 }}", **since)
    )
    assert found["results"] == [
        {"namespace": "company.team", "flowId": "shop", "count": 2},
        {"namespace": "company.team", "flowId": "none", "count": 0},
    ]
    assert found["total"] == 2
    none = flow_of("execution.Count", flows=flows, expression="{{ count == 0 }}", **since)
    assert [one["flowId"] for one in place.outputs(none)["results"]] == ["none"]
    spaces = flow_of(
        "execution.Count",
        namespaces=["company.team", "company.other", "nowhere"],
        states=["SUCCESS"],
        expression="{{ true }}",
        **since,
    )
    assert place.outputs(spaces)["results"] == [
        {"namespace": "company.team", "count": 1},
        {"namespace": "company.other", "count": 1},
    ]
    later = {"startDate": "{{ now() | dateAdd(1, 'HOURS') }}"}
    assert (
        place.outputs(flow_of("execution.Count", flows=flows, expression="true", **later))["total"]
        == 0
    )


def test_something_has_to_be_counted(place):
    found = place.run(flow_of("execution.Count", startDate="{{ now() }}", expression="true"))
    assert "You must provide a list of flows or namespaces." in found.err
    found = place.run(
        flow_of("execution.Count", namespaces=["a"], startDate="yesterday", expression="true")
    )
    assert "`startDate` must be a date and time with an offset" in found.err


def test_executions_are_purged_with_their_files(place):
    assert len(place.stored()) == 3
    purge = {"endDate": "{{ now() }}", "namespace": "company.team"}
    found = place.outputs(flow_of("execution.PurgeExecutions", states=["FAILED"], **purge))
    assert (found["executionsCount"], found["storagesCount"]) == (1, 1)
    assert found["logsCount"] >= 1
    assert ("shop", "FAILED") not in place.states()
    assert len(place.stored()) == 2
    files = flow_of("execution.PurgeExecutions", flowId="shop", purgeExecution=False, **purge)
    assert place.outputs(files)["storagesCount"] == 1
    assert place.states().count(("shop", "SUCCESS")) == 2
    every = flow_of("execution.PurgeExecutions", endDate="{{ now() }}", namespace="company")
    place.outputs(every)
    assert place.states() == [("asks", "SUCCESS")]  # what ran stays


def test_files_in_storage_are_purged_by_their_age(place):
    until = {"endDate": "{{ now() | dateAdd(1, 'HOURS') }}", "namespace": "company.team"}
    found = place.outputs(flow_of("storage.PurgeStorage", **until))
    assert found == {"scannedCount": 2, "purgedCount": 2, "deletedFilesCount": 0}
    assert len(place.stored()) == 3
    before = {"endDate": "{{ now() | dateAdd(-1, 'HOURS') }}", "dryRun": False}
    assert place.outputs(flow_of("storage.PurgeStorage", **before))["deletedFilesCount"] == 0
    flow = flow_of("storage.PurgeStorage", flowId="shop", dryRun=False, **until)
    assert place.outputs(flow)["deletedFilesCount"] == 2
    assert len(place.stored()) == 1
    found = place.run(flow_of("storage.PurgeStorage", flowId="shop", endDate="{{ now() }}"))
    assert "'namespace' is required when 'flowId' is set." in found.err


def test_a_paused_execution_is_resumed_with_inputs(place):
    assert place.run(GATE, "--pause", "wait").code == 0
    assert ("gate", "PAUSED") in place.states()
    given = {"word": "it's = fine", "more": {"n": 3}}
    flow = flow_of("execution.Resume", namespace="company.team", flowId="gate", inputs=given)
    found = place.run(flow)
    assert found.code == 0, found.err
    told = json.loads(found.out)["variables"]["resumedExecution"]
    assert (told["namespace"], told["flowId"]) == ("company.team", "gate")
    assert ("gate", "SUCCESS") in place.states()
    read = place.outputs(flow_of("kv.Get", key="told", namespace="company.team"))
    assert read["value"] == "it's = fine 3"
    again = place.run(flow_of("execution.Resume", executionId=told["id"]))
    assert f"the execution {told['id']} can't be resumed" in again.err
    assert "there is nothing to resume" in again.err


def test_it_has_the_secrets_that_were_given(place):
    gate = GATE.replace("{{ outputs.ask.onResume.word }}", "{{ secret('word') }}")
    (place.folder / "secrets").write_text("WORD=between us")
    options = ["--secrets-file", "secrets"]
    place.run(gate, "--pause", "wait", *options)
    given = {"word": "x", "more": {"n": 3}}
    flow = flow_of("execution.Resume", namespace="company.team", flowId="gate", inputs=given)
    found = place.run(flow, *options)
    assert found.code == 0, found.err
    assert ("gate", "SUCCESS") in place.states()


def test_what_can_t_be_resumed_is_told(place):
    found = place.run(flow_of("execution.Resume"))
    assert "can't be resumed by a task of its own" in found.err
    found = place.run(flow_of("execution.Resume", namespace="a", flowId="b"))
    assert "no execution of the flow `a.b` is paused" in found.err
    found = place.run(flow_of("execution.Resume", executionId="4uQm"))
    assert "No execution found for execution id 4uQm" in found.err
