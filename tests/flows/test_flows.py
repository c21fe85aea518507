"""Each folder here is a flow and everything that `kestrel run` says of it.

    flow.yaml       the flow; its first line says what is shown
    run.yaml        optional: `args` after the file, `env`, `stdin`, `exit`, `process: true`
    stdout.txt, stderr.txt      whole outputs; a missing file means that nothing is printed
    taskruns.json   the execution as JSON (see support/normal.py); missing when nothing was run
    anything else   is there in the directory in which the flow runs

`pytest tests/flows --update-goldens` writes the three of them anew. Exit codes are written by hand.
"""

import difflib
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.support.cli import run_here, run_process
from tests.support.normal import Normal

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent.name for path in HERE.glob("*/flow.yaml"))
GOLDENS = ("stdout.txt", "stderr.txt", "taskruns.json")
DEFAULTS = {"args": [], "env": {}, "stdin": "", "exit": 0, "process": False}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_flow_prints_and_gives_what_its_folder_holds(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    golden = HERE / name
    setup = set_up(golden)
    for file in golden.iterdir():
        if file.name not in (*GOLDENS, "run.yaml"):
            shutil.copy(file, tmp_path)
    document = tmp_path / ".document.json"
    arguments = ["run", "flow.yaml", "--json-file", str(document), *setup["args"]]
    start = run_process if setup["process"] else run_here
    result = start(arguments, tmp_path, setup["env"], setup["stdin"])

    normal = Normal(tmp_path)
    got = {"stdout.txt": normal.text(result.out), "stderr.txt": normal.text(result.err)}
    ran = document.is_file() and document.stat().st_size
    got["taskruns.json"] = normal.document(document.read_text("utf-8")) if ran else ""

    assert "\x1b" not in result.out + result.err
    assert result.code == setup["exit"], f"exit code {result.code}\n{result.out}\n{result.err}"
    if request.config.getoption("--update-goldens"):
        update(golden, got)
    assert not (differences := "\n".join(different(golden, got))), f"\n{differences}"


def test_every_file_of_a_folder_is_of_use() -> None:
    for name in FOLDERS:
        assert set(set_up(HERE / name)) == set(DEFAULTS), name
        assert (HERE / name / "flow.yaml").read_text("utf-8").startswith("# "), name
        assert not [file for file in (HERE / name).iterdir() if not file.read_bytes()], name


def set_up(golden: Path) -> dict:
    """The contents of run.yaml, or what holds without one."""
    path = golden / "run.yaml"
    said = YAML(typ="safe").load(path.read_text("utf-8")) if path.is_file() else {}
    return DEFAULTS | said


def update(golden: Path, got: dict[str, str]) -> None:
    """Take what came as right."""
    for name, text in got.items():
        (golden / name).unlink(missing_ok=True)
        if text:
            (golden / name).write_text(text, "utf-8")


def different(golden: Path, got: dict[str, str]) -> list[str]:
    """The differences as a diff, `-` wanted, `+` got."""
    lines = []
    for name, text in got.items():
        path = golden / name
        wanted = path.read_text("utf-8") if path.is_file() else ""
        lines += difflib.unified_diff(
            wanted.splitlines(), text.splitlines(), f"{golden.name}/{name}", "got", lineterm="", n=2
        )
    return lines
