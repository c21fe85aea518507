"""However deep a flow nests, every way to show its run comes to an end."""

import json
from pathlib import Path

import pytest

from tests.support.cli import run_here

DEPTH = 2000
SEQUENCE = "io.kestra.plugin.core.flow.Sequential"


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A failing task in DEPTH sequences."""
    opening = "".join(f"[{{id: s{n}, type: {SEQUENCE}, tasks: " for n in range(DEPTH))
    leaf = "[{id: leaf, type: io.kestra.plugin.core.execution.Fail}]"
    folder = tmp_path_factory.mktemp("deep")
    text = f"id: deep\nnamespace: company.team\ntasks: {opening}{leaf}{'}]' * DEPTH}\n"
    (folder / "deep.yaml").write_text(text, "utf-8")
    return folder


def run(folder: Path, output: str) -> str:
    arguments = ["run", "deep.yaml", "--max-depth", "20000", "-o", output]
    result = run_here(arguments, folder)
    assert result.code == 1
    assert "s1999 > leaf  Task failure" in (result.err or result.out) or output == "ndjson"
    return result.out


def test_the_tree_of_a_deep_flow_shows_the_cause_at_its_end(deep: Path) -> None:
    lines = run(deep, "text").splitlines()
    assert lines[-1].startswith("flow `company.team.deep` FAILED in ")
    assert lines[-1].endswith(f": {DEPTH + 1:,} task runs, 1 failed")
    assert any("leaf FAILED" in line for line in lines)


def test_the_document_of_a_deep_flow_has_every_task_run(deep: Path) -> None:
    runs = json.loads(run(deep, "json"))["taskRunList"]
    assert len(runs) == DEPTH + 1
    assert {one["state"]["current"] for one in runs} == {"FAILED"}


@pytest.mark.parametrize("output", ["tree", "yaml", "ndjson"])
def test_other_documents_of_a_deep_flow_are_whole(output: str, deep: Path) -> None:
    out = run(deep, output)
    assert out.count("CREATED") >= 2 * (DEPTH + 1)
    assert out.rstrip().endswith(("}", "schemaVersion: 1"))


def test_the_nesting_of_a_file_is_limited_unless_asked(deep: Path) -> None:
    result = run_here(["run", "deep.yaml"], deep)
    assert (result.code, result.out) == (3, "")
    assert "--max-depth" in result.err
