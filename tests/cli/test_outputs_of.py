"""`run --outputs-of`: a part run takes over the outputs of an earlier execution."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.flows_here import CORE, written
from tests.cli.past import document, journal, ran, task_run
from tests.support.cli import Result, run_here

FLOW = f"""
id: etl
namespace: company.team
inputs:
  - {{id: day, type: STRING}}
  - {{id: times, type: INT, defaults: 2}}
tasks:
  - {{id: extract, type: {CORE}.debug.Return, format: "rows of {{{{ inputs.day }}}}"}}
  - {{id: file, type: {CORE}.storage.Write, content: "in a file", extension: .txt}}
  - id: each
    type: {CORE}.flow.ForEach
    values: [north, south]
    tasks:
      - {{id: prep, type: {CORE}.debug.Return, format: "p {{{{ taskrun.value }}}}"}}
      - id: load
        type: {CORE}.debug.Return
        format: "{{{{ outputs.prep[taskrun.value].value }}}} VERSION"
  - id: transform
    type: {CORE}.debug.Return
    format: "{{{{ outputs.extract.value }}}}, {{{{ inputs.times }}}}"
  - id: reads
    type: {CORE}.debug.Return
    format: "{{{{ read(outputs.file.uri) }}}} {{{{ outputs.load | json }}}}"
"""


def part(folder: Path, *options: str, flow: str = FLOW) -> Result:
    return run_here(["run", written(folder, flow), "-o", "json", "-qq", *options], folder)


def value_of(result: Result, task: str) -> Any:
    return task_run(result, task)["outputs"]["value"]


def tasks_of(result: Result) -> list[str]:
    return [one["taskId"] for one in document(result)["taskRunList"]]


def test_what_lies_before_is_taken_over_with_inputs_and_files(tmp_path: Path) -> None:
    ran(tmp_path, FLOW, "-i", "day=monday", "-i", "times=5")
    result = part(tmp_path, "--from", "transform", "--outputs-of", "last")
    assert (result.code, tasks_of(result)) == (0, ["transform", "reads"])
    assert value_of(result, "transform") == "rows of monday, 5"
    assert value_of(result, "reads").startswith("in a file ")


def test_inputs_that_are_given_come_first(tmp_path: Path) -> None:
    name = ran(tmp_path, FLOW, "-i", "day=monday")
    result = part(tmp_path, "--from", "transform", "--outputs-of", name[:8], "-i", "times=9")
    assert value_of(result, "transform") == "rows of monday, 9"


def test_the_flow_may_have_been_edited(tmp_path: Path) -> None:
    ran(tmp_path, FLOW, "-i", "day=monday")
    edited = FLOW.replace("VERSION", "2")
    result = part(tmp_path, "--from", "load[north]", "--outputs-of", "last", flow=edited)
    assert tasks_of(result) == ["each", "load", "transform", "reads"]
    shown = json.loads(value_of(result, "reads").partition("in a file ")[2])
    assert shown == {"north": {"value": "p north 2"}, "south": {"value": "p south VERSION"}}


def test_part_runs_follow_each_other(tmp_path: Path) -> None:
    """What a part run took over is there for the next one, as well as what it made."""
    ran(tmp_path, FLOW, "-i", "day=monday")
    edited = FLOW.replace("VERSION", "2")
    part(tmp_path, "--only", "load", "--outputs-of", "last", flow=edited)
    result = part(tmp_path, "--only", "reads", "--outputs-of", "last", flow=edited)
    assert '"p south 2"' in value_of(result, "reads")


def test_a_part_run_that_took_nothing_is_not_the_last(tmp_path: Path) -> None:
    ran(tmp_path, FLOW, "-i", "day=monday")
    assert part(tmp_path, "--from", "transform", "-i", "day=x").code == 1
    assert part(tmp_path, "--from", "transform", "--outputs-of", "last").code == 0


def test_the_files_stay_when_the_earlier_execution_goes(tmp_path: Path) -> None:
    ran(tmp_path, FLOW, "-i", "day=monday")
    taken = part(tmp_path, "--only", "transform", "--outputs-of", "last")
    assert taken.code == 0
    assert run_here(["executions", "prune", "--keep", "1"], tmp_path).code == 0
    result = part(tmp_path, "--only", "reads", "--outputs-of", "last")
    assert value_of(result, "reads").startswith("in a file ")


def test_iterations_of_a_loop_see_their_own(tmp_path: Path) -> None:
    flow = f"""
