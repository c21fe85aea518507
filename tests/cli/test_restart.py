"""`kestrel restart`: the failed tasks of an execution, again."""

import json
from pathlib import Path

import pytest

from tests.cli.flows_here import CORE, FAILS, HELLO, SLEEPS, WARNS, written
from tests.cli.past import (
    FLAKY,
    GATES,
    READY,
    SECRET,
    again,
    died,
    document,
    labels,
    ran,
    runs,
    steps,
    task_run,
)
from tests.support.cli import run_here

NOT_READY = "kv('ready', errorOnMissing=false) != 'yes'"
HEAD = "id: nested\nnamespace: company.team\ntasks:\n"
FLOW = f"{CORE}.flow"


def log(name: str) -> str:
    """A task on one line."""
    return f"{{id: {name}, type: {CORE}.log.Log, message: {name}}}"


def fails(when: str = NOT_READY, name: str = "try") -> str:
    """A task that fails until the key-value is there."""
    return f'{{id: {name}, type: {CORE}.execution.Fail, condition: "{{{{ {when} }}}}"}}'


SHAPES = {
    "sequential": f"""
  - id: box
    type: {FLOW}.Sequential
    tasks: [{log("one")}, {fails()}, {log("two")}, {log("three")}]
    errors: [{log("sorry")}]
    finally: [{log("tidy")}]
  - {log("last")}
""",
    "loop": f"""
  - id: each
    type: {FLOW}.ForEach
    values: [a, b, c]
    tasks: [{log("one")}, {fails(f"taskrun.value == 'b' and {NOT_READY}")}, {log("two")}]
    errors: [{log("sorry")}]
  - {log("last")}
""",
    "loop all at once": f"""
  - id: each
    type: {FLOW}.ForEach
    values: [a, b, c]
    concurrencyLimit: 0
    tasks: [{log("one")}, {fails(f"taskrun.value == 'b' and {NOT_READY}")}, {log("two")}]
  - {log("last")}
""",
    "loop two at once": f"""
  - id: each
    type: {FLOW}.ForEach
    values: [a, b, c, d]
    concurrencyLimit: 2
    tasks: [{fails(f"taskrun.value == 'a' and {NOT_READY}")}, {log("two")}]
  - {log("last")}
""",
    "parallel": f"""
  - id: side
    type: {FLOW}.Parallel
    concurrent: 2
    tasks: [{log("one")}, {fails()}, {log("two")}, {log("three")}]
  - {log("last")}
""",
    "dag": f"""
  - id: graph
    type: {FLOW}.Dag
    tasks:
      - {{task: {log("one")}, dependsOn: [try]}}
      - {{task: {fails()}, dependsOn: [two]}}
      - {{task: {log("two")}}}
      - {{task: {log("three")}, dependsOn: [one, two]}}
  - {log("last")}
""",
    "branches": f"""
  - id: maybe
    type: {FLOW}.If
    condition: "{{{{ true }}}}"
    then:
      - id: choose
        type: {FLOW}.Switch
        value: a
        cases:
          a: [{log("one")}, {fails()}, {log("two")}]
      - {log("three")}
  - {log("last")}
""",
    "two that fail": f"""
  - id: side
    type: {FLOW}.Parallel
    tasks:
      - id: left
        type: {FLOW}.Sequential
        tasks: [{fails(name="try_left")}, {log("one")}]
      - id: right
        type: {FLOW}.Sequential
        tasks: [{fails(name="try_right")}, {log("two")}]
  - {log("last")}
""",
    "pause": f"""
  - id: rest
    type: {FLOW}.Pause
    pauseDuration: PT0.01S
    tasks: [{log("one")}, {fails()}, {log("two")}]
  - {log("last")}
""",
    "passes": f"""
  - id: until
    type: {FLOW}.LoopUntil
    condition: "{{{{ outputs.until.iterationCount == 3 }}}}"
    checkFrequency: {{interval: PT0.01S}}
    tasks:
      - {log("one")}
      - {fails(f"outputs.until.iterationCount == 2 and {NOT_READY}")}
      - {log("two")}
  - {log("last")}
""",
    "files": f"""
  - id: bench
    type: {FLOW}.WorkingDirectory
    tasks: [{log("one")}, {fails()}, {log("two")}]
  - {log("last")}
""",
    "iterations": f"""
  - id: each
    type: {FLOW}.Loop
    values: [a, b, c]
    tasks: [{log("one")}, {fails(f"item.value == 'b' and {NOT_READY}")}, {log("two")}]
  - {log("last")}
""",
}
PARENT = f"""
id: parent
namespace: company.team
tasks:
  - id: call
    type: {CORE}.flow.Subflow
    namespace: company.team
    flowId: flaky
"""
FAILED_OUTPUTS = f"{HELLO}outputs:\n  - {{id: x, type: STRING, value: \"{{{{ kv('ready') }}}}\"}}\n"
LATE = f"""
id: late
namespace: company.team
sla:
  - {{id: quick, type: MAX_DURATION, duration: PT0.05S, behavior: CANCEL}}
tasks:
  - {{id: nap, type: {CORE}.flow.Sleep, duration: PT1M}}
"""
DIRECTORY = f"""
id: directory
namespace: company.team
tasks:
  - id: bench
    type: {CORE}.flow.WorkingDirectory
    inputFiles: {{a.txt: hello}}
    outputFiles: ["*.txt"]
    tasks:
      - {{id: one, type: {CORE}.debug.Return, format: "1"}}
      - id: two
        type: {CORE}.execution.Fail
        condition: "{{{{ kv('ready', errorOnMissing=false) != 'yes' }}}}"
"""


