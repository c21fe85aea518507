"""No child process outlives a run, however it ends. What a child does to get away is tested with
the processes themselves (`tests/tasks/processes`).
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import COMMAND, process_environment
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="promised on Linux")

FLOW = """
id: children
namespace: company.team
tasks:
  - id: side
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - id: shell
        type: io.kestra.plugin.scripts.shell.Commands
        commands: ["sleep 300 & echo $! >> pids; echo $$ >> pids; AFTER"]
      - id: other
        type: io.kestra.plugin.scripts.shell.Commands
        commands: ["(sleep 300 & echo $! >> pids); echo $$ >> pids; AFTER"]
"""


def alive(pid: str) -> bool:
    """Whether a process is there, and is more than an entry in the table."""
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("after", "how"),
    [
        ("true", None),
        ("exit 1", None),
        ("wait; sleep 300", signal.SIGINT),
        ("wait; sleep 300", signal.SIGTERM),
        ("wait; sleep 300", signal.SIGHUP),
        ("wait; sleep 300", signal.SIGKILL),
    ],
)
def test_no_child_outlives_a_run(after: str, how: int | None, tmp_path: Path) -> None:
    text = FLOW.replace("AFTER", after).replace("pids", f"{tmp_path}/pids")
    (tmp_path / "flow.yaml").write_text(text)
    with subprocess.Popen(
        [*COMMAND, "run", "flow.yaml", "-qq", "--kill-grace", "1s"],
        cwd=tmp_path,
        env=process_environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        pids = tmp_path / "pids"
        wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 4, "they have begun")
        if how is not None:
            process.send_signal(how)
        process.wait(60)
    for child in pids.read_text().split():
        wait_until(lambda: not alive(child), f"the child {child} ends", 5)  # noqa: B023