id: looping
namespace: company.team
tasks:
  - id: loop
    type: {CORE}.flow.Loop
    values: [north, south]
    tasks:
      - {{id: prep, type: {CORE}.debug.Return, format: "p {{{{ item.value }}}}"}}
      - {{id: load, type: {CORE}.debug.Return, format: "{{{{ outputs.prep.value }}}} loaded"}}
"""
    ran(tmp_path, flow)
    result = part(tmp_path, "--only", "load", "--outputs-of", "last", flow=flow)
    loads = [
        run["outputs"]["value"]
        for one in document(result)["executions"]
        for run in one["taskRunList"]
    ]
    assert loads == ["p north loaded", "p south loaded"]


def test_outputs_of_subflows_are_taken_over(tmp_path: Path) -> None:
    called = f"""
id: called
namespace: company.team
tasks:
  - {{id: one, type: {CORE}.debug.Return, format: inside}}
outputs:
  - {{id: found, type: STRING, value: "{{{{ outputs.one.value }}}}"}}
"""
    flow = f"""
id: calls
namespace: company.team
tasks:
  - {{id: sub, type: {CORE}.flow.Subflow, namespace: company.team, flowId: called}}
  - {{id: after, type: {CORE}.debug.Return, format: "{{{{ outputs.sub.outputs.found }}}}"}}
"""
    written(tmp_path, called, "called.yaml")
    ran(tmp_path, flow)
    result = part(tmp_path, "--from", "after", "--outputs-of", "last", flow=flow)
    assert value_of(result, "after") == "inside"


def test_a_mock_comes_before_what_is_taken_over(tmp_path: Path) -> None:
    ran(tmp_path, FLOW, "-i", "day=monday")
    mocked = 'extract={"value": "made up"}'
    result = part(tmp_path, "--only", "transform", "--outputs-of", "last", "--mock", mocked)
    assert value_of(result, "transform") == "made up, 2"


NESTED = f"""
id: nested
namespace: company.team
tasks:
  - id: years
    type: {CORE}.flow.ForEach
    values: [y1, y2]
    tasks:
      - id: months
        type: {CORE}.flow.ForEach
        values: [m1, m2]
        tasks:
          - {{id: made, type: {CORE}.debug.Return, format: VERSION}}
  - {{id: all, type: {CORE}.debug.Return, format: "{{{{ outputs.made | json }}}}"}}
"""


def test_of_nested_loops_only_the_value_that_runs_is_new(tmp_path: Path) -> None:
    ran(tmp_path, NESTED)
    edited = NESTED.replace("VERSION", "new")
    result = part(tmp_path, "--from", "made[y1][m2]", "--outputs-of", "last", flow=edited)
    shown = json.loads(value_of(result, "all"))
    values = {
        (year, month): one["value"] for year, held in shown.items() for month, one in held.items()
    }
    assert values == {
        ("y1", "m1"): "VERSION",
        ("y1", "m2"): "new",
        ("y2", "m1"): "VERSION",
        ("y2", "m2"): "VERSION",
    }


def test_a_replay_of_a_part_run_has_what_that_had(tmp_path: Path) -> None:
    ran(tmp_path, FLOW, "-i", "day=monday")
    part(tmp_path, "--from", "transform", "--outputs-of", "last")
    for options in ([], ["--task", "reads"]):
        result = run_here(["replay", "last", "-o", "json", "-qq", *options], tmp_path)
        assert result.code == 0
        assert value_of(result, "reads").startswith("in a file ")


PAUSES = f"""
id: waits
namespace: company.team
tasks:
  - {{id: first, type: {CORE}.debug.Return, format: one}}
  - {{id: gate, type: {CORE}.flow.Pause}}
  - {{id: last, type: {CORE}.debug.Return, format: "{{{{ outputs.first.value }}}}"}}