def test_what_failed_is_tried_again_in_the_same_execution(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    result = again(tmp_path, "restart", name, *READY)
    assert document(result)["id"] == name
    assert runs(result) == [
        "first SUCCESS", "second SUCCESS", "third SUCCESS", "tidy SUCCESS",
    ]  # fmt: skip
    found = task_run(result, "second")
    assert steps(found) == ["CREATED", "RUNNING", "FAILED", "RESTARTED", "RUNNING", "SUCCESS"]
    assert [one["state"]["current"] for one in found["attempts"]] == ["FAILED", "SUCCESS"]
    assert steps(document(result)) == [
        "CREATED", "RUNNING", "FAILED", "RESTARTED", "RUNNING", "SUCCESS",
    ]  # fmt: skip
    assert labels(result)["system.restarted"] == "true"
    assert document(result)["metadata"]["attemptNumber"] == 2
    assert "third Ada" in result.err


def test_it_may_fail_again_and_be_restarted_once_more(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    again_failed = again(tmp_path, "restart", name)
    assert again_failed.code == 1
    assert runs(again_failed) == [
        "first SUCCESS", "second FAILED", "sorry SUCCESS", "tidy SUCCESS",
    ]  # fmt: skip
    result = again(tmp_path, "restart", name, *READY)
    assert len(task_run(result, "second")["attempts"]) == 3
    assert list(labels(result)) == ["system.correlationId", "system.restarted"]


@pytest.mark.parametrize("shape", SHAPES)
def test_it_ends_with_the_task_runs_that_a_run_without_the_failure_has(
    shape: str, tmp_path: Path
) -> None:
    flow = HEAD + SHAPES[shape]
    undisturbed = run_here(
        ["executions", "show", ran(tmp_path, flow, *READY), "-o", "json"], tmp_path
    )
    result = again(tmp_path, "restart", ran(tmp_path, flow), *READY)
    assert document(result)["state"]["current"] == "SUCCESS"
    assert sorted(runs(result)) == sorted(runs(undisturbed))
    below = [one["taskRunList"] for one in document(result).get("executions", ())]
    wanted = [one["taskRunList"] for one in document(undisturbed).get("executions", ())]
    assert [len(one) for one in below] == [len(one) for one in wanted]


@pytest.mark.parametrize(("behavior", "number"), [("RETRY_FAILED", 1), ("NEW_EXECUTION", 2)])
def test_a_subflow_that_failed_goes_on_or_begins_anew(
    behavior: str, number: int, tmp_path: Path
) -> None:
    written(tmp_path, FLAKY, "child.yaml")
    name = ran(tmp_path, f"{PARENT}    restartBehavior: {behavior}\n")
    result = again(tmp_path, "restart", name, *READY)
    assert runs(result) == ["call SUCCESS"]
    children = document(result)["executions"]
    assert len(children) == number
    assert children[-1]["state"]["current"] == "SUCCESS"
    second = next(one for one in children[-1]["taskRunList"] if one["taskId"] == "second")
    assert len(second["attempts"]) == 3 - number


def test_a_working_directory_begins_anew_for_its_files_are_gone(tmp_path: Path) -> None:
    name = ran(tmp_path, DIRECTORY)
    result = again(tmp_path, "restart", name, *READY)
    assert runs(result) == ["bench SUCCESS", "one SUCCESS", "two SUCCESS"]
    assert len(task_run(result, "one")["attempts"]) == 1
    assert list(task_run(result, "bench")["outputs"]["outputFiles"]) == ["a.txt"]


def test_outputs_of_the_flow_that_failed_are_rendered_again(tmp_path: Path) -> None:
    name = ran(tmp_path, FAILED_OUTPUTS)
    result = again(tmp_path, "restart", name, *READY)
    assert document(result)["outputs"] == {"x": "yes"}
    assert runs(result) == ["greet SUCCESS"]


def test_it_runs_the_flow_as_it_was_then(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    written(tmp_path, HELLO)
    assert len(runs(again(tmp_path, "restart", name, *READY))) == 4


@pytest.mark.parametrize(
    ("flow", "options", "words"),
    [
        (HELLO, [], "has ended SUCCESS: nothing of it failed (`kestrel replay "),
        (WARNS, [], "has ended WARNING: nothing of it failed (`kestrel replay "),
        (SLEEPS, ["--timeout", "0.1s"], "has ended KILLED: nothing of it failed"),
        (GATES, [], "has not ended: use `kestrel resume`"),
        (LATE, [], "has ended CANCELLED: nothing of it failed (`kestrel replay "),
    ],
)
def test_where_nothing_failed_it_is_refused_with_what_to_do(
    flow: str, options: list[str], words: str, tmp_path: Path
) -> None:
    result = again(tmp_path, "restart", ran(tmp_path, flow, *options))
    assert (result.code, result.out) == (2, "")
    assert words in result.err


def test_one_whose_process_died_is_to_be_resumed(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    died(tmp_path, name, '["S",1')
    result = again(tmp_path, "restart", name)
    assert result.code == 2
    assert "use `kestrel resume`" in result.err


def test_a_secret_input_has_to_be_given_again(tmp_path: Path) -> None:
    name = ran(tmp_path, SECRET, "-i", "password=hush-hush", "--pause", "skip", "--kv", "x=no")
    refused = again(tmp_path, "restart", name)
    assert (refused.code, refused.out) == (3, "")
    assert "give it again with `-i password=...`" in refused.err
    wrong = again(tmp_path, "restart", name, "-i", "passwort=hush-hush")
    assert (wrong.code, wrong.out) == (2, "")
    assert "what is not kept are the secret inputs `password`" in wrong.err
    result = again(tmp_path, "restart", name, "-i", "password=hush-hush", "--kv", "x=yes")
    assert runs(result) == ["gate SUCCESS", "check SUCCESS"]
    assert "hush-hush" not in result.out + result.err


def test_mocks_stand_in_for_what_failed(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    result = again(tmp_path, "restart", name, "--mock", 'second={"a": 1}')
    assert task_run(result, "second")["outputs"] == {"a": 1}
    unknown = again(tmp_path, "restart", ran(tmp_path, FAILS), "--mock", "bat={}")
    assert unknown.code == 2
    assert "the flow has no task `bat`; did you mean `bad`?" in unknown.err


def test_the_list_shows_how_it_ended_at_last(tmp_path: Path) -> None:
    again(tmp_path, "restart", ran(tmp_path, FLAKY), *READY)
    (found,) = json.loads(run_here(["executions", "-o", "json"], tmp_path).out)
    assert (found["state"]["current"], found["taskRunCount"]) == ("SUCCESS", 4)


def test_a_flow_file_that_changed_since_is_told(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    assert "changed since" not in again(tmp_path, "restart", name).err
    written(tmp_path, FLAKY.replace("not ready", "not yet"))
    told = again(tmp_path, "restart", name)
    assert told.err.count("warning: the flow runs as it was at ") == 1
    assert (
        "; flow.yaml has changed since: "
        f"`kestrel run flow.yaml --from second --outputs-of {name}` runs the new one\n"
    ) in told.err
    new = "has changed since: `kestrel run flow.yaml` runs the new one\n"
    assert new in again(tmp_path, "replay", name).err
    new = "`kestrel run flow.yaml --from third --outputs-of last`"
    assert again(tmp_path, "restart", name, *READY).code == 0
    assert new in again(tmp_path, "replay", "-", "--task", "third").err
    (tmp_path / "flow.yaml").unlink()
    assert "changed since" not in again(tmp_path, "replay", name).err
