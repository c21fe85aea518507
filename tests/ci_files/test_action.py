"""The action for GitHub: its steps, run as shell with the expressions filled in."""

import json
from pathlib import Path

import pytest

from tests.ci_files.shells import BAD, FLOW, Job, action, documents
from tests.support.cli import ROOT

ACTION = ".github/actions/kestrel"


def run(folder: Path, **given: str) -> Job:
    return action(ACTION, {name.replace("_", "-"): text for name, text in given.items()}, folder)


def test_a_flow_runs_and_its_outputs_are_set(tmp_path: Path) -> None:
    job = run(tmp_path, command="run", flow="flows/greet.yaml", args="--input=name=Ada Lovelace\n")
    assert job.code == 0, job.log
    assert "hello Ada Lovelace" in job.log
    assert (job.outputs["state"], job.outputs["exit-code"]) == ("SUCCESS", "0")
    execution = json.loads(Path(job.outputs["json-file"]).read_text())
    assert job.outputs["execution-id"] == execution["id"]
    assert [Path(one).resolve() for one in job.installed] == [ROOT]


def test_validate_takes_folders_and_fails_with_what_it_finds(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "bad.yaml").write_text(BAD)
    job = run(tmp_path, flow="flows\nmore\n")
    assert (job.code, job.outputs["exit-code"]) == (1, "1"), job.log
    assert (job.outputs["state"], job.outputs["execution-id"]) == ("FAILED", "")
    assert "::error file=more/bad.yaml" in job.log
    found = json.loads(Path(job.outputs["json-file"]).read_text())
    assert (found["files"], found["exitCode"]) == (2, 1)


def test_a_rehearsal_in_another_folder(tmp_path: Path) -> None:
    (tmp_path / "team a").mkdir()
    (tmp_path / "team a" / "flow.yaml").write_text(FLOW)
    job = run(tmp_path, command="rehearse", flow="flow.yaml", working_directory="team a")
    assert (job.code, job.outputs["state"], job.outputs["json-file"]) == (0, "SUCCESS", ""), job.log


def test_a_run_that_does_not_begin_has_no_state(tmp_path: Path) -> None:
    job = run(tmp_path, command="run", flow="none.yaml")
    assert (job.code, job.outputs["state"], job.outputs["json-file"]) == (3, "", "")
    assert job.outputs["exit-code"] == "3"


def test_tests_are_handed_on(tmp_path: Path) -> None:
    job = run(tmp_path, command="test", flow="flows", args="--help")
    assert job.outputs["exit-code"] == str(job.code)


def test_a_version_and_extras(tmp_path: Path) -> None:
    job = run(tmp_path, version="1.2.3", extras="postgres,parquet")
    assert job.installed == ["kestrel-flow[postgres,parquet]==1.2.3"]


@pytest.mark.parametrize("name", ["command", "flow", "args", "version", "extras"])
def test_what_inputs_hold_is_never_shell(name: str, tmp_path: Path) -> None:
    text = """$(touch owned) `touch owned`; touch owned #" ' && touch owned"""
    job = run(tmp_path, **{name: text})
    assert job.code
    assert not list(tmp_path.rglob("owned"))


def test_no_expression_stands_in_a_script() -> None:
    (data,) = documents(f"{ACTION}/action.yml")
    scripts = [step["run"] for step in data["runs"]["steps"] if "run" in step]
    assert len(scripts) == 2
    assert not [one for one in scripts if "${{" in one]
    assert not [step for step in data["runs"]["steps"] if "upload" in step.get("uses", "")]


def test_the_page_lists_all_inputs_and_outputs() -> None:
    (data,) = documents(f"{ACTION}/action.yml")
    page = (ROOT / ACTION / "README.md").read_text("utf-8")
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert rows == [*data["inputs"], *data["outputs"]]
