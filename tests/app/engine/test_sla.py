import time

import pytest

from kestrel_cli.model.fields import accept_all, made_of
from kestrel_cli.model.flow import Output, Sla
from tests.app.running import Collect, running
from tests.support.flows import flow, leaf, task

SLEEP = task("flow.Sleep", "s", duration="PT30S")


def agreement(behavior, **more):
    made = accept_all(Sla, {"id": "promise", "behavior": behavior, **more})
    assert isinstance(made, Sla)
    return made


def in_time(behavior, duration="PT0.05S", **more):
    return agreement(behavior, type="MAX_DURATION", duration=duration, **more)


def asserting(behavior, condition, **more):
    return agreement(behavior, type="EXECUTION_ASSERTION", **{"assert": condition}, **more)


def run(*tasks, sla):
    told = Collect()
    return running(flow(*tasks, sla=list(sla)), told), told


@pytest.mark.parametrize(("behavior", "state"), [("FAIL", "FAILED"), ("CANCEL", "CANCELLED")])
def test_an_execution_that_takes_too_long_ends(behavior, state):
    began = time.monotonic()
    result, told = run(SLEEP, sla=[in_time(behavior)])
    assert time.monotonic() - began < 5
    assert (result.exit_code, result.execution.state) == (1, state)
    warned = [one for one in told.told if one.startswith("WARN")]
    assert len(warned) == 1
    assert warned[0].startswith("WARN: SLA 'promise' violated: execution duration of PT")
    assert warned[0].endswith("exceed the maximum duration of PT0.05S.")
    failed = warned[0].replace("WARN: ", "ERROR: Execution failed due to ")
    errors = [one for one in told.told if one.startswith("ERROR: Execution")]
    assert errors == ([failed] if behavior == "FAIL" else [])


def test_one_that_is_in_time_hears_nothing_of_it():
    result, told = run(leaf("a"), sla=[in_time("FAIL", "PT1H")])
    assert result.execution.state == "SUCCESS"
    assert "Violated" not in told.told


def test_an_assertion_that_does_not_hold_ends_the_execution_where_it_stands():
    condition = "{{ (outputs.a.value ?? 'fine') == 'fine' }}"
    result, told = run(leaf("a", format="bad"), leaf("b"), sla=[asserting("FAIL", condition)])
    assert result.execution.state == "FAILED"
    assert [run.task.id for run in result.execution.runs if run.attempts] == ["a"]
    assert told.told.count("Violated") == 1
    assert f"assertion is false: {condition}." in next(
        one for one in told.told if one.startswith("ERROR")
    )


def test_one_that_the_last_task_has_ended_renders_no_outputs():
    wrong = made_of(Output, {"id": "o", "type": "STRING", "value": "{{ outputs.a.nothing }}"})
    told = Collect()
    promise = asserting("CANCEL", "{{ (outputs.a.value ?? 'fine') == 'fine' }}")
    after = (leaf("after"),)
    made = flow(leaf("a", format="bad"), sla=[promise], outputs=(wrong,), afterExecution=after)
    execution = running(made, told).execution
    assert execution.state == "CANCELLED"
    assert [run.task.id for run in execution.runs] == ["a", "after"]
    assert not [one for one in told.told if one.startswith("ERROR") or one == "Concluded"]


@pytest.mark.parametrize(("behavior", "state"), [("FAIL", "FAILED"), ("CANCEL", "CANCELLED")])
def test_where_an_assertion_does_not_hold_at_first_no_task_runs(behavior, state):
    result, told = run(leaf("a"), sla=[asserting(behavior, "false")])
    assert (result.exit_code, result.execution.state) == (1, state)
    assert [str(one) for one, _ in result.execution.history] == ["CREATED", state]
    assert result.execution.runs == []
    said = "SLA 'promise' violated: assertion is false: false."
    failed = [f"ERROR: Execution failed due to {said}"] if behavior == "FAIL" else []
    assert told.told == [f"WARN: {said}", *failed, "Violated"]


def test_what_only_watches_at_first_lets_the_others_act():
    made = [asserting("NONE", "false"), asserting("FAIL", "0"), asserting("CANCEL", "0")]
    result, told = run(leaf("a"), sla=made)
    assert (result.execution.state, result.execution.runs) == ("FAILED", [])
    assert told.told.count("Violated") == 2


def test_what_is_only_watched_gets_its_labels_once():
    made = asserting("NONE", "false", labels={"sla": "missed {{ flow.id }}"})
    result, told = run(leaf("a"), leaf("b"), sla=[made])
    assert result.execution.state == "SUCCESS"
    assert ("sla", "missed test") in result.execution.labels
    assert told.told.count("Violated") == 1


def test_labels_may_be_a_list():
    made = asserting("NONE", "false", labels=[{"key": "sla", "value": "missed"}])
    result, _ = run(leaf("a"), sla=[made])
    assert ("sla", "missed") in result.execution.labels


def test_each_promise_is_looked_at():
    made = [asserting("NONE", "false"), asserting("FAIL", "true"), asserting("FAIL", "0")]
    made[2].__dict__["id"] = "last"
    result, told = run(leaf("a"), leaf("b"), sla=made)
    assert result.execution.state == "FAILED"
    assert "ERROR: Execution failed due to SLA 'last' violated: assertion is false: 0." in told.told


def test_an_assertion_that_cannot_be_rendered_holds_with_one_warning():
    result, told = run(leaf("a"), leaf("b"), sla=[asserting("FAIL", "{{ nope }}")])
    assert result.execution.state == "SUCCESS"
    warned = [one for one in told.told if one.startswith("WARN")]
    assert len(warned) == 1
    assert warned[0].startswith("WARN: SLA 'promise' can't be looked at: Unable to find `nope`")
