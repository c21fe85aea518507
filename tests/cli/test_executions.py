"""`kestrel executions`: what ran here, one of them, its log."""

import json
import os
from pathlib import Path

import pytest

from kestrel_cli.store.locks import hold
from tests.cli.flows_here import CORE, FAILS, HELLO, written
from tests.cli.past import FLAKY, GATES, died, journal, ran
from tests.support.cli import Result, run_here

CHILD = HELLO.replace("id: hello", "id: child")
PARENT = f"""
id: parent
namespace: company.team
tasks:
  - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: child}}
"""
LOUD = f"""
id: loud
namespace: company.team
tasks:
  - {{id: a, type: {CORE}.debug.Return, format: quiet}}
  - {{id: b, type: {CORE}.log.Log, message: ["one", "two\\nlines"]}}
  - {{id: c, type: {CORE}.log.Log, level: WARN, message: careful}}
  - {{id: d, type: {CORE}.execution.Fail, errorMessage: broken}}
"""


def executions(folder: Path, *arguments: str) -> Result:
    return run_here(["executions", *arguments], folder)


def listed(folder: Path, *options: str) -> list[dict[str, object]]:
    found = json.loads(executions(folder, "list", "-o", "json", *options).out)
    assert isinstance(found, list)
    return found


def states(folder: Path) -> list[str]:
    return [line.split()[3] for line in executions(folder).out.splitlines()[1:]]


# -- list


def test_without_executions_it_says_so(tmp_path: Path) -> None:
    for arguments in ([], ["list"]):
        result = executions(tmp_path, *arguments)
        assert (result.code, result.out, result.err) == (0, "no executions\n", "")
    assert listed(tmp_path) == []


