"""Every legal step between states is taken by the scheduler; every other one is refused."""

from itertools import pairwise

import pytest

from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import EXECUTION_TRANSITIONS, TERMINAL, TRANSITIONS, State
from kestrel_cli.scheduler.states import (
    IllegalTransition,
    advance,
    advance_execution,
    begin_attempt,
    end_attempt,
)
from tests.support.flows import flow, leaf, sequence
from tests.support.play import Play, constant

FAILED, KILLED, SUCCESS, WARNING = State.FAILED, State.KILLED, State.SUCCESS, State.WARNING


def rows(table):
    return [(before, after) for before, many in table.items() for after in sorted(many)]


def begun(**properties):
    play = Play(flow(leaf("a", **properties)))
    play.begin()
    return play


def retrying():
    play = begun(retry=constant(1))
    play.work(0, FAILED)
    return play


def concluded(state, **more):
    play = begun()
    play.work(0, state)
    play.conclude(**more)
    return play


def empty(**more):
    play = Play(flow(leaf("off", disabled=True)))
    play.begin()
    play.conclude(**more)
    return play


def empty_killed():
    play = Play(flow(leaf("off", disabled=True)))
    play.begin()
    play.kill()
    return play


def then(play, *calls):
    for name, *arguments in calls:
        getattr(play, name)(*arguments)
    return play


TASK_RUNS = {
    ("CREATED", "RUNNING"): lambda: then(begun(), ("start", 0)),
    ("CREATED", "SKIPPED"): lambda: then(begun(), ("skip", 0)),
    ("CREATED", "FAILED"): lambda: then(begun(), ("refuse", 0)),
    ("CREATED", "KILLED"): lambda: then(begun(), ("kill",)),
    ("RUNNING", "SUCCESS"): lambda: then(begun(), ("work", 0)),
    ("RUNNING", "WARNING"): lambda: then(begun(allowFailure=True), ("work", 0, FAILED)),
    ("RUNNING", "FAILED"): lambda: then(begun(), ("work", 0, FAILED)),
    ("RUNNING", "KILLING"): lambda: then(begun(), ("start", 0), ("kill",)),
    ("KILLING", "KILLED"): lambda: then(begun(), ("start", 0), ("kill",), ("end", 0, KILLED)),
    ("FAILED", "RETRYING"): retrying,
    ("RETRYING", "CREATED"): lambda: then(retrying(), ("fire", 0)),
    ("RETRYING", "KILLED"): lambda: then(retrying(), ("kill",)),
}

EXECUTIONS = {
    ("CREATED", "RUNNING"): begun,
    ("CREATED", "SUCCESS"): empty,
    ("CREATED", "FAILED"): lambda: empty(error="Failed to render output values"),
    ("CREATED", "KILLING"): empty_killed,
    ("RUNNING", "SUCCESS"): lambda: concluded(SUCCESS),
    ("RUNNING", "WARNING"): lambda: concluded(WARNING),
    ("RUNNING", "FAILED"): lambda: concluded(FAILED),
    ("RUNNING", "RETRYING"): retrying,
    ("RUNNING", "KILLING"): lambda: then(begun(), ("kill",)),
    ("RETRYING", "RUNNING"): lambda: then(retrying(), ("fire", 0)),
    ("RETRYING", "KILLING"): lambda: then(retrying(), ("kill",)),
    ("KILLING", "KILLED"): lambda: then(empty_killed(), ("conclude",)),
}


def pairs(steps):
    return list(pairwise(steps))


@pytest.mark.parametrize("row", rows(TRANSITIONS), ids=str)
def test_every_legal_step_of_a_task_run_is_taken(row):
    assert row in pairs(TASK_RUNS[row]().steps(0))


@pytest.mark.parametrize("row", rows(EXECUTION_TRANSITIONS), ids=str)
def test_every_legal_step_of_an_execution_is_taken(row):
    assert row in pairs(EXECUTIONS[row]().execution_steps())


@pytest.mark.parametrize("row", sorted(TASK_RUNS), ids=str)
def test_no_step_of_a_task_run_is_taken_that_the_table_lacks(row):
    assert set(pairs(TASK_RUNS[row]().steps(0))) <= set(rows(TRANSITIONS))


ILLEGAL = [(a, b) for a in State for b in State if b not in TRANSITIONS.get(a, ())]
ILLEGAL_OF_EXECUTIONS = [
    (a, b) for a in State for b in State if b is not a and b not in EXECUTION_TRANSITIONS.get(a, ())
]


@pytest.mark.parametrize(("before", "after"), ILLEGAL, ids=str)
def test_every_other_step_of_a_task_run_is_refused(before, after):
    play = begun()
    run = play.execution.runs[0]
    run.state = before
    with pytest.raises(IllegalTransition, match=rf"^task run 0 `a`: {before} -> {after}$"):
        advance(run, after, 9)
    assert (run.state, run.history) == (before, [("CREATED", 1)])


@pytest.mark.parametrize(("before", "after"), ILLEGAL_OF_EXECUTIONS, ids=str)
def test_every_other_step_of_an_execution_is_refused(before, after):
    execution = begun().execution
    execution.state = before
    with pytest.raises(IllegalTransition, match=rf"^execution: {before} -> {after}$"):
        advance_execution(execution, after, 9)
    assert execution.state is before


@pytest.mark.parametrize("state", list(State))
def test_an_execution_may_stay_where_it_is(state):
    execution = begun().execution
    execution.state, before = state, list(execution.history)
    advance_execution(execution, state, 9)
    assert execution.history == before


def test_nothing_leaves_a_terminal_state_but_a_failure_that_is_retried():
    assert {before for before in TRANSITIONS if before in TERMINAL} == {"FAILED"}
    assert not TERMINAL & set(EXECUTION_TRANSITIONS)


def test_every_state_that_a_table_leads_to_is_terminal_or_goes_on():
    for table in (TRANSITIONS, EXECUTION_TRANSITIONS):
        assert {after for many in table.values() for after in many} <= TERMINAL | set(table)


def test_an_attempt_begins_with_two_states_and_ends_with_a_third():
    run = begun().execution.runs[0]
    begin_attempt(run, 5)
    attempt = end_attempt(run, State.WARNING, 8)
    assert run.attempts == [attempt]
    assert attempt.history == [("CREATED", 5), ("RUNNING", 5), ("WARNING", 8)]
    assert run.state is State.RUNNING


def test_an_attempt_cannot_begin_twice():
    play = begun()
    play.start(0)
    with pytest.raises(IllegalTransition, match="RUNNING -> RUNNING"):
        play.start(0)
    assert len(play.execution.runs[0].attempts) == 1


def test_a_run_that_has_ended_cannot_be_expanded_skipped_or_refused():
    play = Play(flow(sequence("a", leaf("b"))))
    play.begin()
    play.expand(0, [])
    for call in (
        lambda: play.expand(0, [Lane("tasks", 0, 1)]),
        lambda: play.skip(0),
        lambda: play.refuse(0),
    ):
        with pytest.raises(IllegalTransition):
            call()
