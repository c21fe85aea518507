import pytest

from kestrel_cli.app.engine.pauses import Answers
from kestrel_cli.app.request import PausePolicy
from kestrel_cli.errors import InputError
from kestrel_cli.model.event import Resumed
from kestrel_cli.model.state import State
from tests.app.running import Collect, running
from tests.support.flows import flow, leaf, task
from tests.support.inputs import declared

NUMBER = declared({"id": "n", "type": "INT"})
PAUSE = task("flow.Pause", "gate", onResume=[NUMBER])


def ran(*tasks, **how):
    result, told = result_of(*tasks, **how)
    return result.execution, told


def result_of(*tasks, more=None, **how):
    """The result of a run whose pauses go on so, and what was told."""
    told = Collect()
    made = flow(*(tasks or (PAUSE,)), leaf("z"))
    return running(made, told, pauses=PausePolicy(**how), **(more or {})), told


def states(execution):
    return [str(run.state) for run in execution.listed()]


def test_inputs_that_were_given_resume_the_task_typed():
    execution, _ = ran(given={"gate": {"n": "4"}})
    assert states(execution) == ["SUCCESS", "SUCCESS"]
    outputs = execution.runs[0].outputs
    assert outputs["onResume"] == {"n": 4}
    assert outputs["resumed"]["to"] == "SUCCESS"


def test_what_was_given_comes_before_somebody_is_asked():
    def ask(*_):
        raise AssertionError("nobody is asked")

    execution, _ = ran(given={"gate": {"n": 1}}, ask=ask)
    assert execution.state == "SUCCESS"


def test_somebody_is_asked_about_the_task():
    asked = []

    def ask(made, pause, given, _):
        asked.append((made.id, pause.id, given))
        return {"n": 7}

    execution, _ = ran(ask=ask)
    assert asked == [("test", "gate", {})]
    assert execution.runs[0].outputs["onResume"] == {"n": 7}


def test_somebody_may_say_no():
    execution, told = ran(ask=lambda *_: "no")
    assert states(execution) == ["FAILED"]
    assert told.logged() == ["the task `gate` is not resumed: the answer was no"]


def test_when_nobody_answers_the_task_fails_and_the_log_says_what_to_do():
    execution, told = ran()
    assert (states(execution), execution.state) == (["FAILED"], "FAILED")
    (said,) = told.logged()
    assert said.startswith(
        "nobody is there to resume the task `gate`: give `--resume 'gate={n: ...}'`"
    )


def test_pauses_are_skipped_when_they_are_to_be():
    long = task("flow.Pause", "long", pauseDuration="PT1H")
    execution, _ = ran(task("flow.Pause", "gate"), long, policy="skip")
    assert states(execution) == ["SUCCESS", "SUCCESS", "SUCCESS"]


def test_a_pause_that_waits_without_a_journal_fails_for_it_could_not_be_resumed():
    execution, told = ran(policy="wait")
    assert states(execution) == ["FAILED"]
    assert "no journal is kept" in told.logged()[0]


def test_an_execution_may_be_left_paused(tmp_path):
    more = {"journaled": True, "state_dir": str(tmp_path)}
    result, _ = result_of(policy="wait", more=more)
    assert (result.exit_code, result.execution.state) == (0, "PAUSED")
    assert states(result.execution) == ["PAUSED"]


WRONG = {"gate": {"n": "x"}}


def test_inputs_that_do_not_fit_leave_it_paused_or_are_raised(tmp_path):
    more = {"journaled": True, "state_dir": str(tmp_path)}
    result, told = result_of(given=WRONG, more=more)
    assert (states(result.execution), result.exit_code) == (["PAUSED"], 1)
    assert "the task `gate` can't be resumed" in told.logged()[0]
    with pytest.raises(InputError):
        ran(given=WRONG, strict=True)


def test_inputs_that_do_not_fit_fail_it_where_nothing_could_resume_it_later():
    result, told = result_of(given=WRONG)
    assert (states(result.execution), result.exit_code) == (["FAILED"], 1)
    refused, lost = told.logged()
    assert "the task `gate` can't be resumed" in refused
    assert "no journal is kept" in lost


def test_its_duration_ends_as_its_behavior_says():
    for behavior, state in (("RESUME", "SUCCESS"), ("WARN", "WARNING"), ("FAIL", "FAILED")):
        pause = task("flow.Pause", "p", pauseDuration="PT0.001S", behavior=behavior)
        execution, _ = ran(pause)
        assert states(execution)[0] == state
    pause = task("flow.Pause", "p", pauseDuration="PT0.001S", behavior="CANCEL")
    execution, _ = ran(pause, leaf("never"))
    assert (states(execution), execution.state) == (["CANCELLED"], "CANCELLED")


def test_its_timeout_fails_it():
    execution, _ = ran(task("flow.Pause", "p", timeout="PT0.001S"))
    assert states(execution) == ["FAILED"]


def test_an_event_says_when_and_how_it_went_on():
    execution, _ = ran(given={"gate": {"n": 1}})
    event = Answers(PausePolicy()).event(execution.runs[0], {"n": 2}, State.WARNING, 7)
    assert isinstance(event, Resumed)
    assert (event.run, event.at, event.state) == (0, 7, "WARNING")
    assert event.outputs["onResume"] == {"n": 2}


def test_what_is_given_for_one_task_run_comes_before_all_and_counts_once():
    execution, _ = ran()
    run = execution.runs[0]
    given = {"gate": {"n": 1}}
    answers = Answers(PausePolicy(given=given, once={(execution.id, run.number): {"n": 2}}))
    found = [
        answers.answer(execution, run, lambda _, values: dict(values), lambda value, _: value)
        for _ in range(2)
    ]
    assert [one.inputs for one in found] == [{"n": 2}, {"n": 1}]


def test_what_is_given_for_an_iteration_counts_for_that_one():
    loop = task("flow.ForEach", "each", values=["x", "y"], tasks=(PAUSE,))
    execution, _ = ran(loop, given={"gate[x]": {"n": 1}, "gate": {"n": 2}})
    found = [run.outputs["onResume"] for run in execution.runs if run.task.id == "gate"]
    assert found == [{"n": 1}, {"n": 2}]