def test_looking_makes_no_files(tmp_path: Path) -> None:
    executions(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_state_directory_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert executions(tmp_path, "--state-dir", str(tmp_path / "none")).out == "no executions\n"


def test_the_latest_comes_first_with_its_flow_state_and_size(tmp_path: Path) -> None:
    names = [ran(tmp_path, flow) for flow in (HELLO, FAILS, GATES)]
    heads, *lines = executions(tmp_path).out.splitlines()
    assert heads.split() == ["ID", "FLOW", "STATE", "STARTED", "DURATION", "TASK", "RUNS"]
    assert [line.split()[:4] for line in lines] == [
        [names[2], "company.team.gates", "‖", "PAUSED"],
        [names[1], "company.team.fails", "✘", "FAILED"],
        [names[0], "company.team.hello", "✔", "SUCCESS"],
    ]
    assert [line.split()[-1] for line in lines] == ["2", "1", "1"]


def test_a_list_may_be_of_one_flow_and_of_a_few(tmp_path: Path) -> None:
    names = [ran(tmp_path, flow) for flow in (HELLO, FAILS, HELLO)]
    assert [one["id"] for one in listed(tmp_path, "--flow", "hello")] == [names[2], names[0]]
    assert [one["id"] for one in listed(tmp_path, "--limit", "2")] == [names[2], names[1]]
    assert listed(tmp_path, "--flow", "other") == []


def test_as_json_its_fields_are_those_of_an_execution(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    (found,) = listed(tmp_path)
    state = found.pop("state")
    assert isinstance(state, dict)
    assert list(state) == ["current", "duration", "endDate", "startDate"]
    assert found == {
        "id": name,
        "namespace": "company.team",
        "flowId": "hello",
        "taskRunCount": 1,
        "file": "flow.yaml",
    }


def test_one_whose_process_died_is_lost(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    died(tmp_path, name, '["S",0')
    assert states(tmp_path) == ["LOST"]
    (found,) = listed(tmp_path)
    state = found["state"]
    assert isinstance(state, dict)
    assert (state["current"], "endDate" in state, "taskRunCount" in found) == ("LOST", False, False)


def test_one_that_a_process_is_at_work_on_is_running(tmp_path: Path) -> None:
    name = ran(tmp_path, GATES)
    file = os.open(journal(tmp_path, name), os.O_RDWR)
    hold(file)
    try:
        assert states(tmp_path) == ["RUNNING"]
        shown = executions(tmp_path, "show", name)
        assert shown.code == 0
    finally:
        os.close(file)
    assert states(tmp_path) == ["PAUSED"]


def test_one_that_waits_for_a_paused_subflow_is_paused(tmp_path: Path) -> None:
    written(tmp_path, GATES, "child.yaml")
    ran(tmp_path, PARENT.replace("flowId: child", "flowId: gates"))
    assert states(tmp_path) == ["PAUSED"]


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    names = [ran(tmp_path, HELLO) for _ in range(3)]
    journal(tmp_path, names[0]).write_bytes(b"\0" * 100)
    journal(tmp_path, names[1]).unlink()
    assert [one["id"] for one in listed(tmp_path)] == [names[2]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "-o", "yaml"], "`executions list -o yaml`: use `text` or `json`"),
        (["list", "4uQm"], "`executions list 4uQm`: a list takes no id; use `show` or `logs`"),
        (["show"], "`executions show`: which one? give its id"),
        (["logs"], "`executions logs`: which one? give its id"),
        (
            ["logs", "4uQm", "-o", "yaml"],
            "`executions logs -o yaml`: use `text` or `json` or `ndjson`",
        ),
        (["drop"], "executions drop`: use `list`, `show`, `logs`"),
        (["list", "--limit", "0"], "`--limit 0`: this must be a number from 1 on"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], words: str, tmp_path: Path) -> None:
    result = executions(tmp_path, *arguments)
    assert (result.code, result.out) == (2, "")
    assert words in result.err


@pytest.mark.parametrize(
    "command",
    [["resume"], ["restart"], ["replay"], ["executions", "show"], ["executions", "logs"]],
    ids=" ".join,
)
@pytest.mark.parametrize("name", ["zzz", "", "../../etc", "ü", "a b"])
def test_an_id_that_is_not_there_ends_with_5(command: list[str], name: str, tmp_path: Path) -> None:
    ran(tmp_path, HELLO)
    result = run_here([*command, name], tmp_path)
    assert (result.code, result.out) == (5, "")
    assert f"there is no execution `{name}`" in result.err
    assert "`kestrel executions list` shows those that are there" in result.err


def test_an_execution_that_another_one_started_is_found_with_that(tmp_path: Path) -> None:
    written(tmp_path, CHILD, "child.yaml")
    name = ran(tmp_path, PARENT, "--flows-dir", ".")
    document = json.loads(executions(tmp_path, "show", name, "-o", "json").out)
    (call,) = document["taskRunList"]
    child = call["outputs"]["executionId"]
    for asked in (child, child[:8]):
        refused = executions(tmp_path, "show", asked)
        assert refused.code == 5
        assert refused.err == (
            f"error: the execution `{asked}` was started by another one, which shows it\n"
            f"hint: `kestrel executions show {name}`\n"
        )


# -- show


@pytest.mark.parametrize("output", ["text", "json", "tree", "yaml"])
@pytest.mark.parametrize("flow", [HELLO, FLAKY, GATES, PARENT])
def test_it_is_shown_as_the_run_showed_it(output: str, flow: str, tmp_path: Path) -> None:
    written(tmp_path, CHILD, "child.yaml")
    live = run_here(["run", written(tmp_path, flow), "-o", output, "--pause", "wait"], tmp_path)
    (found,) = listed(tmp_path)
    name = str(found["id"])
    shown = executions(tmp_path, "show", name, "-o", output)
    logged = executions(tmp_path, "logs", name).out
    assert (shown.code, shown.err) == (0, live.err.removeprefix(logged))
    assert live.out == (f"{logged}\n{shown.out}" if output == "text" else shown.out)


def test_one_whose_process_died_says_how_to_go_on(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    died(tmp_path, name, '["S",1')
    result = executions(tmp_path, "show", name[:8])
    assert result.code == 0
    assert "second RUNNING" in result.out
    assert result.err == (
        f"its process ended before it did\nhint: `kestrel resume {name}` goes on with it\n"
    )


def test_one_that_runs_says_so(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    died(tmp_path, name, '["S",1')
    file = os.open(journal(tmp_path, name), os.O_RDWR)
    hold(file)
    try:
        result = executions(tmp_path, "show", name, "-o", "json")
    finally:
        os.close(file)
    assert json.loads(result.out)["state"]["current"] == "RUNNING"
    assert result.err == f"the execution {name} is running\n"


# -- logs


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], ["one", "two", "lines", "careful", "broken"]),
        (["--log-level", "DEBUG"], ["quiet", "one", "two", "lines", "careful", "broken"]),
        (["--log-level", "warn"], ["careful", "broken"]),
        (["--log-level", "ERROR"], ["broken"]),
    ],
)
def test_a_log_is_read_at_its_level(options: list[str], said: list[str], tmp_path: Path) -> None:
    name = ran(tmp_path, LOUD)
    result = executions(tmp_path, "logs", name, *options)
    assert (result.code, result.err) == (0, "")
    assert [line.split()[-1] for line in result.out.splitlines()] == said


