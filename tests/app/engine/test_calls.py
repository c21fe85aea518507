"""Executions that task runs start: Subflow, ForEachItem, Loop."""

import time

import pytest

from kestrel_cli.app.run import run
from kestrel_cli.model.retry import Constant
from kestrel_cli.model.state import State
from kestrel_cli.worker.interrupts import Interrupts
from tests.app.flows_on_disk import CORE, Disk, outputs, states
from tests.app.running import Collect, running
from tests.support.flows import flow, leaf, task
from tests.support.play import constant

CHILD = f"""
inputs:
  - {{id: word, type: STRING, defaults: none}}
tasks:
  - {{id: say, type: {CORE}.log.Log, message: "{{{{ inputs.word }}}}"}}
  - {{id: give, type: {CORE}.debug.Return, format: "{{{{ inputs.word }}}}!"}}
outputs:
  - {{id: said, type: STRING, value: "{{{{ outputs.give.value }}}}"}}
"""
FAILS = f"tasks: [{{id: ko, type: {CORE}.execution.Fail}}]"
WARNS = f"tasks: [{{id: ko, type: {CORE}.execution.Fail, allowFailure: true}}]"
EXITS = f"tasks: [{{id: x, type: {CORE}.execution.Exit, state: %s}}]"


@pytest.fixture
def disk(tmp_path):
    made = Disk(tmp_path)
    made.flow("child", CHILD)
    return made


def calling(disk, child="child", more="", after=""):
    """A flow that calls another one, and what comes after it."""
    disk.flow(
        "main",
        f"""
labels: {{team: a, env: ci}}
tasks:
  - id: call
    type: {CORE}.flow.Subflow
    namespace: company.team
    flowId: {child}
{more}
{after}
""",
    )


# -- Subflow


def test_a_subflow_is_an_execution_of_its_own_that_is_waited_for(disk):
    calling(disk, more="    inputs: {word: hello}", after=f"""
  - {{id: z, type: {CORE}.debug.Return, format: "{{{{ outputs.call.outputs.said }}}}"}}
""")  # fmt: skip
    result = disk.run()
    main, child = disk.executions()
    assert (result.exit_code, states(main)) == (0, ["call SUCCESS", "z SUCCESS"])
    assert outputs(main, "call") == {
        "executionId": child.id,
        "state": "SUCCESS",
        "outputs": {"said": "hello!"},
    }
    assert outputs(main, "z") == {"value": "hello!"}
    assert disk.told.begun == [(main, None, None), (child, main, 0)]
    call = main.runs[0]
    assert [state for state, _ in call.history] == ["CREATED", "RUNNING", "SUCCESS"]
    assert [[state for state, _ in one.history] for one in call.attempts] == [
        ["CREATED", "RUNNING", "SUCCESS"]
    ]


def test_a_subflow_knows_who_called_it(disk):
    calling(disk)
    disk.run()
    main, child = disk.executions()
    assert child.trigger == {
        "id": "call",
        "type": f"{CORE}.flow.Subflow",
        "executionId": main.id,
        "namespace": "company.team",
        "flowId": "main",
        "flowRevision": 1,
        "taskRunId": main.run_id(0),
        "taskId": "call",
    }


def test_a_subflow_that_is_not_waited_for_changes_nothing(disk):
    disk.flow("fails", FAILS)
    calling(disk, "fails", "    wait: false")
    assert disk.run().exit_code == 0
    main, child = disk.executions()
    assert outputs(main, "call") == {"executionId": child.id, "state": "CREATED"}
    assert (main.state, child.state) == ("SUCCESS", "FAILED")


