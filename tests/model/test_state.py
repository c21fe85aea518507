import pytest

from kestrel_cli.model.state import EXECUTION_TRANSITIONS, SEVERITY, TERMINAL, TRANSITIONS, State


def test_states_print_by_name():
    assert f"{State.RUNNING} {State.KILLED!s}" == "RUNNING KILLED"
    assert State("WARNING") is State.WARNING
    assert State.FAILED == "FAILED"
    assert {State.FAILED: 1}["FAILED"] == 1


def test_there_are_these_states_and_no_queue():
    assert [str(state) for state in State] == [
        "CREATED",
        "RUNNING",
        "PAUSED",
        "RESTARTED",
        "KILLING",
        "SUCCESS",
        "WARNING",
        "FAILED",
        "KILLED",
        "CANCELLED",
        "QUEUED",
        "RETRYING",
        "RETRIED",
        "SKIPPED",
    ]


def test_these_states_are_terminal():
    terminal = {"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "RETRIED", "SKIPPED"}
    assert terminal == TERMINAL


def test_a_container_is_as_bad_as_its_worst_child():
    ranked = sorted(SEVERITY, key=lambda state: -SEVERITY[state])
    assert ranked[:4] == ["KILLED", "FAILED", "WARNING", "PAUSED"]


@pytest.mark.parametrize("state", ["SKIPPED", "CANCELLED", "RETRIED"])
def test_these_children_count_as_success(state):
    assert SEVERITY[State(state)] == SEVERITY[State.SUCCESS] == 0


def test_whatever_ends_has_a_severity():
    assert set(SEVERITY) >= TERMINAL


def test_the_steps_of_task_runs():
    assert {str(a): sorted(b) for a, b in TRANSITIONS.items()} == {
        "CREATED": ["FAILED", "KILLED", "RUNNING", "SKIPPED"],
        "RUNNING": ["FAILED", "KILLING", "SUCCESS", "WARNING"],
        "KILLING": ["KILLED"],
        "FAILED": ["RETRYING"],
        "RETRYING": ["CREATED", "KILLED"],
    }


def test_the_steps_of_executions():
    assert {str(a): sorted(b) for a, b in EXECUTION_TRANSITIONS.items()} == {
        "CREATED": ["FAILED", "KILLING", "RUNNING", "SUCCESS"],
        "RUNNING": ["FAILED", "KILLING", "RETRYING", "SUCCESS", "WARNING"],
        "RETRYING": ["KILLING", "RUNNING"],
        "KILLING": ["KILLED"],
    }
