"""Where cases run, and in how many processes."""

import tempfile
from pathlib import Path

import pytest

from kestrel_cli.cli import test_processes
from tests.app.testing.suites import CORE, flow, results, suite

FETCH = f"- {{id: a, type: {CORE}.debug.Return, format: x}}"
PASSES = "assertions: [{value: '{{ outputs.a.value }}', equalTo: x}]"
FILES = "fixtures: {files: {a.txt: hello}, tasks: [{id: a, outputs: {value: x}}]}"


def test_nothing_is_left_of_the_folders_of_cases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, flows = tmp_path / "temporary", tmp_path / "flows"
    here.mkdir()
    flows.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(here))
    seen: list[list[str]] = []

    def heard(_: object, __: object) -> None:
        (folder,) = here.iterdir()
        seen.append([one.name for one in folder.iterdir()])

    found = results(flows, flow(FETCH), suite(PASSES, f"{FILES}\n{PASSES}"), heard=heard)
    assert [case.state for case in found.cases] == ["SUCCESS", "SUCCESS"]
    assert seen == [[], []]
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "cases", "expected"),
    [("auto", 5, 1), ("auto", 100, 1), ("auto", 450, 4), ("auto", 90_000, 8), ("3", 5, 3)],
)
def test_auto_begins_no_process_that_takes_longer_to_begin_than_to_run_its_cases(
    text: str, cases: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    processors = set(range(8))
    monkeypatch.setattr("os.sched_getaffinity", lambda _: processors, raising=False)
    assert test_processes.number_of_processes(text, cases) == expected
