"""Going on with a run from Python; the commands are tested in tests/cli, kills in
tests/reliability.
"""

import pytest

from kestrel_cli.app.named_runs import run_named
from kestrel_cli.app.replay import replay
from kestrel_cli.app.request import PausePolicy
from kestrel_cli.app.resume import change_state, read_back, restart, resume
from kestrel_cli.errors import NothingMatched, UsageError
from kestrel_cli.model.state import State
from tests.app.flows_on_disk import CORE, Disk, outputs, states
from tests.app.running import Collect, links_named

FLAKY = f"""
tasks:
  - {{id: a, type: {CORE}.debug.Return, format: x}}
  - id: each
    type: {CORE}.flow.ForEach
    values: [x, y]
    tasks:
      - id: ko
        type: {CORE}.execution.Fail
        condition: "{{{{ taskrun.value == 'y' and kv('ready', errorOnMissing=false) != 'yes' }}}}"
  - {{id: z, type: {CORE}.log.Log, message: done}}
errors:
  - {{id: e, type: {CORE}.log.Log, message: sorry}}
"""


@pytest.fixture
def disk(tmp_path):
    made = Disk(tmp_path)
    made.flow("main", FLAKY)
    return made


def again(disk, **more):
    disk.told = Collect()
    return disk.request(**more)


def test_a_state_set_by_hand_lets_the_execution_go_on(disk):
    name = disk.run().execution.id
    request = again(disk)
    result = change_state(request, name, run_named("ko[y]"), State.WARNING)
    assert result.execution.id == name
    assert states(result.execution) == [
        "a SUCCESS",
        "each WARNING",
        "ko[x] SUCCESS",
        "ko[y] WARNING",
        "z SUCCESS",
    ]
    assert (result.exit_code, result.execution.state) == (0, "WARNING")
    assert "done" in disk.told.logged()


def test_the_execution_begins_before_all_that_is_told_of_it(disk):
    name = disk.run().execution.id
    order = []

    class Order(Collect):
        def started(self, execution, parent, run):
            order.append("started")

        def on_event(self, event, execution):
            order.append(type(event).__name__)

    replay(again(disk, reporters=(Order(),)), name)
    assert order[:2] == ["started", "Begun"]


def test_the_request_gets_the_flow_and_the_text_of_the_run(disk):
    name = disk.run().execution.id
    disk.flow("main", FLAKY.replace("id: z", "id: other"))
    before = again(disk)
    request, story = read_back(before, name)
    assert "other" in before.flow.by_id
    assert "z" in request.flow.by_id
    assert "other" not in request.text
    assert story.root.execution.flow is request.flow


@pytest.mark.parametrize(
    ("selector", "number"), [("a", 0), ("ko[x]", 2), ("ko[y]", 3), ("each", 1), ("e", 4)]
)
def test_a_task_run_is_found_by_its_task_and_values(disk, selector, number):
    execution = disk.run().execution
    assert run_named(selector)(execution).number == number


@pytest.mark.parametrize(
    ("selector", "error", "words"),
    [
        ("z", NothingMatched, "no task run `z`; there are runs of: a, e, each, ko"),
        ("ko[p]", NothingMatched, "no task run `ko"),
        ("ko", UsageError, r"more than once: name one of them, such as `ko\[x\]`, `ko\[y\]`"),
        ("ko[", UsageError, "write `TASK`"),
    ],
)
def test_another_name_finds_none(disk, selector, error, words):
    execution = disk.run().execution
    with pytest.raises(error, match=words):
        run_named(selector)(execution)


CHILD = f"""
tasks:
  - {{id: before, type: {CORE}.log.Log, message: before}}
  - id: ko
    type: {CORE}.execution.Fail
    condition: "{{{{ kv('ready', errorOnMissing=false) != 'yes' }}}}"
"""


def kv(value):
    from kestrel_cli.worker.services import Given

    return Given(kv={"ready": value})


@pytest.mark.parametrize(
    ("behavior", "said"),
    [("RETRY_FAILED", []), ("NEW_EXECUTION", ["Created new execution child", "before"])],
)
def test_a_restart_goes_on_with_the_failed_executions_of_failed_tasks(disk, behavior, said):
    disk.flow("child", CHILD)
    disk.flow("main", f"""
tasks:
  - id: call
    type: {CORE}.flow.Subflow
    namespace: company.team
    flowId: child
    restartBehavior: {behavior}
""")  # fmt: skip
    first = disk.run().execution
    child = outputs(first, "call")["executionId"]
    result = restart(again(disk, given=kv("yes")), first.id)
    assert (result.exit_code, states(result.execution)) == (0, ["call SUCCESS"])
    assert links_named(disk.told.logged()) == said
    assert (outputs(result.execution, "call")["executionId"] == child) is (said == [])


def test_a_subflow_that_waits_is_gone_on_with_by_the_run_that_called_it(disk):
    disk.flow("child", f"tasks: [{{id: gate, type: {CORE}.flow.Pause}}]")
    disk.flow("main", f"""
tasks:
  - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: child}}
  - {{id: z, type: {CORE}.log.Log, message: done}}
""")  # fmt: skip
    first = disk.run(pauses=PausePolicy(policy="wait"))
    main, child = disk.executions()
    assert (first.exit_code, main.state, child.state) == (0, "RUNNING", "PAUSED")
    request = again(disk, pauses=PausePolicy(given={"gate": {}}))
    result = resume(request, main.id)
    assert states(result.execution) == ["call SUCCESS", "z SUCCESS"]
    assert [one.id for one in disk.executions()] == [main.id, child.id]
    assert [len(run.attempts) for run in result.execution.runs] == [1, 1]
