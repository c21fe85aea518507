"""Trouble with the journal is one warning and changes nothing else.

A disk that is full, broken or read-only at any operation: trouble with the journal never changes
a run.
"""

import errno
import json
import os
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kestrel_cli.store import journal
from tests.reliability.scene_tasks import CORE, give, log
from tests.support.cli import Result, run_here

ERRORS = [errno.ENOSPC, errno.EIO, errno.EACCES]
FLOW = f"""
id: full
namespace: company.team
tasks:
  - id: each
    type: {CORE}.flow.ForEach
    values: {list(range(12))}
    tasks:
      - {give("a", "{{ taskrun.value }}")}
      - {log("b", "said {{ outputs.a[taskrun.value].value }}")}
  - id: side
    type: {CORE}.flow.Parallel
    tasks:
      - {{id: nap, type: {CORE}.flow.Sleep, duration: PT0.001S}}
      - {{id: doze, type: {CORE}.flow.Sleep, duration: PT0.001S}}
  - {{id: iterations, type: {CORE}.flow.Loop, values: [1, 2], tasks: [{log("c")}]}}
  - {{id: fails, type: {CORE}.execution.Fail, allowFailure: true}}
"""


class Disk:
    """The `os` of the journal's module; the n-th call of one function fails."""

    def __init__(self, patch: pytest.MonkeyPatch, function: str, number: int, error: int) -> None:
        self.failed = 0
        self._calls = 0
        whole = getattr(os, function)

        def call(*arguments: Any, **more: Any) -> Any:
            self._calls += 1
            if self._calls >= number and not (error == errno.ENOSPC and _fits(*arguments)):
                self.failed += 1
                raise OSError(error, os.strerror(error))
            return whole(*arguments, **more)

        patch.setattr(journal, "os", SimpleNamespace(**{**vars(os), function: call}))


def _fits(file: int, data: bytes = b"", *_: Any) -> bool:
    """Whether the file has this room already: a full disk takes nothing away."""
    return os.lseek(file, 0, os.SEEK_CUR) + len(data) <= os.fstat(file).st_size if data else False


def ran(folder: Path, *options: str) -> Result:
    (folder / "flow.yaml").write_text(FLOW, "utf-8")
    return run_here(
        ["run", "flow.yaml", "--compat", "2", "--seed", "7", "-o", "json", *options], folder
    )


def facts(result: Result) -> list[Any]:
    """The code, and what the document says of the task runs."""
    found = json.loads(result.out)
    runs = [
        (run["taskId"], run.get("value"), run["state"]["current"], run["outputs"])
        for run in found["taskRunList"]
    ]
    return [result.code, found["exitCode"], found["state"]["current"], runs]


def warnings(result: Result) -> list[str]:
    return [line for line in result.err.splitlines() if line.startswith(("warning", "error"))]


@pytest.mark.parametrize("function", ["open", "write"])
def test_a_disk_that_fails_at_any_operation_is_one_warning_and_changes_nothing(
    function: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = facts(ran(tmp_path))
    for number in count(1):
        error = ERRORS[number % len(ERRORS)]
        with monkeypatch.context() as patch:
            disk = Disk(patch, function, number, error)
            result = ran(tmp_path)
        assert facts(result) == wanted
        if not disk.failed:
            assert number > 1
            assert warnings(result) == []
            return
        (warning,) = warnings(result)
        assert os.strerror(error) in warning


@pytest.mark.parametrize("function", ["open", "write", "fsync"])
def test_a_durable_run_whose_disk_fails_says_so_and_ends_with_3(
    function: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in count(1):
        error = ERRORS[number % len(ERRORS)]
        with monkeypatch.context() as patch:
            disk = Disk(patch, function, number, error)
            result = ran(tmp_path, "--durable")
        if not disk.failed:
            assert (result.code, number > 1) == (0, True)
            return
        assert result.code == 3
        assert "`--durable`: the journal can't be" in result.err
        assert "Traceback" not in result.err
        assert "bug" not in result.err


def test_what_is_not_whole_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2, 6):
        with monkeypatch.context() as patch:
            Disk(patch, "write", number, errno.ENOSPC)
            done = json.loads(ran(tmp_path).out)
        result = run_here(["resume", done["id"], "-o", "json"], tmp_path)
        assert (result.code, result.out) == (3, "")
        assert "incomplete" in result.err
        listed = run_here(["executions"], tmp_path).out
        assert "INCOMPLETE" in listed
