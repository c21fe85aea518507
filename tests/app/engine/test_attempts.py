"""Attempts that wait at the same time, on threads of their own."""

import time

from kestrel_cli.worker.interrupts import Interrupts
from tests.app.flows_on_disk import states
from tests.app.running import Collect, running
from tests.support.flows import flow, leaf, task
from tests.support.play import constant


def sleep(name, duration, **more):
    return task("flow.Sleep", name, duration=duration, **more)


def side_by_side(*tasks, **more):
    return task("flow.Parallel", "p", tasks=tasks, **more)


def timed(made, told=None, **more):
    """The result of a run, and its seconds."""
    began = time.perf_counter()
    result = running(made, told, **more)
    return result, time.perf_counter() - began


def test_three_tasks_that_wait_side_by_side_take_about_as_long_as_one():
    made = flow(side_by_side(*[sleep(name, "PT0.2S") for name in "abc"]))
    result, took = timed(made)
    assert result.exit_code == 0
    assert 0.2 <= took < 0.55


def test_one_after_the_other_they_take_as_long_as_all():
    made = flow(side_by_side(*[sleep(name, "PT0.03S") for name in "abc"]))
    result, took = timed(made, sequential=True)
    assert result.exit_code == 0
    assert took >= 0.09
    assert [run.task.id for run in result.execution.runs] == ["p", "a", "b", "c"]


def test_as_many_wait_at_once_as_the_flowable_says():
    running_at_once = []

    class Watching(Collect):
        def on_event(self, event, execution):
            running_at_once.append(sum(run.state == "RUNNING" for run in execution.runs[1:]))

    tasks = [sleep(name, "PT0.005S") for name in "abcdef"]
    running(flow(side_by_side(*tasks, concurrent=2)), Watching())
    assert max(running_at_once) == 2


def test_what_does_not_wait_goes_on_meanwhile():
    told = Collect()
    running(flow(side_by_side(sleep("s", "PT0.03S"), leaf("a"), leaf("b"))), told)
    ends = [one for one in told.told if one.startswith("AttemptEnded")]
    assert ends == ["AttemptEnded a", "AttemptEnded b", "AttemptEnded s"]


def test_task_runs_are_listed_in_the_order_of_one_worker_whenever_they_ended():
    loop = task(
        "flow.ForEach",
        "loop",
        values=["0.02", "0.001"],
        concurrencyLimit=0,
        tasks=(sleep("s", "PT{{ taskrun.value }}S"), leaf("a")),
    )
    execution = running(flow(loop)).execution
    assert [run.value for run in execution.runs[3:]] == ["0.001", "0.02"]
    assert [(run.task.id, run.value) for run in execution.listed()] == [
        ("loop", None),
        ("s", "0.02"),
        ("s", "0.001"),
        ("a", "0.02"),
        ("a", "0.001"),
    ]


def test_each_has_its_own_time_limit():
    late, soon = sleep("late", "PT1M", timeout="PT0.05S"), sleep("soon", "PT0.01S", timeout="PT1M")
    told = Collect()
    result, took = timed(flow(side_by_side(late, soon)), told)
    assert took < 5
    assert states(result.execution) == ["p FAILED", "late FAILED", "soon SUCCESS"]
    assert "Timeout after 00:00:00.050" in told.logged()


def test_a_kill_ends_all_of_them():
    interrupts = Interrupts()

    class Killing(Collect):
        def on_log(self, line, execution):
            super().on_log(line, execution)
            if sum("Waiting" in one for one in self.told) == 3:
                interrupts.kill(2)

    made = flow(side_by_side(*[sleep(name, "PT1M") for name in "abc"]), finally_=(leaf("never"),))
    result, took = timed(made, Killing(), interrupts=interrupts)
    assert took < 5
    assert result.exit_code == 130
    assert states(result.execution) == ["p KILLED", "a KILLED", "b KILLED", "c KILLED"]


def test_a_failure_stops_nothing_that_is_under_way():
    tasks = (sleep("s", "PT0.02S"), task("execution.Fail", "ko"))
    execution = running(flow(side_by_side(*tasks))).execution
    assert states(execution) == ["p FAILED", "s SUCCESS", "ko FAILED"]


def test_a_retry_waits_beside_what_goes_on():
    ko = task("execution.Fail", "ko", retry=constant(0.03, maxAttempts=2))
    told = Collect()
    _, took = timed(flow(side_by_side(ko, sleep("s", "PT0.06S"), sleep("t", "PT0.06S"))), told)
    assert took < 0.5
    assert told.told.index("AttemptStarted s") < told.told.index("TimerFired ko")