"""


def test_who_goes_on_with_it_has_them_too(tmp_path: Path) -> None:
    ran(tmp_path, PAUSES)
    options = ("--from", "gate", "--outputs-of", "last", "--pause", "wait")
    name = document(part(tmp_path, *options, flow=PAUSES))["id"]
    result = run_here(["resume", name, "-o", "json", "-qq"], tmp_path)
    assert value_of(result, "last") == "one"


HIDDEN = f"""
id: hiding
namespace: company.team
tasks:
  - {{id: first, type: {CORE}.debug.Return, format: "it is {{{{ secret('TOKEN') }}}}"}}
  - {{id: last, type: {CORE}.debug.Return, format: "{{{{ outputs.first.value | length }}}}"}}
"""


def test_secrets_stay_hidden_and_are_given_again(tmp_path: Path) -> None:
    written(tmp_path, HIDDEN)
    options = ["run", "flow.yaml", "-o", "json", "-qq"]
    again = [*options, "--from", "last", "--outputs-of", "last"]
    token = {"KESTREL_SECRET_TOKEN": "hunter2-hunter2"}
    assert run_here(options, tmp_path, token).code == 0
    without = run_here(again, tmp_path)
    assert without.code == 3
    assert "the secret `TOKEN` is not kept" in without.err
    result = run_here(again, tmp_path, token)
    assert value_of(result, "last") == "21"
    text = journal(tmp_path, document(result)["id"]).read_text("utf-8")
    assert "hunter2" not in text


# -- what is refused, and what helps


def test_it_needs_a_part(tmp_path: Path) -> None:
    ran(tmp_path, FLOW, "-i", "day=x")
    result = part(tmp_path, "--outputs-of", "last")
    assert (result.code, "needs `--from TASK` or `--only TASK`" in result.err) == (2, True)


def test_an_execution_of_another_flow_is_refused(tmp_path: Path) -> None:
    name = ran(tmp_path, PAUSES)
    result = part(tmp_path, "--from", "transform", "--outputs-of", name, "-i", "day=x")
    assert result.code == 2
    assert f"{name} is an execution of the flow company.team.waits, and this is" in result.err


@pytest.mark.parametrize("wanted", ["last", "nosuch"])
def test_an_execution_that_is_not_there_is_told(wanted: str, tmp_path: Path) -> None:
    ran(tmp_path, PAUSES)
    result = part(tmp_path, "--from", "transform", "--outputs-of", wanted, "-i", "day=x")
    assert (result.code, "there is no execution" in result.err) == (5, True)


def failure(folder: Path, *options: str) -> str:
    arguments = ["run", written(folder, FLOW), "--from", "transform", "-i", "day=x", *options]
    result = run_here(arguments, folder)
    assert result.code == 1
    return result.out


def test_without_it_the_error_names_what_helps(tmp_path: Path) -> None:
    mock = """`--mock 'extract={"value": "..."}'` gives them"""
    told = failure(tmp_path)
    assert f"it is left out by `--from transform`; {mock}" in told
    assert "--outputs-of" not in told
    name = ran(tmp_path, FLOW, "-i", "day=x")
    told = failure(tmp_path)
    assert f"`--outputs-of last` takes them from {name}; {mock}" in told
    assert f"`kestrel replay {name} --task transform` repeats the flow as it was then" in told


def test_what_the_earlier_execution_lacks_is_told(tmp_path: Path) -> None:
    other = FLOW.replace("id: extract", "id: older").replace("outputs.extract", "outputs.older")
    name = ran(tmp_path, other, "-i", "day=x")
    told = failure(tmp_path, "--outputs-of", "last")
    assert f"{name}, whose outputs are taken, has none of it" in told
    assert "`--outputs-of ID` names another execution" in told
