import pytest

from kestrel_cli.model.state import EXECUTION_TRANSITIONS, SEVERITY, TERMINAL, TRANSITIONS, State


def test_states_print_by_name():
    assert f"{State.RUNNING} {State.KILLED!s}" == "RUNNING KILLED"
    assert State("WARNING") is State.WARNING
    assert State.FAILED == "FAILED"
    assert {State.FAILED: 1}["FAILED"] == 1


def test_there_are_these_states():
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
        "SUBMITTED",
        "BREAKPOINT",
        "RESUBMITTED",
    ]


@pytest.mark.parametrize("state", [State.SUBMITTED, State.BREAKPOINT, State.RESUBMITTED])
def test_states_of_servers_are_never_reached_here(state):
    for table in (TRANSITIONS, EXECUTION_TRANSITIONS):
        assert state not in table
        assert not any(state in reached for reached in table.values())


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


ENDS = ["CANCELLED", "FAILED", "SUCCESS", "WARNING"]
AGAIN = ["RESTARTED", "RUNNING", "SUCCESS", "WARNING"]  # a restart, or a state set by hand


def steps(table):
    return {str(a): sorted(b) for a, b in table.items()}


def test_the_steps_of_task_runs():
    assert steps(TRANSITIONS) == {
        "CREATED": sorted(
            ["FAILED", "KILLED", "RUNNING", "SKIPPED", "CANCELLED", "SUCCESS", "WARNING"]
        ),
        "RUNNING": sorted([*ENDS, "KILLING", "PAUSED", "RETRIED", "SKIPPED"]),
        "PAUSED": sorted([*ENDS, "RUNNING", "KILLING", "KILLED", "RETRIED"]),
        "KILLING": ["KILLED"],
        "FAILED": sorted([*AGAIN, "RETRYING", "RETRIED"]),
        "RETRYING": ["CREATED", "KILLED"],
        "RESTARTED": ["FAILED", "KILLED", "RUNNING", "SKIPPED"],
        **dict.fromkeys(("SUCCESS", "WARNING", "SKIPPED", "KILLED", "CANCELLED"), AGAIN),
    }


def test_the_steps_of_executions():
    restarted = ["RESTARTED"]
    assert steps(EXECUTION_TRANSITIONS) == {
        "CREATED": ["CANCELLED", "FAILED", "KILLING", "QUEUED", "RUNNING", "SUCCESS"],
        "QUEUED": ["CANCELLED", "FAILED", "RUNNING"],
        "RUNNING": sorted([*ENDS, "KILLING", "PAUSED", "RETRYING"]),
        "PAUSED": ["CANCELLED", "FAILED", "KILLING", "RESTARTED", "RUNNING"],
        "RESTARTED": ["CANCELLED", "FAILED", "KILLING", "RUNNING", "SUCCESS", "WARNING"],
        "RETRYING": sorted([*ENDS, "KILLING", "RUNNING"]),
        "KILLING": ["KILLED"],
        "FAILED": ["RESTARTED", "RETRIED", "RETRYING"],
        **dict.fromkeys(("SUCCESS", "WARNING", "KILLED", "CANCELLED"), restarted),
    }


def test_what_was_retried_as_a_new_execution_is_over_for_good():
    assert State.RETRIED not in TRANSITIONS
    assert State.RETRIED not in EXECUTION_TRANSITIONS
