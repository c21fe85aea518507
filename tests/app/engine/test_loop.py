"""The loop: in which order things happen, what waits, and what a kill ends."""

import time

import pytest

from kestrel_cli.app.engine.loop import Engine
from kestrel_cli.app.engine.tools import Tools
from kestrel_cli.app.request import RunRequest
from kestrel_cli.model.effect import Begin
from kestrel_cli.model.state import State
from kestrel_cli.worker.interrupts import Interrupts
from tests.app.engine.made import live_in
from tests.app.flows_on_disk import CORE, Disk
from tests.app.running import Collect, links_named, running
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import constant


class Drive:
    """An engine with one execution, and what it told."""

    def __init__(self, *tasks, **properties):
        self.told = Collect()
        self.interrupts = Interrupts()
        request = RunRequest(
            flow(*tasks, **properties),
            reporters=(self.told,),
            interrupts=self.interrupts,
            environ={},
            journaled=False,
        )
        self.engine = Engine(Tools(request))
        self.live = live_in(self.engine.tools)
        self.execution = self.live.execution

    def run(self, warnings=()):
        self.live.warnings += warnings
        self.engine.tools.agenda.add(self.live, [Begin()])
        self.engine.run()
        return self

    def logged(self):
        return self.told.logged()

    def states(self):
        return [f"{run.task.id} {run.state}" for run in self.execution.runs]


def log(task_id, message, **more):
    return task("log.Log", task_id, message=message, **more)


def loop(values, *tasks, **more):
    return task("flow.ForEach", "loop", values=values, tasks=tasks, **more)


SAID = "{{ task.id }}{{ taskrun.value }}"


# -- the order of effects


@pytest.mark.parametrize(
    ("limit", "order"),
    [
        (1, ["ax", "bx", "ay", "by", "az", "bz"]),
        (2, ["ax", "ay", "bx", "by", "az", "bz"]),
        (0, ["ax", "ay", "az", "bx", "by", "bz"]),
    ],
)
def test_lanes_that_are_open_take_turns(limit, order):
    drive = Drive(
        loop(["x", "y", "z"], log("a", SAID), log("b", SAID), concurrencyLimit=limit)
    ).run()
    assert drive.logged() == order


@pytest.mark.parametrize(
    ("limit", "created"),
    [
        (1, ["loop", "a x", "b x", "a y", "b y", "a z", "b z"]),
        (2, ["loop", "a x", "a y", "b x", "b y", "a z", "b z"]),
        (0, ["loop", "a x", "a y", "a z", "b x", "b y", "b z"]),
    ],
)
def test_what_may_begin_is_created_before_anything_goes_on(limit, created):
    drive = Drive(loop(["x", "y", "z"], leaf("a"), leaf("b"), concurrencyLimit=limit)).run()
    assert [f"{r.task.id} {r.value or ''}".strip() for r in drive.execution.runs] == created


def test_flowables_side_by_side_take_turns():
    inner = sequence(
        "box", log("a", "{{ parent.taskrun.value }}a"), log("b", "{{ parent.taskrun.value }}b")
    )
    drive = Drive(loop(["x", "y"], inner, concurrencyLimit=0)).run()
    assert drive.logged() == ["xa", "ya", "xb", "yb"]


def test_a_failure_side_by_side_stops_nothing_that_has_begun():
    tasks = (task("execution.Fail", "ko"), log("a", "a"), log("b", "b"))
    drive = Drive(task("flow.Parallel", "p", tasks=tasks)).run()
    assert drive.states() == ["p FAILED", "ko FAILED", "a SUCCESS", "b SUCCESS"]


def test_everything_is_told_in_the_order_in_which_it_happened():
    drive = Drive(loop(["x"], log("a", "hello")), outputs=[])
    drive.run(["careful"])
    assert drive.told.told == [
        "WARN: careful",
        "Begun",
        "Expanded loop",
        "AttemptStarted a[x]",
        "INFO a[x]: hello",
        "AttemptEnded a[x]",
        "Concluded",
    ]


def test_a_skipped_and_a_refused_task_are_told():
    tasks = (
        leaf("a", runIf="false"),
        sequence("b", leaf("c"), runIf="false"),
        leaf("d", runIf="{{ x }}"),
    )
    drive = Drive(*tasks).run()
    assert [told for told in drive.told.told if not told.startswith("ERROR")] == [
        "Begun",
        "Skipped a",
        "Skipped b",
        "Refused d",
        "Concluded",
    ]
    assert drive.execution.state is State.FAILED


