"""Snapshots: what is kept of a case, what is the same each time, what is told of a difference."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.app.testing.suites import CORE, flow, suite
from tests.support.cli import Result, run_here

HOLDS = '- {value: "{{ execution.state }}", equalTo: SUCCESS}'
FLOW = f"""
- id: each
  type: {CORE}.flow.ForEach
  values: [a, b]
  tasks:
    - id: r
      type: {CORE}.debug.Return
      format: "WHAT {{{{ taskrun.value }}}}"
- id: changes
  type: {CORE}.output.OutputValues
  values:
    id: "{{{{ uuid() }}}}"
    run: "{{{{ execution.id }}}} and {{{{ execution.id }}}}"
    now: "{{{{ now() }}}}"
    day: "{{{{ now() | date('yyyy-MM-dd') }}}}"
    stamp: "{{{{ now() | timestamp }}}}"
    fixed: "{{{{ inputs.day }}}}"
    plain: 3
"""
MORE = 'inputs: [{id: day, type: STRING, defaults: "2024-05-06"}]\n'
KEPT = "__snapshots__/s.test.yaml/c0.json"


def write(folder: Path, what: str = "same", cases: int = 1, assertion: str = HOLDS) -> None:
    (folder / "f.yaml").write_text(flow(FLOW.replace("WHAT", what), more=MORE), "utf-8")
    text = suite(*[f"assertions:\n  {assertion}"] * cases)
    (folder / "s.test.yaml").write_text(text, "utf-8")


def snapshot(folder: Path, *options: str, **env: str) -> Result:
    return run_here(["test", "--snapshot", *options], folder, {"CI": None, **env})


def kept(folder: Path) -> Any:
    return json.loads((folder / KEPT).read_text("utf-8"))


def test_a_missing_one_is_written_and_told(tmp_path: Path) -> None:
    write(tmp_path)
    ended = snapshot(tmp_path)
    assert ended.code == 0
    assert "snapshots: 1 written\n" in ended.out
    found = kept(tmp_path)
    assert list(found) == ["flow", "state", "inputs", "taskRunList"]
    assert found["state"] == "CREATED > RUNNING > SUCCESS"
    assert [(one["taskId"], one.get("value")) for one in found["taskRunList"]] == [
        ("each", None), ("r", "a"), ("r", "b"), ("changes", None),
    ]  # fmt: skip
    assert found["taskRunList"][1]["parentTaskRunId"] == found["taskRunList"][0]["id"] == "<id 1>"


def test_what_changes_has_a_name_in_its_place(tmp_path: Path) -> None:
    write(tmp_path)
    snapshot(tmp_path)
    assert kept(tmp_path)["taskRunList"][-1]["outputs"]["values"] == {
        "id": "<id 5>",
        "run": "<id 6> and <id 6>",
        "now": "<date>",
        "day": "<date>",
        "stamp": "<date>",
        "fixed": "2024-05-06",
        "plain": 3,
    }


@pytest.mark.parametrize("options", [[], ["-n", "2"], ["--seed", "3"]])
def test_it_is_the_same_again(tmp_path: Path, options: list[str]) -> None:
    write(tmp_path, cases=2)
    snapshot(tmp_path)
    ended = snapshot(tmp_path, *options)
    assert ended.code == 0
    assert "snapshots" not in ended.out


def test_a_difference_is_a_failed_case_with_its_rows(tmp_path: Path) -> None:
    write(tmp_path)
    snapshot(tmp_path)
    write(tmp_path, "other")
    ended = snapshot(tmp_path, "--junitxml", "j.xml")
    assert ended.code == 1
    assert '    -        "value": "same a"' in ended.out
    assert '    +        "value": "other a"' in ended.out
    assert "snapshots: 1 differs" in ended.out
    assert "1 failed" in ended.out
    assert "other a" in (tmp_path / "j.xml").read_text("utf-8")
    document = json.loads(snapshot(tmp_path, "-o", "json").out)
    found = document["results"][0]["results"][0]
    assert found["state"] == "FAILED"
    last = found["assertionResults"][-1]
    assert list(last) == ["operator", "expected", "actual", "isSuccess", "errorMessage"]
    assert last["operator"] == "equalTo"
    assert last["expected"] == f"the snapshot {KEPT}"
    assert last["isSuccess"] is False
    assert '+        "value": "other a"' in last["errorMessage"]


def test_a_long_difference_is_cut_and_counted(tmp_path: Path) -> None:
    write(tmp_path)
    snapshot(tmp_path)
    path = tmp_path / KEPT
    path.write_text("\n".join(f"row {n}" for n in range(200)), "utf-8")
    ended = snapshot(tmp_path)
    rows = [line for line in ended.out.splitlines() if line.startswith("    -row ")]
    assert len(rows) == 39  # and the row that says where
    assert "rows more\n" in ended.out
    assert "... and " in ended.out


def test_an_update_keeps_what_came_out(tmp_path: Path) -> None:
    write(tmp_path)
    snapshot(tmp_path)
    write(tmp_path, "other")
    ended = snapshot(tmp_path, "--update")
    assert ended.code == 0
    assert "snapshots: 1 updated" in ended.out
    assert kept(tmp_path)["taskRunList"][1]["outputs"] == {"value": "other a"}


def test_in_ci_a_missing_one_is_a_failure(tmp_path: Path) -> None:
    write(tmp_path)
    ended = snapshot(tmp_path, CI="true")
    assert ended.code == 1
    assert f"there is no snapshot {KEPT}" in ended.out
    assert not (tmp_path / KEPT).exists()
    assert snapshot(tmp_path, "--update", CI="true").code == 0
    assert snapshot(tmp_path, CI="true").code == 0


def test_of_a_case_that_fails_nothing_is_kept(tmp_path: Path) -> None:
    write(tmp_path, assertion='- {value: "{{ execution.state }}", equalTo: FAILED}')
    ended = snapshot(tmp_path)
    assert ended.code == 1
    assert "snapshots: 1 not kept" in ended.out
    assert not (tmp_path / KEPT).exists()


def test_those_of_no_case_are_told_and_removed(tmp_path: Path) -> None:
    write(tmp_path, cases=2)
    snapshot(tmp_path)
    gone = tmp_path / "__snapshots__" / "gone.test.yaml"
    gone.mkdir()
    (gone / "c0.json").write_text("{}", "utf-8")
    write(tmp_path, cases=1)
    ended = snapshot(tmp_path)
    assert ended.code == 0
    assert "snapshots: 2 obsolete\n" in ended.out
    assert "  __snapshots__/s.test.yaml/c1.json\n" in ended.out
    assert "2 obsolete removed" in snapshot(tmp_path, "--update").out
    assert [one.name for one in (tmp_path / "__snapshots__").rglob("*.json")] == ["c0.json"]
    assert not gone.exists()
    assert "snapshots" not in snapshot(tmp_path, "-k", "nothing or c0").out


def test_ids_of_cases_are_names_of_files(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "s.test.yaml"
    path.write_text(path.read_text("utf-8").replace("id: c0", 'id: "../a b/%"'), "utf-8")
    assert snapshot(tmp_path).code == 0
    names = [one.name for one in (tmp_path / "__snapshots__" / "s.test.yaml").iterdir()]
    assert names == ["..%2Fa b%2F%25.json"]


def test_nothing_is_written_or_removed_behind_a_link(tmp_path: Path) -> None:
    flows, other = tmp_path / "flows", tmp_path / "other"
    (flows / "__snapshots__").mkdir(parents=True)
    other.mkdir()
    (other / "mine.json").write_text("{}", "utf-8")
    write(flows)
    (flows / "__snapshots__" / "s.test.yaml").symlink_to(other)
    (flows / "__snapshots__" / "gone.test.yaml").symlink_to(other)
    ended = snapshot(flows, "--update")
    assert ended.code == 3
    assert "can't be written: its folder is a link" in ended.err
    write(flows, assertion='- {value: "{{ execution.state }}", equalTo: FAILED}')
    snapshot(flows, "--update")
    assert [one.name for one in other.iterdir()] == ["mine.json"]
