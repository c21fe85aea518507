from kestrel_cli.model.state import State
from kestrel_cli.reporters.causes import causes, tally
from kestrel_cli.reporters.family import family
from tests.reporters.builders import (
    add,
    batches,
    block,
    call,
    each_switch,
    end,
    iterations,
    new_execution,
    retried,
    sub_flows,
)


def found(root):
    return [
        f"{cause.outer}: {'flow outputs' if cause.run is None else cause.run.task.id}"
        for cause in causes(root)
    ]


def test_leaves_are_those_that_did_not_inherit_their_state():
    execution = each_switch(failing=True)
    assert tally([execution]) == {State.FAILED: 1}
    assert found(execution) == [": switch_2"]


def test_an_allowed_failure_is_no_cause():
    execution = new_execution()
    allowed = add(execution, block("allow"), state=State.WARNING)
    add(execution, "shell", allowed, State.FAILED)
    add(execution, "fail", state=State.FAILED)
    assert found(execution) == [": fail"]
    assert tally([execution])[State.FAILED] == 2


def test_the_cause_is_looked_for_in_the_executions_below():
    root = sub_flows(failing=True)
    assert found(root) == ["sub > [middle] > inner > [last]: shell"]
    assert tally(family(root)) == {State.FAILED: 1}
    assert found(iterations(3, frozenset({1}))) == ["loop[s1]: log"]


def test_of_two_attempts_at_an_execution_both_are_told():
    root = end(new_execution(flow_id="main"), State.FAILED)
    sub = add(root, "sub", state=State.FAILED)
    for _ in range(2):
        add(call(root, sub, "child", State.FAILED), "shell", state=State.FAILED)
    assert found(root) == ["sub > [child]: shell"] * 2


def test_an_execution_that_fails_by_nothing_inside_leaves_the_task_run():
    root = end(new_execution(), State.FAILED)
    sub = add(root, "sub", state=State.FAILED, error="no such flow")
    assert found(root) == [": sub"]
    child = call(root, sub, "child", State.FAILED)
    assert found(root) == [": sub"]
    child.progress.error = "bad output"
    assert found(root) == ["sub > [child]: flow outputs"]


def test_the_batch_is_named():
    root = end(batches(3), State.FAILED)
    for run in (root.runs[0], root.runs[2]):
        run.state = State.FAILED
    bad = root.called[2][1]
    bad.progress.state = bad.runs[0].state = State.FAILED
    assert found(root) == ["each > each_items[#1] > [child]: log"]


def test_retried_and_paused_runs_are_counted_once():
    root = retried(new_execution(), 2)
    wait = add(root, block("wait"), state=State.PAUSED)
    add(root, "skipped", wait, State.SKIPPED)
    assert tally(family(root)) == {State.RETRIED: 2, State.PAUSED: 1, State.SKIPPED: 1}


def test_task_runs_that_are_gone_count_for_nothing():
    execution = new_execution()
    add(execution, "log", state=State.FAILED).gone = True
    assert tally([execution]) == {}
    assert found(execution) == []