# -- retries


def test_a_failed_task_is_tried_again_after_its_wait():
    ko = task("execution.Fail", "ko", retry=constant(0.05, maxAttempts=3))
    began = time.monotonic()
    drive = Drive(ko).run()
    assert 0.1 <= time.monotonic() - began < 5
    (run,) = drive.execution.runs
    assert len(run.attempts) == 3
    for earlier, later in zip(run.attempts, run.attempts[1:], strict=False):
        assert later.history[0][1] - earlier.history[-1][1] >= 50_000


def test_what_can_run_runs_while_others_wait():
    ko = task("execution.Fail", "ko", retry=constant(0.02, maxAttempts=2))
    drive = Drive(task("flow.Parallel", "p", tasks=(ko, log("a", "a"), log("b", "b")))).run()
    told = drive.told.told
    assert told.index("AttemptEnded b") < told.index("TimerFired ko")


def test_waits_end_in_the_order_of_their_moments():
    late = task("execution.Fail", "late", retry=constant(0.08, maxAttempts=2))
    soon = task("execution.Fail", "soon", retry=constant(0.02, maxAttempts=2))
    drive = Drive(task("flow.Parallel", "p", tasks=(late, soon))).run()
    fired = [told for told in drive.told.told if told.startswith("TimerFired")]
    assert fired == ["TimerFired soon", "TimerFired late"]


def test_a_retry_without_a_wait_goes_on_at_once():
    drive = Drive(task("execution.Fail", "ko", retry=constant(0, maxAttempts=50))).run()
    assert len(drive.execution.runs[0].attempts) == 50


# -- kills


def kill_when(drive, told):
    """Ask for the end as soon as this is told."""
    original = drive.told.on_event

    def on_event(event, execution):
        original(event, execution)
        if drive.told.told[-1] == told:
            drive.interrupts.kill(2)

    drive.told.on_event = on_event


def test_a_kill_before_the_first_task_ends_everything():
    drive = Drive(leaf("a"), leaf("b"))
    drive.interrupts.kill(2)
    drive.run()
    assert (drive.states(), drive.execution.state) == (["a KILLED"], "KILLED")


def test_a_kill_between_tasks_begins_nothing_more():
    drive = Drive(leaf("a"), leaf("b"), errors=(leaf("e"),), finally_=(leaf("f"),))
    kill_when(drive, "AttemptEnded a")
    drive.run()
    assert (drive.states(), drive.execution.state) == (["a SUCCESS", "b KILLED"], "KILLED")


def test_a_kill_ends_the_attempt_under_way():
    drive = Drive(sequence("s", task("flow.Sleep", "a", duration="PT30S"), leaf("b")))
    original = drive.told.on_log

    def on_log(line, execution):
        original(line, execution)
        drive.interrupts.kill(15)

    drive.told.on_log = on_log
    began = time.monotonic()
    drive.run()
    assert time.monotonic() - began < 5
    assert (drive.states(), drive.execution.state) == (["s KILLED", "a KILLED"], "KILLED")
    assert drive.told.told[-2:] == ["KillRequested", "AttemptEnded a"]


def test_a_kill_between_the_start_of_an_attempt_and_its_work_ends_it():
    drive = Drive(leaf("a"))
    kill_when(drive, "AttemptStarted a")
    drive.run()
    assert drive.states() == ["a KILLED"]
    assert [run.attempts[0].state for run in drive.execution.runs] == ["KILLED"]


def test_a_kill_makes_what_waits_for_its_turn_void():
    drive = Drive(
        task("flow.Parallel", "p", tasks=(leaf("a"), leaf("b"), sequence("c", leaf("d"))))
    )
    kill_when(drive, "AttemptEnded a")
    drive.run()
    assert drive.states() == ["p KILLED", "a SUCCESS", "b KILLED", "c KILLED", "d KILLED"]