@pytest.mark.parametrize(
    ("child", "more", "state"),
    [
        (FAILS, "", "FAILED"),
        (FAILS, "transmitFailed: false", "SUCCESS"),
        (FAILS, "allowFailure: true", "WARNING"),
        (WARNS, "", "WARNING"),
        (WARNS, "allowWarning: true", "SUCCESS"),
        (EXITS % "CANCELLED", "", "SUCCESS"),
        (EXITS % "KILLED", "", "KILLED"),
    ],
)
def test_the_state_of_a_subflow_becomes_that_of_its_task_run(disk, child, more, state):
    disk.flow("other", child)
    calling(disk, "other", f"    {more}")
    disk.run()
    main, other = disk.executions()
    assert states(main) == [f"call {state}"]
    assert main.state == state
    assert outputs(main, "call")["state"] == other.state


def test_labels_of_the_system_are_passed_on_and_all_when_they_are_to_be(disk):
    disk.flow("labelled", "labels: {env: own}\n" + CHILD)
    for more, inherited in (("", []), ("    inheritLabels: true", [("team", "a")])):
        calling(disk, "labelled", f"    labels: {{extra: '{{{{ flow.id }}}}'}}\n{more}")
        disk.run()
        main, child = disk.executions()
        correlation = ("system.correlationId", main.id)
        assert child.labels[0] == ("env", "own")
        assert sorted(child.labels[1:]) == sorted([*inherited, correlation, ("extra", "main")])


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("nowhere", "Unable to find flow 'company.team'.'nowhere' with revision '0'"),
        ("idle", "Cannot execute a flow which is disabled"),
        ("needs", "Missing required input:n"),
        ("broken", "broken.yaml"),
    ],
)
def test_a_subflow_that_cannot_begin_fails_its_task_run(disk, target, message):
    disk.flow("idle", "disabled: true\n" + CHILD)
    disk.flow("needs", f"inputs: [{{id: n, type: INT}}]\n{FAILS}")
    disk.flow("broken", "tasks: 5")
    calling(disk, target)
    assert disk.run().exit_code == 1
    (main,) = disk.executions()
    assert states(main) == ["call FAILED"]
    assert [str(one.state) for one in main.runs[0].attempts] == ["FAILED"]
    assert any(message in one for one in disk.told.logged())


def test_inputs_that_the_flow_does_not_have_are_a_warning(disk):
    calling(disk, more="    inputs: {nonsense: 1}")
    assert disk.run().exit_code == 0
    assert any("nonsense" in one and one.startswith("WARN") for one in disk.told.told)


def test_each_attempt_starts_an_execution_of_its_own(disk):
    retry = "{type: constant, interval: PT0.001S, maxAttempts: 3}"
    disk.flow("sometimes", f"""
inputs: [{{id: n, type: STRING}}]
tasks: [{{id: ko, type: {CORE}.execution.Fail, condition: "{{{{ inputs.n != '2' }}}}"}}]
""")  # fmt: skip
    calling(disk, "sometimes", f"""
    retry: {retry}
    inputs: {{n: "{{{{ taskrun.attemptsCount }}}}"}}
""")  # fmt: skip
    assert disk.run().exit_code == 0
    main, *children = disk.executions()
    assert [child.state for child in children] == ["FAILED", "FAILED", "SUCCESS"]
    assert len({child.id for child in children}) == 3
    assert [str(one.state) for one in main.runs[0].attempts] == ["FAILED", "FAILED", "SUCCESS"]
    assert outputs(main, "call")["executionId"] == children[2].id


def test_flows_that_call_each_other_end_at_a_hundred(disk):
    call = f"type: {CORE}.flow.Subflow, namespace: company.team"
    for one, other in (("ping", "pong"), ("pong", "ping")):
        disk.flow(one, f"tasks: [{{id: call, {call}, flowId: {other}}}]")
    assert disk.run("ping").exit_code == 1
    assert len(disk.executions()) == 101
    assert {execution.state for execution in disk.executions()} == {State.FAILED}
    assert any("more than 100 executions inside each other" in one for one in disk.told.logged())


