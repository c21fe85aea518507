"""What a run leaves is for the user alone, whatever the umask."""

import os
import stat
import sys
from pathlib import Path

import pytest

from tests.support.cli import run_here

FLOW = """
id: leaves
namespace: company.team
concurrency: {limit: 1}
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    content: text
    extension: .txt
  - id: key
    type: io.kestra.plugin.core.kv.Set
    key: k
    value: v
  - id: state
    type: io.kestra.plugin.core.state.Set
    data: {a: b}
  - id: script
    type: io.kestra.plugin.scripts.shell.Commands
    outputFiles: [one.txt]
    commands: [echo 1 > one.txt]
  - id: cached
    type: io.kestra.plugin.core.flow.WorkingDirectory
    cache: {patterns: ["*.txt"]}
    tasks:
      - id: inside
        type: io.kestra.plugin.scripts.shell.Commands
        commands: [echo 1 > two.txt]
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
"""


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of no use there")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_nobody_else_looks_into_state(umask: int, tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(FLOW)
    state = tmp_path / "not" / "there" / "yet"
    before = os.umask(umask)
    try:
        arguments = ["run", "flow.yaml", "-qq", "--pause", "wait", "--state-dir", str(state)]
        assert run_here(arguments, tmp_path).code == 0
        assert run_here(["resume", "last", "-qq", "--state-dir", str(state)], tmp_path).code == 0
    finally:
        os.umask(before)
    found = [tmp_path / "not", *(tmp_path / "not").rglob("*")]
    names = {path.relative_to(state).parts[0] for path in found if state in path.parents}
    assert names >= {"executions", "storage", "running", "kv.sqlite"}
    modes = {stat.S_IMODE(path.stat().st_mode) for path in found if path.is_dir()}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in found if path.is_file()} == {0}
