"""The hooks for pre-commit: what they are run for, and what they then do."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.ci_files.shells import BAD, FLOW, documents
from tests.support.cli import Result, run_here

(LIST,) = documents(".pre-commit-hooks.yaml")
HOOKS: dict[str, dict[str, Any]] = {one["id"]: one for one in LIST}
PATHS = ("flows/a.yaml", "flows/b.test.yaml", "src/a.yaml", "kestra/x/y.yml", "flows/read.md")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "a.yaml").write_text(FLOW)
    (tmp_path / "flows" / "bad.yaml").write_text(BAD)
    (tmp_path / "flows" / "b.test.yaml").write_text("name: of something else\n")
    return tmp_path


def hook(name: str, folder: Path, *files: str) -> Result:
    one = HOOKS[name]
    words = [*shlex.split(one["entry"]), *one.get("args", [])]
    assert words[0] == "kestrel"
    assert one["language"] == "python"
    named = files if one.get("pass_filenames", True) else ()
    return run_here([*words[1:], *named], folder)


def test_a_good_flow_passes_in_silence(folder: Path) -> None:
    assert hook("kestrel-validate", folder, "flows/a.yaml") == Result(0, "", "")


def test_what_is_no_flow_passes_in_silence(folder: Path) -> None:
    assert hook("kestrel-validate", folder, "flows/b.test.yaml") == Result(0, "", "")


def test_a_bad_suite_stops_the_commit(folder: Path) -> None:
    (folder / "flows" / "c.test.yaml").write_text("id: c\nflowId: a\ntestCases: []\n")
    ended = hook("kestrel-validate", folder, "flows/c.test.yaml")
    assert ended.code == 1
    assert "`testCases` must not be empty" in ended.out


def test_a_bad_flow_stops_the_commit(folder: Path) -> None:
    ended = hook("kestrel-validate", folder, "flows/a.yaml", "flows/bad.yaml")
    assert ended.code == 1
    assert "flows/bad.yaml" in ended.out


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("kestrel-validate", ["flows/a.yaml", "flows/b.test.yaml", "kestra/x/y.yml"]),
        (
            "kestrel-test",
            ["flows/a.yaml", "flows/b.test.yaml", "kestra/x/y.yml", "flows/read.md"],
        ),
    ],
)
def test_a_commit_without_flows_runs_no_hook(name: str, expected: list[str]) -> None:
    one = HOOKS[name]
    ends = (".yaml", ".yml") if one.get("types") == ["yaml"] else ("",)
    seen = [path for path in PATHS if re.search(one["files"], path) and path.endswith(ends)]
    assert seen == expected


def test_suites_run_once_whichever_files_changed() -> None:
    one = HOOKS["kestrel-test"]
    assert (one["pass_filenames"], one["stages"]) == (False, ["pre-push"])
    assert one["entry"] == "kestrel test --allow-empty"


def test_suites_are_run_before_a_push(folder: Path) -> None:
    assert hook("kestrel-test", folder) == Result(0, "", "")
    suite = (
        "id: c\nnamespace: company.team\nflowId: greet\ntestCases:\n  - id: one\n    type: x.Y\n"
    )
    text = "    assertions: [{value: '{{ execution.outputs.text }}', equalTo: nobody}]\n"
    (folder / "flows" / "bad.yaml").unlink()
    (folder / "flows" / "c.test.yaml").write_text(suite + text)
    assert hook("kestrel-test", folder).code == 0
    (folder / "flows" / "c.test.yaml").write_text(suite + text.replace("nobody", "somebody"))
    ended = hook("kestrel-test", folder)
    assert ended.code == 1
    assert "FAILED c > one" in ended.out