def test_a_kill_ends_the_subflow_then_the_flow(disk):
    disk.flow("sleeps", f"tasks: [{{id: s, type: {CORE}.flow.Sleep, duration: PT1M}}]")
    calling(disk, "sleeps")
    interrupts = Interrupts()

    class Killing:
        def started(self, execution, parent, run): ...
        def on_event(self, event, execution): ...
        def close(self, execution, exit_code): ...
        def on_log(self, line, execution):
            if line.message.startswith("Waiting"):
                interrupts.kill(2)

    request = disk.request(interrupts=interrupts, reporters=(disk.told, Killing()))
    assert run(request).exit_code == 130
    main, child = disk.executions()
    assert (main.state, child.state) == ("KILLED", "KILLED")
    assert (states(main), states(child)) == (["call KILLED"], ["s KILLED"])


def test_a_subflow_that_ends_to_be_followed_by_another_execution_is_waited_for(disk):
    retry = "{type: constant, interval: PT0S, maxAttempts: 3, behavior: CREATE_NEW_EXECUTION}"
    disk.flow("anew", f"tasks: [{{id: ko, type: {CORE}.execution.Fail, retry: {retry}}}]")
    calling(disk, "anew")
    disk.run()
    main, *children = disk.executions()
    assert [child.state for child in children] == ["RETRIED", "RETRIED", "FAILED"]
    assert outputs(main, "call") == {"executionId": children[2].id, "state": "FAILED"}
    assert states(main) == ["call FAILED"]


# -- ForEachItem


def items(disk, more="", content="p\\nq\\nr\\n", child="child"):
    disk.flow("main", f"""
tasks:
  - {{id: write, type: {CORE}.storage.Write, content: "{content}", extension: .txt}}
  - id: each
    type: {CORE}.flow.ForEachItem
    items: "{{{{ outputs.write.uri }}}}"
    batch: {{rows: 2}}
    namespace: company.team
    flowId: {child}
    inputs: {{word: "{{{{ taskrun.iteration }}}} {{{{ read(taskrun.items) }}}}"}}
{more}
""")  # fmt: skip


def test_each_batch_of_a_file_is_an_execution(disk):
    items(disk)
    assert disk.run().exit_code == 0
    main, *children = disk.executions()
    assert states(main)[1:] == [
        f"each{part} SUCCESS" for part in ("", "_split", "_items", "_merge")
    ]
    assert [child.inputs["word"] for child in children] == ["0 p\nq\n", "1 r\n"]
    found = outputs(main, "each_items")
    assert found["numberOfBatches"] == 2
    assert found["iterations"] == {"CREATED": 0, "RUNNING": 0, "SUCCESS": 2}
    assert list(outputs(main, "each_merge")) == ["subflowOutputs"]


def test_a_batch_that_fails_fails_them_all_and_nothing_is_merged(disk):
    disk.flow("fails", f"inputs: [{{id: word, type: STRING}}]\n{FAILS}")
    items(disk, child="fails")
    assert disk.run().exit_code == 1
    main, *children = disk.executions()
    assert len(children) == 2
    assert states(main)[1:] == ["each FAILED", "each_split SUCCESS", "each_items FAILED"]


def test_of_an_empty_file_nothing_is_called(disk):
    items(disk, content="")
    assert disk.run().exit_code == 0
    (main,) = disk.executions()
    assert states(main)[-1] == "each_merge SUCCESS"
    assert outputs(main, "each_items")["numberOfBatches"] == 0


# -- Loop


def loop(disk, text, after=""):
    disk.flow("main", f"tasks:\n  - id: loop\n    type: {CORE}.flow.Loop\n{text}{after}")


