"""Outputs, files and key-values leave Kestrel by commands of their own."""

import json
from pathlib import Path

import pytest

from tests.cli.flows_here import CORE
from tests.support.cli import Result, run_here

SCRIPT = "io.kestra.plugin.scripts.shell.Commands"
RUNNER = "{type: io.kestra.plugin.core.runner.Process}"
FLOW = f"""
id: makes
namespace: company.team
tasks:
  - id: each
    type: {CORE}.flow.ForEach
    values: [1, 2]
    tasks:
      - id: s
        type: {SCRIPT}
        taskRunner: {RUNNER}
        outputFiles: ["*.csv"]
        commands: ["echo {{{{ taskrun.value }}}} > count.csv"]
  - {{id: k, type: {CORE}.kv.Set, key: cursor, value: "7", kvType: NUMBER}}
outputs:
  - {{id: n, type: STRING, value: seven}}
"""


@pytest.fixture
def made(tmp_path: Path) -> Path:
    (tmp_path / "makes.yaml").write_text(FLOW, "utf-8")
    arguments = ["run", "makes.yaml", "--output-dir", "out/here", "--print", "{{ outputs.each }}"]
    result = run_here(arguments, tmp_path)
    assert result.code == 0
    assert result.out.count("\n") == 1  # nothing but the value
    assert "SUCCESS" in result.err
    return tmp_path


def test_the_folder_holds_outputs_and_files_by_name(made: Path) -> None:
    folder = made / "out" / "here"
    assert json.loads((folder / "outputs.json").read_text("utf-8")) == {"n": "seven"}
    assert (folder / "count.csv").read_text("utf-8") == "1\n"
    assert (folder / "s-count.csv").read_text("utf-8") == "2\n"


def test_files_are_listed_and_copied(made: Path) -> None:
    def files(*more: str) -> Result:
        return run_here(["executions", "files", "last", *more], made)

    listed = json.loads(files("-o", "json").out)
    assert [one["bytes"] for one in listed] == [2, 2]
    names = [one["name"] for one in listed]
    assert files().out.splitlines() == [f"2  {name}" for name in names]
    assert files(names[0], "--to", "mine.csv").out == "mine.csv\n"
    assert (made / "mine.csv").read_text("utf-8") in ("1\n", "2\n")
    again = files(names[0], "--to", "mine.csv")
    assert again.code == 3
    assert "--force" in again.err
    assert files(names[0], "--to", "mine.csv", "--force").code == 0
    assert files("nope.csv").code == 5
    assert files("../../count.csv").code == 5


def test_key_values_are_shown_and_changed(made: Path) -> None:
    def kv(*arguments: str) -> Result:
        return run_here(["kv", *arguments], made)

    assert kv("list").out == "company.team  cursor\n"
    assert kv("get", "cursor", "-n", "company.team").out == "7\n"
    assert kv("set", "a", '{"x": [1]}', "--json", "-n", "other").code == 0
    assert kv("list", "-n", "other").out == "a\n"
    assert kv("get", "a", "-n", "other").out == '{"x": [1]}\n'
    assert kv("delete", "a", "-n", "other").code == 0
    assert kv("get", "a", "-n", "other").code == 5
    assert kv("delete", "a", "-n", "other").code == 5


@pytest.mark.parametrize(
    "arguments",
    [
        ["get", "a"],
        ["get"],
        ["set", "a", "-n", "x"],
        ["set", "a", "{", "--json", "-n", "x"],
        ["list", "a"],
        ["get", "a", "b", "-n", "x"],
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], tmp_path: Path) -> None:
    assert run_here(["kv", *arguments], tmp_path).code == 2


def test_an_expression_that_fails_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "makes.yaml").write_text(FLOW, "utf-8")
    result = run_here(["run", "makes.yaml", "--print", "{{ nope }}"], tmp_path)
    assert (result.code, result.out) == (1, "")
    refused = run_here(["run", "makes.yaml", "--print", "x", "-o", "json"], tmp_path)
    assert refused.code == 2
