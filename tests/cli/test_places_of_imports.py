"""What lies in the working directory is data, never a module."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kestrel_cli import __main__ as entry
from tests.cli.flows_here import HELLO
from tests.support.cli import ROOT, run_process


@pytest.mark.parametrize(
    "name", ["typer", "signal", "jinja2", "difflib", "ruamel", "kestrel_shout"]
)
def test_a_module_in_the_working_directory_is_not_imported(name: str, tmp_path: Path) -> None:
    trap = "import os\nos.write(2, b'the trap was sprung')\nos._exit(9)\n"
    (tmp_path / f"{name}.py").write_text(trap)
    (tmp_path / "flow.yaml").write_text(HELLO)
    result = run_process(["run", "flow.yaml", "-qq"], tmp_path)
    assert (result.code, result.err) == (0, "")


def test_it_runs_from_a_checkout_that_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / "kestrel_cli").symlink_to(ROOT / "kestrel_cli")
    (tmp_path / "flow.yaml").write_text(HELLO)
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(
        [sys.executable, "-m", "kestrel_cli", "run", "flow.yaml", "-qq"],
        cwd=tmp_path,
        env={**environ, "XDG_STATE_HOME": str(tmp_path / "state")},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize("first", ["", None])
def test_only_what_python_has_put_first_is_taken_away(
    first: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = str(tmp_path.resolve()) if first is None else first
    monkeypatch.setattr(sys, "path", [here, "/elsewhere", here])
    entry.forget_working_directory()
    assert sys.path == ["/elsewhere", here]  # the last one is the user's, by PYTHONPATH
    entry.forget_working_directory()
    assert sys.path == ["/elsewhere", here]
