"""All executions of a run together: attempts that wait at the same time, executions that follow
others, the time limits of both.
"""

import time

import pytest

from kestrel_cli.model.retry import Constant
from kestrel_cli.worker.interrupts import Interrupts
from tests.app.flows_on_disk import CORE, Disk, outputs, states
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


# -- attempts on threads


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


# -- executions that follow a RETRIED one


def anew(attempts=3, **more):
    made = constant(0.001, behavior="CREATE_NEW_EXECUTION", maxAttempts=attempts, **more)
    assert isinstance(made, Constant)
    return made


def test_a_failure_may_be_followed_by_a_new_execution_as_often_as_its_policy_says():
    told = Collect()
    ko = task("execution.Fail", "ko", retry=anew())
    result = running(flow(leaf("a"), ko), told, labels=[("team", "x")])
    first, second, third = [execution for execution, _, _ in told.begun]
    assert [str(one.state) for one in (first, second, third)] == ["RETRIED", "RETRIED", "FAILED"]
    assert (result.execution, result.exit_code, told.closed) == (third, 1, [1])
    assert [one.attempt_number for one in (first, second, third)] == [1, 2, 3]
    assert [one.parent_id for one in (first, second, third)] == [None, first.id, second.id]
    assert second.original_id == third.original_id == first.id
    assert ("system.replay", "true") in third.labels
    assert ("team", "x") in third.labels
    assert len({first.id, second.id, third.id}) == 3
    assert states(first) == ["a SUCCESS", "ko RETRIED"]
    assert third.earlier == [first, second]


def test_a_new_execution_has_the_same_inputs_and_may_succeed(tmp_path):
    disk = Disk(tmp_path)
    policy = "{type: constant, interval: PT0S, behavior: CREATE_NEW_EXECUTION, maxAttempts: 5}"
    disk.flow("main", f"""
inputs: [{{id: n, type: INT}}]
tasks:
  - id: ko
    type: {CORE}.execution.Fail
    condition: "{{{{ execution.originalId == execution.id }}}}"
    retry: {policy}
  - {{id: give, type: {CORE}.debug.Return, format: "{{{{ inputs.n + 1 }}}}"}}
""")  # fmt: skip
    result = disk.run(inputs={"n": 4})
    assert result.exit_code == 0
    assert outputs(result.execution, "give") == {"value": "5"}
    assert [str(one.state) for one in disk.executions()] == ["RETRIED", "SUCCESS"]


def test_a_kill_between_two_executions_ends_the_one_that_was_to_begin():
    interrupts = Interrupts()

    class Killing(Collect):
        def on_event(self, event, execution):
            if execution.state == "RETRIED":
                interrupts.kill(2)

    told = Killing()
    policy = constant(60, behavior="CREATE_NEW_EXECUTION")
    made = flow(task("execution.Fail", "ko", retry=policy))
    result, took = timed(made, told, interrupts=interrupts)
    assert took < 5
    assert (result.exit_code, result.execution.state) == (130, "KILLED")
    assert [execution for execution, _, _ in told.begun] == [
        result.execution.earlier[0],
        result.execution,
    ]
    moments = [at for _, at in result.execution.history]
    assert moments == sorted(moments)


def test_a_kill_of_the_caller_between_two_executions_of_a_subflow_ends_all(tmp_path):
    disk = Disk(tmp_path)
    policy = "{type: constant, interval: PT1M, behavior: CREATE_NEW_EXECUTION}"
    disk.flow("child", f"tasks: [{{id: ko, type: {CORE}.execution.Fail, retry: {policy}}}]")
    disk.flow("main", f"""
sla: [{{id: soon, type: MAX_DURATION, duration: PT0.1S, behavior: FAIL}}]
tasks: [{{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: child}}]
""")  # fmt: skip
    began = time.perf_counter()
    assert disk.run().exit_code == 1
    assert time.perf_counter() - began < 5
    assert [str(one.state) for one in disk.executions()] == ["FAILED", "RETRIED", "KILLED"]


# -- what they share


def test_a_seed_makes_the_ids_of_all_executions_repeatable(tmp_path):
    disk = Disk(tmp_path)
    disk.flow("child", f"tasks: [{{id: r, type: {CORE}.debug.Return, format: '{{{{ uuid() }}}}'}}]")
    call = f"{{type: {CORE}.flow.Subflow, namespace: company.team, flowId: child"
    disk.flow("main", f"tasks: [{call}, id: a}}, {call}, id: b}}]")

    def facts(seed):
        disk.run(seed=seed, journaled=False)
        return [(one.id, states(one), one.runs[0].outputs) for one in disk.executions()]

    assert facts(7) == facts(7)
    assert facts(7) != facts(8)
    assert len({one[0] for one in facts(7)}) == 3


@pytest.mark.parametrize("wanted", [None, "id"])
def test_tasks_can_fetch_what_was_logged_so_far(tmp_path, wanted):
    disk = Disk(tmp_path)
    more = "" if wanted is None else ', executionId: "{{ execution.id }}"'
    disk.flow("main", f"""
tasks:
  - {{id: say, type: {CORE}.log.Log, message: hello}}
  - {{id: fetch, type: {CORE}.log.Fetch{more}}}
""")  # fmt: skip
    result = disk.run()
    assert result.exit_code == 0, disk.told.told
    assert outputs(result.execution, "fetch")["size"] >= 1
