"""Executions that wait for each other, each in a process of its own."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.cli import COMMAND, process_environment
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts of a shell")

FLOW = """
id: waits
namespace: company.team
inputs: [{id: number, type: STRING}]
concurrency: {limit: LIMIT, behavior: QUEUE}
tasks:
  - id: script
    type: io.kestra.plugin.scripts.shell.Commands
    commands: ["echo {{ inputs.number }} >> order; while [ ! -e go ]; do sleep 0.02; done"]
"""


class Line:
    """A folder with the flow, and the processes that run it."""

    def __init__(self, folder: Path, limit: int = 1) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        (folder / "flow.yaml").write_text(FLOW.replace("LIMIT", str(limit)))
        script = (folder / "flow.yaml").read_text()
        (folder / "flow.yaml").write_text(
            script.replace(">> order", f">> {folder}/order").replace("-e go", f"-e {folder}/go")
        )

    def start(self, number: int) -> None:
        """Start the next one, and see it waiting or running."""
        self.processes.append(
            subprocess.Popen(
                [*COMMAND, "run", "flow.yaml", "-qq", "-i", f"number={number}"],
                cwd=self.folder,
                env=process_environment(self.folder),
                stdout=subprocess.DEVNULL,
            )
        )
        wait_until(lambda: self.known() >= len(self.processes), "it waits or runs")

    def known(self) -> int:
        """How many have come so far: those that run and those that wait."""
        line = self.folder / ".state" / "kestrel" / "running" / "company.team" / "waits" / "line"
        waiting = len(list(line.glob("*"))) if line.is_dir() else 0
        return waiting + len(self.order())

    def order(self) -> list[int]:
        """Those that have begun, in order."""
        order = self.folder / "order"
        return [int(line) for line in order.read_text().split()] if order.exists() else []

    def go(self) -> list[int]:
        """Let all of them run; returns the order in which they did."""
        (self.folder / "go").touch()
        for process in self.processes:
            process.wait(60)
        return self.order()

    def close(self) -> None:
        """Leave nobody behind."""
        (self.folder / "go").touch()
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def line(tmp_path: Path):
    made = Line(tmp_path)
    yield made
    made.close()


def test_first_come_is_first_served(line: Line) -> None:
    for number in range(8):
        line.start(number)
    assert line.order() == [0]
    assert line.go() == list(range(8))
    assert [process.returncode for process in line.processes] == [0] * 8


def test_one_that_is_killed_while_it_waits_holds_up_nobody(line: Line) -> None:
    for number in range(4):
        line.start(number)
    for number, how in ((1, signal.SIGKILL), (2, signal.SIGTERM)):
        line.processes[number].send_signal(how)
        line.processes[number].wait(10)
    assert line.go() == [0, 3]


def test_the_place_of_one_that_is_killed_goes_to_the_next(line: Line) -> None:
    for number in range(3):
        line.start(number)
    line.processes[0].kill()
    line.processes[0].wait()
    wait_until(lambda: line.order() == [0, 1], "the next one runs")
    assert line.go() == [0, 1, 2]


def test_with_room_for_two_the_next_two_run(tmp_path: Path) -> None:
    line = Line(tmp_path, limit=2)
    try:
        for number in range(5):
            line.start(number)
        assert line.order() == [0, 1]
        began = time.monotonic()
        order = line.go()
        # Who has a place may say so after the one that came behind it and got the next.
        assert (sorted(order), 4 in order[:3]) == ([0, 1, 2, 3, 4], False)
        assert time.monotonic() - began < 20
    finally:
        line.close()
