"""Memory grows with the flow, not with the amount of output."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import COMMAND, process_environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no wait4")

FLOW = """
id: much
namespace: company.team
tasks:
  - id: script
    type: io.kestra.plugin.scripts.shell.Commands
    outputFiles: [file]
    commands: ["COMMAND"]
  - id: read
    type: io.kestra.plugin.core.log.Log
    message: "{{ outputs.script.exitCode }}"
"""
AMOUNT = 60  # MB
COMMANDS = {
    "lines": f"yes 'a line of a log' | head -c {AMOUNT}000000",
    "one line": f"head -c {AMOUNT}000000 /dev/zero | tr '\\\\0' x",
    "zeros": f"head -c {AMOUNT}000000 /dev/zero",
    "errors": f"yes 'an error' | head -c {AMOUNT}000000 >&2",
    "a file": f"head -c {AMOUNT}000000 /dev/zero > file",
}


def peak(folder: Path, command: str) -> int:
    """The most memory that a run had, in MB."""
    (folder / "flow.yaml").write_text(FLOW.replace("COMMAND", f"touch file; {command}"))
    process = subprocess.Popen(
        [*COMMAND, "run", "flow.yaml", "-qq", "--json-file", "run.json"],
        cwd=folder,
        env=process_environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss // (1024 if sys.platform != "darwin" else 1 << 20)


@pytest.mark.parametrize("name", COMMANDS)
def test_memory_does_not_grow_with_output(name: str, tmp_path: Path) -> None:
    assert peak(tmp_path, COMMANDS[name]) < peak(tmp_path, "true") + AMOUNT // 3
