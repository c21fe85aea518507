"""`--only`, `--from`, `--until`: a part of a flow."""

import json
from pathlib import Path

import pytest

from kestrel_cli.app.parts import selected
from kestrel_cli.errors import UsageError
from tests.cli.flows_here import CORE, written
from tests.support.cli import Result, run_here


def log(name: str) -> str:
    return f"{{id: {name}, type: {CORE}.log.Log, message: {name}}}"


FLOW = f"""
id: parts
namespace: company.team
tasks:
  - {log("first")}
  - id: box
    type: {CORE}.flow.Sequential
    tasks: [{log("one")}, {log("two")}, {log("three")}]
    errors: [{log("box_sorry")}]
    finally: [{log("box_tidy")}]
  - id: each
    type: {CORE}.flow.ForEach
    values: [a, b]
    tasks: [{log("in")}, {log("out")}]
  - id: side
    type: {CORE}.flow.Dag
    tasks:
      - {{task: {log("left")}}}
      - {{task: {log("right")}, dependsOn: [left]}}
  - {log("last")}
errors: [{log("sorry")}]
finally: [{log("tidy")}]
afterExecution: [{log("diary")}]
"""
ALL = "first box one two three box_tidy each in[a] out[a] in[b] out[b] side left right last"


def run(folder: Path, *options: str) -> Result:
    return run_here(["run", written(folder, FLOW), "-o", "json", *options], folder)


def ran(result: Result) -> str:
    return " ".join(
        one["taskId"] + (f"[{one['value']}]" if "value" in one else "")
        for one in json.loads(result.out)["taskRunList"]
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], f"{ALL} tidy diary"),
        (["--only", "first"], "first"),
        (["--only", "two"], "box two box_tidy"),
        (["--only", "box"], "box one two three box_tidy"),
        (["--only", "in"], "each in[a] in[b]"),
        (["--only", "in[b]"], "each in[b]"),
        (["--only", "right"], "side right"),
        (["--only", "tidy"], "tidy"),
        (["--only", "diary"], "diary"),
        (["--only", "box_tidy"], "box box_tidy"),
        (["--from", "tidy"], "tidy diary"),
        (["--until", "tidy"], f"{ALL} tidy"),
        (["--from", "two"], f"box {ALL[14:]} tidy diary"),
        (["--from", "last"], "last tidy diary"),
        (["--until", "first"], "first"),
        (["--until", "two"], "first box one two box_tidy"),
        (["--until", "last"], ALL),
        (["--from", "three", "--until", "in"], "box three box_tidy each in[a] in[b]"),
        (["--from", "box", "--until", "box"], "box one two three box_tidy"),
    ],
)
def test_a_part_is_what_lies_between_its_ends(
    options: list[str], expected: str, tmp_path: Path
) -> None:
    result = run(tmp_path, *options)
    assert (result.code, ran(result)) == (0, expected)


@pytest.mark.parametrize("option", ["--only", "--from", "--until"])
@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("frist", "error: the flow has no task `frist`; did you mean `first`?"),
        ("parts", "error: the flow has no task `parts`"),
        ("in[a", "error: `in[a`: write `TASK` or `TASK[value]`"),
        ("", "error: ``: write `TASK` or `TASK[value]`"),
    ],
)
def test_a_task_that_is_not_there_is_refused(
    option: str, task: str, words: str, tmp_path: Path
) -> None:
    result = run(tmp_path, option, task)
    assert (result.code, result.out) == (2, "")
    assert words in result.err


@pytest.mark.parametrize("task", ["sorry", "box_sorry"])
def test_a_task_of_errors_is_no_part(task: str, tmp_path: Path) -> None:
    for option in ("--only", "--from"):
        result = run(tmp_path, option, task)
        assert (result.code, result.out) == (2, "")
        assert f"`{task}` stands in `errors`: it runs when something has failed" in result.err


@pytest.mark.parametrize("task", ["two", "box"])
def test_a_disabled_task_is_no_part(task: str, tmp_path: Path) -> None:
    flow = FLOW.replace(f"id: {task},", f"id: {task}, disabled: true,").replace(
        f"id: {task}\n", f"id: {task}\n    disabled: true\n"
    )
    result = run_here(["run", written(tmp_path, flow), "--only", "two"], tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "`two` does not run: it is disabled, or what holds it is" in result.err


def test_a_value_that_the_loop_does_not_have_runs_nothing_of_it_and_ends_with_5(
    tmp_path: Path,
) -> None:
    result = run(tmp_path, "--only", "in[c]")
    assert (result.code, ran(result)) == (5, "each")
    assert json.loads(result.out)["exitCode"] == 5
    assert json.loads(result.out)["state"]["current"] == "FAILED"
    assert "none of its values was asked for: `a`, `b`" in result.err
    assert "`in[c]` did not run: no task run fits it; there are the values `a`, `b`" in result.err


@pytest.mark.parametrize("options", [["--only", "in"], ["--from", "in[b]", "--mock", "out={}"]])
def test_a_part_run_is_shown_and_logged_later(options: list[str], tmp_path: Path) -> None:
    """The journal is folded with the tasks that ran."""
    name = json.loads(run(tmp_path, *options).out)["id"]
    shown = run_here(["executions", "show", name], tmp_path)
    logged = run_here(["executions", "logs", name], tmp_path)
    assert (shown.code, shown.err, logged.code, logged.err) == (0, "", 0, "")


def test_the_nearest_value_is_named(tmp_path: Path) -> None:
    flow = FLOW.replace("[a, b]", "[north, south]")
    name = written(tmp_path, flow, "named.yaml")
    result = run_here(["run", name, "--only", "in[nort]", "-q"], tmp_path)
    assert result.code == 5
    assert "FAILED" in result.out
    assert "did you mean `north`?" in result.out + result.err


def test_values_of_a_kestra_2_loop_are_named_too(tmp_path: Path) -> None:
    loop = f"""
id: looping
namespace: company.team
tasks:
  - id: loop
    type: {CORE}.flow.Loop
    values: [north, south]
    tasks: [{log("in")}]
"""
    name = written(tmp_path, loop, "loop.yaml")
    result = run_here(["run", name, "--only", "in[nort]", "-q"], tmp_path)
    assert result.code == 5
    assert "there are the values `north`, `south`" in result.out + result.err


def test_what_a_part_leaves_out_need_not_run_here(tmp_path: Path) -> None:
    flow = FLOW.replace(log("last"), "{id: last, type: io.kestra.plugin.aws.s3.List}")
    name = written(tmp_path, flow, "other.yaml")
    assert run_here(["run", name], tmp_path).code == 4
    assert run_here(["run", name, "--until", "side"], tmp_path).code == 0


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("a", ("a", [])),
        ("a[b]", ("a", ["b"])),
        ("a[b][c d=e]", ("a", ["b", "c d=e"])),
        ("a[]", ("a", [""])),
    ],
)
def test_values_stand_in_brackets_the_outermost_first(
    selector: str, found: tuple[str, list[str]]
) -> None:
    assert selected(selector) == found


@pytest.mark.parametrize("selector", ["", "[a]", "a[b", "a]b[", "a[b]c", "a[[b]]"])
def test_other_selectors_are_refused(selector: str) -> None:
    with pytest.raises(UsageError, match="write `TASK` or `TASK"):
        selected(selector)
