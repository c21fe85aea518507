"""The flows that people are shown do what their descriptions say."""

import json
import re
from pathlib import Path

import pytest

from kestrel_cli.flowfile import load
from tests.support.cli import ROOT, run_here

FLOWS = sorted((ROOT / "flows").glob("*.yaml"))
CODES = {"SUCCESS": 0, "WARNING": 0, "FAILED": 1}


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_an_example_ends_as_its_description_says(path: Path, tmp_path: Path) -> None:
    said = re.search(r"Ends (\w+)", load(str(path)).flow.description or "")
    wanted = said[1] if said else "SUCCESS"
    result = run_here(["run", str(path), "-o", "json"], tmp_path)
    assert json.loads(result.out)["state"]["current"] == wanted, result.err
    assert result.code == CODES[wanted]


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_an_example_has_nothing_to_complain_about(path: Path) -> None:
    found = load(str(path)).warnings
    newer = [one for one in found if one.code == "kestra-1"]
    assert [one for one in found if one not in newer] == []
    assert not newer or "Kestra 2" in (load(str(path)).flow.description or "")


@pytest.mark.parametrize(
    ("name", "option", "state"),
    [
        ("hello", "name=Ada", "SUCCESS"),
        ("cleanup", "broken=false", "SUCCESS"),
        ("inputs", "guests=4", "SUCCESS"),
        ("inputs", 'courses:=["soup"]', "SUCCESS"),
        ("inputs", "day=2031-05-06", "SUCCESS"),
    ],
)
def test_what_a_description_proposes_works(
    name: str, option: str, state: str, tmp_path: Path
) -> None:
    flow = str(ROOT / "flows" / f"{name}.yaml")
    result = run_here(["run", flow, "-o", "json", "-i", option], tmp_path)
    assert json.loads(result.out)["state"]["current"] == state, result.err


def test_the_approval_can_be_given_at_once_or_later(tmp_path: Path) -> None:
    flow = str(ROOT / "flows" / "approval.yaml")
    at_once = ["run", flow, "-q", "--resume", "approve={approved: true}"]
    assert run_here(at_once, tmp_path).code == 0
    paused = json.loads(run_here(["run", flow, "-o", "json", "--pause", "wait"], tmp_path).out)
    later = ["resume", paused["id"], "-i", "approved=true"]
    assert "paid 120 for a new coffee machine (no comment)" in run_here(later, tmp_path).out


def test_a_newcomer_finds_an_example_of_every_kind() -> None:
    assert {path.stem for path in FLOWS} >= {
        "approval", "cleanup", "expressions", "files", "graph", "hello", "holiday", "inputs",
        "items", "loop", "packing", "parallel", "retries",
    }  # fmt: skip
