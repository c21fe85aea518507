"""A mistake of Kestrel inside a task is told as one."""

from pathlib import Path

import pytest

from kestrel_cli.tasks.log.log import Log
from tests.cli.flows_here import CORE
from tests.support.cli import run_here

FLOW = f"""
id: bug
namespace: company.team
tasks:
  - {{id: log, type: {CORE}.log.Log, message: "{{{{ secret('TOKEN') }}}}"}}
"""


def test_a_bug_in_a_task_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def run(self: Log, ctx: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(Log, "run", run)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    (tmp_path / "bug.yaml").write_text(FLOW, "utf-8")
    env = {"KESTREL_SECRET_TOKEN": "correct-horse-battery"}
    result = run_here(["run", "bug.yaml"], tmp_path, env)
    assert result.code == 1
    assert "ERROR log           this is a bug in kestrel, not in the flow: KeyError" in result.out
    assert "error: this is a bug in kestrel: KeyError: 'oops'" in result.err
    assert "a report is in " in result.err
    result = run_here(["run", "bug.yaml", "--debug"], tmp_path, env)
    assert "Traceback" in result.err


def test_what_a_disk_does_is_no_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(self: Log, ctx: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Log, "run", run)
    (tmp_path / "bug.yaml").write_text(FLOW, "utf-8")
    env = {"KESTREL_SECRET_TOKEN": "correct-horse-battery"}
    result = run_here(["run", "bug.yaml"], tmp_path, env)
    assert "bug in kestrel" not in result.out + result.err