def test_a_log_as_json_has_an_object_on_each_line(tmp_path: Path) -> None:
    name = ran(tmp_path, LOUD)
    lines = executions(tmp_path, "logs", name, "-o", "ndjson").out.splitlines()
    entries = [json.loads(line) for line in lines]
    assert [one["message"] for one in entries] == ["one", "two\nlines", "careful", "broken"]
    assert {one["executionId"] for one in entries} == {name}
    assert [one["level"] for one in entries] == ["INFO", "INFO", "WARN", "ERROR"]


def test_the_log_of_a_run_that_went_on_is_one(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    run_here(["restart", name, "--kv", "ready=yes"], tmp_path)
    said = [
        line.split(maxsplit=2)[2] for line in executions(tmp_path, "logs", name).out.splitlines()
    ]
    assert [one.split() for one in said] == [
        ["second", "not", "ready"],
        ["sorry", "sorry"],
        ["tidy", "tidy"],
        ["third", "third", "Ada"],
        ["tidy", "tidy"],
    ]


def test_the_config_may_say_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "kestrel.toml").write_text('state-dir = "here"\n')
    name = ran(tmp_path, HELLO)
    assert (tmp_path / "here/executions" / name).is_dir()
    assert [one["id"] for one in listed(tmp_path)] == [name]


# -- last


@pytest.mark.parametrize("name", ["last", "-"])
def test_last_is_the_one_that_was_started_last(name: str, tmp_path: Path) -> None:
    ran(tmp_path, HELLO)
    latest = ran(tmp_path, FLAKY)
    shown = json.loads(executions(tmp_path, "show", name, "-o", "json").out)
    assert shown["id"] == latest
    assert "not ready" in executions(tmp_path, "logs", name).out
    result = run_here(["restart", name, "--kv", "ready=yes", "-o", "json"], tmp_path)
    assert (result.code, json.loads(result.out)["id"]) == (0, latest)
    again = json.loads(run_here(["replay", name, "-o", "json", "-qq"], tmp_path).out)
    assert again["originalId"] == latest
    paused = ran(tmp_path, GATES)
    went_on = run_here(["resume", name, "-i", "fine=true", "-o", "json", "-qq"], tmp_path)
    assert json.loads(went_on.out)["id"] == paused


def test_there_is_no_last_one_before_anything_ran(tmp_path: Path) -> None:
    result = executions(tmp_path, "show", "last")
    assert (result.code, result.out) == (5, "")
    assert "there is no last execution" in result.err


# -- a journal that could not be written to its end


def test_one_whose_journal_lacks_its_end_is_incomplete_and_not_to_be_resumed(
    tmp_path: Path,
) -> None:
    name = ran(tmp_path, GATES)
    path = journal(tmp_path, name)
    *lines, end = path.read_text("utf-8").splitlines()
    assert end.startswith('["Z"')
    path.write_text("\n".join([*lines, end.replace('["Z"', '["I"'), ""]), "utf-8")
    assert states(tmp_path) == ["INCOMPLETE"]
    shown = executions(tmp_path, "show", name)
    assert shown.code == 0
    assert "its journal could not be written to its end" in shown.err
    assert "resume" not in shown.err
    result = run_here(["resume", name], tmp_path)
    assert (result.code, result.out) == (3, "")


# -- the log of one task

MEASURED = f"""
id: measured
namespace: company.team
tasks:
  - id: each
    type: {CORE}.flow.ForEach
    values: [Rome, Oslo]
    tasks:
      - {{id: measure, type: {CORE}.log.Log, message: "m {{{{ taskrun.value }}}}"}}
  - id: lap
    type: {CORE}.flow.Loop
    values: [Bern, Graz]
    tasks:
      - {{id: inner, type: {CORE}.log.Log, message: "i {{{{ item.value }}}}"}}
"""


def test_the_log_of_one_iteration_is_found_by_its_value(tmp_path: Path) -> None:
    name = ran(tmp_path, MEASURED)

    def said(task: str) -> list[str]:
        shown = executions(tmp_path, "logs", name, "--task", task, "-o", "json").out
        return [one["message"] for one in json.loads(shown)]

    assert said("measure") == ["m Rome", "m Oslo"]
    assert said("measure[Rome]") == ["m Rome"]
    assert said("each[Oslo]") == ["m Oslo"]
    assert said("inner[Graz]") == said("lap[Graz]") == ["i Graz"]
    for asked, told in (
        ("measure[Rom]", "did you mean `measure[Rome]`?"),
        ("mesure", "did you mean `measure`?"),
        ("measure[Quito]", "it has logs of `measure[Rome]`, `measure[Oslo]`"),
    ):
        refused = executions(tmp_path, "logs", name, "--task", asked)
        assert (refused.code, refused.out) == (5, "")
        assert refused.err.endswith(f"has no log of such a task\nhint: {told}\n")