def test_each_value_of_a_loop_is_an_execution_that_sees_what_is_around_it(disk):
    said = "{{ item.index }} {{ item.value }} {{ outputs.first.value }} {{ flow.id }}"
    disk.flow("main", f"""
tasks:
  - {{id: first, type: {CORE}.debug.Return, format: f}}
  - id: loop
    type: {CORE}.flow.Loop
    values: [x, y]
    tasks: [{{id: give, type: {CORE}.debug.Return, format: "{said}"}}]
    outputs: [{{id: o, type: STRING, value: "{{{{ outputs.give.value }}}}"}}]
  - {{id: after, type: {CORE}.debug.Return, format: "{{{{ outputs.give is defined }}}}"}}
""")  # fmt: skip
    assert disk.run().exit_code == 0
    main, *iterations = disk.executions()
    assert [one.kind for one in iterations] == ["LOOP", "LOOP"]
    assert outputs(main, "loop")["outputs"] == [
        {"item": {"value": "x", "iteration": 0}, "outputs": {"o": "0 x f main"}},
        {"item": {"value": "y", "iteration": 1}, "outputs": {"o": "1 y f main"}},
    ]
    assert outputs(main, "loop")["iterationCount"] == 2
    assert outputs(main, "after") == {"value": "false"}


def test_a_loop_inside_another_sees_the_items_around_it(disk):
    said = "{{ item.parent.value }} {{ item.parents[0].value }} {{ item.parents | length }}"
    loop(disk, f"""
    values: [x, y]
    tasks:
      - id: middle
        type: {CORE}.flow.Loop
        values: {{k: 1}}
        tasks:
          - id: inner
            type: {CORE}.flow.Loop
            values: [z]
            tasks: [{{id: say, type: {CORE}.log.Log, message: "{said}"}}]
""")  # fmt: skip
    assert disk.run().exit_code == 0
    assert disk.told.logged() == ["1 x 2", "1 y 2"]


def test_a_failed_iteration_ends_the_loop(disk):
    text = f"""
    values: [1, 2, 3]
    tasks:
      - {{id: ko, type: {CORE}.execution.Fail, condition: "{{{{ item.value == '2' }}}}"}}
"""
    loop(disk, text)
    assert disk.run().exit_code == 1
    main, *iterations = disk.executions()
    assert [str(one.state) for one in iterations] == ["SUCCESS", "FAILED"]
    assert states(main) == ["loop FAILED"]
    loop(disk, f"    transmitFailed: false{text}")
    assert disk.run().exit_code == 0
    main, *iterations = disk.executions()
    assert [str(one.state) for one in iterations] == ["SUCCESS", "FAILED", "SUCCESS"]


def test_a_condition_ends_a_loop(disk):
    loop(disk, f"""
    values: [1, 2, 3]
    breakWhen: "{{{{ iteration.outputs.o == '2' and iteration.state == 'SUCCESS' }}}}"
    tasks: [{{id: give, type: {CORE}.debug.Return, format: "{{{{ item.value }}}}"}}]
    outputs: [{{id: o, type: STRING, value: "{{{{ outputs.give.value }}}}"}}]
""")  # fmt: skip
    assert disk.run().exit_code == 0
    main, *iterations = disk.executions()
    assert len(iterations) == 2
    assert outputs(main, "loop")["iterationCount"] == 2


def test_so_many_iterations_run_at_once_as_the_limit_says(disk):
    at_once = []

    class Watching:
        running = 0

        def started(self, execution, parent, run):
            self.running += parent is not None
            at_once.append(self.running)

        def on_event(self, event, execution):
            self.running -= execution.kind == "LOOP" and type(event).__name__ == "Concluded"

        def on_log(self, line, execution): ...
        def close(self, execution, exit_code): ...

    loop(disk, f"""
    values: [1, 2, 3, 4, 5]
    concurrencyLimit: 2
    tasks: [{{id: s, type: {CORE}.flow.Sleep, duration: PT0.002S}}]
""")  # fmt: skip
    assert run(disk.request(reporters=(Watching(),))).exit_code == 0
    assert max(at_once) == 2


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
    assert third.earlier == (first, second)


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
    began = time.perf_counter()
    result = running(made, told, interrupts=interrupts)
    assert time.perf_counter() - began < 5
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