def test_a_kill_while_something_is_rendered_makes_the_effect_void():
    drive = Drive(sequence("s", leaf("a"), runIf="{{ x }}"))
    begin = drive.interrupts.begin

    def begin_after_kill():
        drive.interrupts.kill(2)
        begin()

    drive.interrupts.begin = begin_after_kill
    drive.run()
    assert (drive.states(), drive.execution.state) == (["s KILLED"], "KILLED")


def test_a_kill_ends_a_wait_for_the_next_attempt():
    drive = Drive(task("execution.Fail", "ko", retry=constant(30)))
    sleep = drive.interrupts.sleep

    def kill_and_sleep(seconds):
        drive.interrupts.kill(2)
        return sleep(seconds)

    drive.interrupts.sleep = kill_and_sleep
    began = time.monotonic()
    drive.run()
    assert time.monotonic() - began < 5
    assert (drive.states(), drive.execution.state) == (["ko KILLED"], "KILLED")


def test_a_kill_before_outputs_are_rendered_ends_it_killed():
    drive = Drive(leaf("a"))
    kill_when(drive, "AttemptEnded a")
    drive.run()
    assert drive.execution.state == "KILLED"
    assert drive.told.told[-1] == "KillRequested"


def test_a_kill_when_all_is_done_changes_nothing():
    drive = Drive(leaf("a"))
    kill_when(drive, "Concluded")
    drive.run()
    assert drive.execution.state == "SUCCESS"


def test_after_the_end_a_kill_changes_nothing_but_after_execution():
    drive = Drive(leaf("a"), afterExecution=(leaf("x"), leaf("y")))
    kill_when(drive, "AttemptEnded x")
    drive.run()
    assert (drive.states(), drive.execution.state) == (
        ["a SUCCESS", "x SUCCESS", "y KILLED"],
        "SUCCESS",
    )


def test_many_requests_between_the_messages_of_threads_lose_none_of_them():
    """A message that was lost would hold its thread up until it is given up, after ten seconds."""
    for kills_at in range(1, 30, 3):
        interrupts = Interrupts()

        class Killing(Collect):
            def on_log(self, line, execution, at=kills_at, asked=interrupts):
                super().on_log(line, execution)
                if len(self.told) == at:
                    asked.kill(2)

        naps = tuple(task("flow.Sleep", f"s{n}", duration="PT0.001S") for n in range(8))
        began = time.perf_counter()
        running(flow(task("flow.Parallel", "p", tasks=naps)), Killing(), interrupts=interrupts)
        assert time.perf_counter() - began < 5


def test_after_a_second_request_nothing_runs_after_the_end():
    interrupts = Interrupts()

    class Killing(Collect):
        def on_event(self, event, execution):
            super().on_event(event, execution)
            if self.told[-1] == "AttemptStarted a":
                interrupts.kill(2)
                interrupts.kill(2)

    told = Killing()
    result = running(flow(leaf("a"), afterExecution=(leaf("x"),)), told, interrupts=interrupts)
    assert [str(run.state) for run in result.execution.runs] == ["KILLED", "KILLED"]
    assert result.execution.runs[1].attempts == []


# -- several executions


def test_an_execution_that_is_started_goes_before_the_one_that_started_it(tmp_path):
    disk = Disk(tmp_path)
    disk.flow("child", f"tasks: [{{id: c, type: {CORE}.log.Log, message: child}}]")
    disk.flow("main", f"""
tasks:
  - id: p
    type: {CORE}.flow.Parallel
    tasks:
      - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: child}}
      - {{id: beside, type: {CORE}.log.Log, message: beside}}
""")  # fmt: skip
    disk.run()
    assert links_named(disk.told.logged()) == ["Created new execution child", "child", "beside"]


def test_the_flow_that_called_goes_on_while_the_called_one_waits(tmp_path):
    disk = Disk(tmp_path)
    disk.flow("child", f"""
tasks:
  - {{id: gate, type: {CORE}.flow.Pause, pauseDuration: PT0.02S}}
  - {{id: c, type: {CORE}.log.Log, message: child}}
""")  # fmt: skip
    disk.flow("main", f"""
tasks:
  - id: p
    type: {CORE}.flow.Parallel
    tasks:
      - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: child}}
      - {{id: beside, type: {CORE}.log.Log, message: beside}}
""")  # fmt: skip
    assert disk.run().exit_code == 0
    assert links_named(disk.told.logged()) == ["Created new execution child", "beside", "child"]
