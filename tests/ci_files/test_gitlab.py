"""The template for GitLab: its script, run in the shell of a job with the inputs filled in."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.ci_files.shells import BAD, Job, documents, installed, machine, shell

TEMPLATE = ".gitlab/templates/kestrel.yml"
INPUT = re.compile(r"\$\[\[ *inputs\.([\w-]+) *\]\]")


def run(folder: Path, words: str = "sh", **given: str) -> Job:
    """Run the job as the runner does: all lines of the script in one shell, ended by a failure."""
    head, jobs = documents(TEMPLATE)
    said = {name.replace("_", "-"): text for name, text in given.items()}
    values = {name: said.get(name, one["default"]) for name, one in head["spec"]["inputs"].items()}
    (job,) = jobs.values()
    variables = {name: filled(one["value"], values) for name, one in job["variables"].items()}
    environ = {**machine(folder), "CI_PROJECT_DIR": str(folder), "GITLAB_CI": "true", **variables}
    script = "set -eu\n" + "\n".join(job["script"])
    code, log = shell((words,), script, folder, environ)
    return Job(code, log, {}, installed(folder))


def filled(text: str, values: dict[str, Any]) -> str:
    return INPUT.sub(lambda found: values[found[1]], text)


@pytest.mark.parametrize("words", ["sh", "bash"])
def test_a_flow_runs_and_leaves_its_reports(words: str, tmp_path: Path) -> None:
    job = run(tmp_path, words, command="run", flow="flows/greet.yaml", args="--input=name=A  B\n")
    assert job.code == 0, job.log
    assert "hello A  B" in job.log
    reports = tmp_path / "kestrel-reports"
    assert json.loads((reports / "execution.json").read_text())["state"]["current"] == "SUCCESS"
    assert ElementTree.parse(reports / "junit.xml").getroot().tag == "testsuites"
    assert job.installed == ["kestrel-flow"]


def test_findings_are_a_report_of_code_quality(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "bad.yaml").write_text(BAD)
    job = run(tmp_path, flow="flows\nmore", working_directory=str(tmp_path))
    assert job.code == 1, job.log
    found = json.loads((tmp_path / "kestrel-reports" / "findings.json").read_text())
    assert "more/bad.yaml" in {one["location"]["path"] for one in found}


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"version": "1.2"}, "kestrel-flow==1.2"),
        ({"version": "1.2", "extras": "avro,duckdb"}, "kestrel-flow[avro,duckdb]==1.2"),
        ({"source": "git+https://host/x"}, "kestrel-flow @ git+https://host/x"),
        ({"source": ".", "extras": "avro"}, "FOLDER[avro]"),
    ],
)
def test_what_is_installed(given: dict[str, str], what: str, tmp_path: Path) -> None:
    job = run(tmp_path, **given)
    assert job.installed == [what.replace("FOLDER", str(tmp_path))]
    assert job.code == 0, job.log


@pytest.mark.parametrize("name", ["command", "flow", "args", "source", "working_directory"])
def test_what_inputs_hold_is_never_shell(name: str, tmp_path: Path) -> None:
    text = """$(touch owned) `touch owned`; touch owned #" ' && touch owned"""
    assert run(tmp_path, **{name: text}).installed
    assert not list(tmp_path.rglob("owned"))


def test_inputs_reach_the_script_as_variables_alone() -> None:
    head, jobs = documents(TEMPLATE)
    (name,) = jobs
    job = jobs[name]
    assert not INPUT.search("\n".join(job["script"]))
    assert not [one for one in job["variables"].values() if one["expand"]]
    used = [name, job["stage"], job["image"], *(one["value"] for one in job["variables"].values())]
    assert set(INPUT.findall("\n".join(used))) == set(head["spec"]["inputs"])
