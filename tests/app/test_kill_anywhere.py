"""A kill that arrives at any executed line of a run leaves a whole execution behind."""

import sys
from types import FrameType
from typing import Any

import pytest

from kestrel_cli.app.run import RunRequest, run
from kestrel_cli.errors import Interrupted
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.state import TERMINAL
from kestrel_cli.worker.interrupts import Interrupts
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import constant

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


def scene_with_threads_and_executions():
    naps = tuple(task("flow.Sleep", name, duration="PT0.001S") for name in ("nap", "doze"))
    retry = constant(0, maxAttempts=2)
    errors = (leaf("e"),)
    fails = task("execution.Fail", "ko")
    return flow(
        task("flow.Parallel", "p", tasks=naps),
        task("flow.Pause", "pause", pauseDuration="PT0S", onPause=leaf("o"), tasks=(leaf("b"),)),
        task("flow.Loop", "loop", values=[1, 2], tasks=(leaf("it"),)),
        sequence("box", fails, errors=errors, allowFailure=True, retry=retry),
        finally_=(leaf("last"),),
        afterExecution=(leaf("after"),),
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


def killed_at(line: int, made: Flow) -> tuple[int, bool]:
    """The exit code, and whether the run had a line of that number."""
    interrupts = Interrupts()
    request = RunRequest(made, journaled=False, interrupts=interrupts, environ={})
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
        _, more = killed_at(line, scene())
        line += PARTS


def test_a_kill_at_many_lines_ends_a_run_with_threads_and_executions_whole():
    line, more = 1, True
    while more:
        code, more = killed_at(line, scene_with_threads_and_executions())
        assert code in (0, 130)
        line += 29
