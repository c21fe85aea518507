import pytest

from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.model.task import FlowableTask, Outcome, RunnableTask, Task, one_lane, tolerated
from tests.support.flows import leaf


def test_these_properties_belong_to_every_task():
    assert list(Task.properties) == [
        "id",
        "type",
        "version",
        "pluginDefaultsRef",
        "description",
        "retry",
        "timeout",
        "disabled",
        "workerGroup",
        "workerSelector",
        "logLevel",
        "allowFailure",
        "allowWarning",
        "logToFile",
        "runIf",
        "taskCache",
        "assets",
    ]


def test_a_task_runs_unless_it_is_told_otherwise():
    made = Task(id="a", type="t")
    assert (made.disabled, made.runIf, made.allowFailure, made.allowWarning) == (
        False,
        "true",
        False,
        False,
    )
    assert (made.retry, made.timeout, made.logLevel) == (None, None, None)


def test_a_flowable_has_errors_and_finally_too():
    assert list(FlowableTask.properties)[-2:] == ["errors", "finally"]
    assert (FlowableTask.flowable, RunnableTask.flowable) == (True, False)


def test_a_runnable_without_run_says_so():
    with pytest.raises(TypeError, match=r"^RunnableTask has no run\(\)$"):
        RunnableTask(id="a", type="t").run(None)


def test_a_flowable_without_expand_says_so():
    with pytest.raises(TypeError, match=r"^FlowableTask has no expand\(\)$"):
        FlowableTask(id="a", type="t").expand(None)


def test_a_flowable_is_tolerant_by_its_flags():
    made = FlowableTask(id="a", type="t", allowFailure=True)
    assert made.final_state(State.FAILED) is State.WARNING
    assert made.final_state(State.SUCCESS) is State.SUCCESS


@pytest.mark.parametrize("failure", [False, True])
@pytest.mark.parametrize("warning", [False, True])
@pytest.mark.parametrize("state", [State.SUCCESS, State.KILLED, State.SKIPPED])
def test_the_flags_touch_nothing_but_failures_and_warnings(failure, warning, state):
    assert tolerated(leaf("a", allowFailure=failure, allowWarning=warning), state) is state


@pytest.mark.parametrize(
    ("failure", "warning", "state", "counts"),
    [
        (True, False, "FAILED", "WARNING"),
        (True, True, "FAILED", "SUCCESS"),
        (False, True, "FAILED", "FAILED"),
        (False, True, "WARNING", "SUCCESS"),
        (True, False, "WARNING", "WARNING"),
    ],
)
def test_allow_failure_comes_before_allow_warning(failure, warning, state, counts):
    assert tolerated(leaf("a", allowFailure=failure, allowWarning=warning), State(state)) == counts


def test_one_lane_runs_all_tasks_of_a_block_in_order():
    assert one_lane("then", (leaf("a"), leaf("b"))) == [Lane("then", 0, 2)]


def test_an_empty_block_has_no_lane():
    assert one_lane("then", ()) == []


def test_an_attempt_that_says_nothing_was_a_success_without_outputs():
    assert Outcome() == Outcome(None, State.SUCCESS)
