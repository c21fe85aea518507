"""A kill that arrives at any executed line of a run leaves a whole execution behind."""

import sys
from types import FrameType
from typing import Any

import pytest

from kestrel_cli.app.run import RunRequest, run
from kestrel_cli.errors import Interrupted
from kestrel_cli.model.state import TERMINAL
from kestrel_cli.worker.interrupts import Interrupts
from tests.support.flows import flow, leaf, task

PARTS = 12


def scene():
    return flow(
        leaf("first", format="{{ flow.id }}", timeout="PT10S"),
        task(
            "flow.ForEach",
            "loop",
            values=["a", "b"],
            concurrencyLimit=2,
            tasks=(leaf("inner", format="{{ taskrun.value }}", runIf="{{ true }}"),),
        ),
        task("execution.Fail", "fails", allowFailure=True),
        finally_=(leaf("last", format="{{ outputs.first.value }}"),),
    )


class KillAtLine:
    """Asks for the end at the n-th line that is executed in the packages that run attempts."""

    def __init__(self, interrupts: Interrupts, line: int) -> None:
        self.interrupts = interrupts
        self.left = line

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if "kestrel_cli" not in name or not ("/worker/" in name or "/app/" in name):
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                self.interrupts.kill(2)
        return self


def killed_at(line: int) -> tuple[int, bool]:
    """The exit code, and whether the run had a line of that number."""
    interrupts = Interrupts()
    request = RunRequest(scene(), journaled=False, interrupts=interrupts, environ={})
    trace = KillAtLine(interrupts, line)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = run(request)
    except Interrupted as end:
        return end.exit_code, trace.left <= 0
    finally:
        sys.settrace(before)
    execution = result.execution
    assert execution.state in TERMINAL
    assert all(one.state in TERMINAL for one in execution.runs)
    assert not execution.active
    assert (result.exit_code == 130) == (execution.state == "KILLED")
    return result.exit_code, trace.left <= 0


@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_at_any_line_ends_the_run_whole(part):
    line, more = part + 1, True
    while more:
        _, more = killed_at(line)
        line += PARTS
