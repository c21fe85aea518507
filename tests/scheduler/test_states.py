"""Every legal step between states is taken by the scheduler; every other one is refused."""

from itertools import pairwise

import pytest

from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import EXECUTION_TRANSITIONS, TERMINAL, TRANSITIONS, State
from kestrel_cli.model.task import Change
from kestrel_cli.scheduler.states import (
    IllegalTransition,
    advance,
    advance_execution,
    begin_attempt,
    end_attempt,
)
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import Play, constant

FAILED, KILLED, SUCCESS, WARNING = State.FAILED, State.KILLED, State.SUCCESS, State.WARNING


def rows(table):
    return [(before, after) for before, many in table.items() for after in sorted(many)]


def begun(**properties):
    play = Play(flow(leaf("a", **properties)))
    play.begin()
    return play


def worked(state, **properties):
    return then(begun(**properties), ("work", 0, state))


def retrying():
    return worked(FAILED, retry=constant(1))


def retrying_inside():
    """What is below a flowable leaves the execution RUNNING while it fails."""
    play = Play(flow(sequence("box", leaf("a", retry=constant(1)))))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    play.work(1, FAILED)
    return play


def concluded(state, **more):
    play = worked(state)
    play.conclude(**more)
    return play


def created(**more):
    return Play(flow(leaf("a"), **more))


def empty(*calls):
    """A flow that holds nothing that runs, so that its execution stays CREATED."""
    return then(Play(flow(leaf("off", disabled=True))), ("begin",), *calls)


def box(**properties):
    """A flowable as run 0, which is open, and its leaf as run 1."""
    play = Play(flow(sequence("box", leaf("a"), **properties)))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    return play


def exits(state):
    """A leaf in a box ends the execution; so both end in its state."""
    return then(box(), ("start", 1), ("end", 1, SUCCESS, Change(exit=state)))


def new_execution(**more):
    """A failure that is to be followed by another execution."""
    retry = constant(1, behavior="CREATE_NEW_EXECUTION")
    return then(box(retry=retry), ("work", 1, FAILED))


def paused(**properties):
    play = Play(flow(task("flow.Pause", "a", **properties)))
    play.begin()
    play.pause(0)
    return play


def resumed(state, **properties):
    return then(paused(**properties), ("resume", 0, state))


def between_passes():
    loop = task("flow.LoopUntil", "a", condition="x", tasks=(leaf("b"),))
    play = Play(flow(loop))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    play.work(1)
    play.judge(0, again=99)
    return play


def onpause_fails():
    """What runs while a Pause waits ends the execution, and the Pause with it."""
    retry = constant(1, behavior="CREATE_NEW_EXECUTION")
    play = paused(onPause=leaf("b", retry=retry))
    play.work(1, FAILED)
    return play


def pausing_and_killed():
    return then(paused(onPause=leaf("b")), ("start", 1), ("kill",))


def skipped():
    return then(begun(), ("skip", 0), ("conclude",))


def killed():
    return then(begun(), ("kill",))


def cancelled():
    return then(begun(), ("start", 0), ("violate", "CANCEL"), ("end", 0, KILLED))


def failed_box():
    """A flowable that failed for itself."""
    play = Play(flow(sequence("a", leaf("b"))))
    play.begin()
    play.refuse(0)
    play.conclude()
    return play


def ended_box(end):
    """A flowable that ended in some way, as run 0."""
    play = Play(flow(sequence("a", leaf("b"))))
    play.begin()
    match end:
        case "SKIPPED":
            play.skip(0)
        case "KILLED":
            play.kill()
        case "CANCELLED":
            play.expand(0, [Lane("tasks", 0, 1)])
            play.start(1)
            play.end(1, SUCCESS, change=Change(exit=State.CANCELLED))
        case _:
            play.expand(0, [Lane("tasks", 0, 1)])
            play.work(1, State(end))
            play.conclude()
    return play


def again(play, how="restart", *arguments):
    return then(play, (how, *arguments))


def restarted():
    return again(concluded(FAILED))


def replayed_box(end="SUCCESS"):
    return again(ended_box(end), "replay", 0)


def set_to(state, play):
    return again(play, "change", 0, state)


def side_by_side(end, *calls):
    """Beside a leaf that is RETRYING another one ends, in a way that ends the execution."""
    tasks = (leaf("a", retry=constant(1)), end)
    play = Play(flow(task("flow.Parallel", "p", tasks=tasks)))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1), Lane("tasks", 1, 2)], limit=0)
    play.work(1, FAILED)
    return then(play, ("start", 2), *calls)


def retrying_and_exit(state):
    return side_by_side(leaf("b"), ("end", 2, SUCCESS, Change(exit=state)))


def retrying_and_new_execution():
    other = leaf("b", retry=constant(1, behavior="CREATE_NEW_EXECUTION"))
    return side_by_side(other, ("end", 2, FAILED))


def then(play, *calls):
    for name, *given in calls:
        *arguments, last = given or (None,)
        if isinstance(last, Change):
            getattr(play, name)(*arguments, change=last)
        elif last is None:
            getattr(play, name)()
        else:
            getattr(play, name)(*arguments, last)
    return play


CANCELLED, RETRIED = State.CANCELLED, State.RETRIED
TASK_RUNS = {
    ("CREATED", "RUNNING"): lambda: then(begun(), ("start", 0)),
    ("CREATED", "SKIPPED"): lambda: then(begun(), ("skip", 0)),
    ("CREATED", "FAILED"): lambda: then(begun(), ("refuse", 0)),
    ("CREATED", "KILLED"): killed,
    ("CREATED", "SUCCESS"): lambda: then(begun(), ("stand_in", 0)),
    ("CREATED", "WARNING"): lambda: then(begun(), ("stand_in", 0, WARNING)),
    ("CREATED", "CANCELLED"): lambda: then(begun(), ("stand_in", 0, CANCELLED)),
    ("RUNNING", "SUCCESS"): lambda: worked(SUCCESS),
    ("RUNNING", "WARNING"): lambda: worked(FAILED, allowFailure=True),
    ("RUNNING", "FAILED"): lambda: worked(FAILED),
    ("RUNNING", "KILLING"): lambda: then(begun(), ("start", 0), ("kill",)),
    ("RUNNING", "PAUSED"): paused,
    ("RUNNING", "CANCELLED"): lambda: exits(CANCELLED),
    ("RUNNING", "RETRIED"): new_execution,
    ("RUNNING", "SKIPPED"): lambda: then(replayed_box(), ("skip", 0)),
    ("PAUSED", "RUNNING"): lambda: resumed(SUCCESS, tasks=(leaf("b"),)),
    ("PAUSED", "SUCCESS"): lambda: resumed(SUCCESS),
    ("PAUSED", "WARNING"): lambda: resumed(WARNING),
    ("PAUSED", "FAILED"): lambda: resumed(FAILED),
    ("PAUSED", "CANCELLED"): lambda: resumed(CANCELLED),
    ("PAUSED", "RETRIED"): onpause_fails,
    ("PAUSED", "KILLED"): lambda: then(paused(), ("kill",)),
    ("PAUSED", "KILLING"): pausing_and_killed,
    ("KILLING", "KILLED"): lambda: then(begun(), ("start", 0), ("kill",), ("end", 0, KILLED)),
    ("FAILED", "RETRYING"): retrying,
    ("FAILED", "RETRIED"): lambda: worked(
        FAILED, retry=constant(1, behavior="CREATE_NEW_EXECUTION")
    ),
    ("FAILED", "RESTARTED"): restarted,
    ("FAILED", "RUNNING"): lambda: again(failed_box()),
    ("RETRYING", "CREATED"): lambda: then(retrying(), ("fire", 0)),
    ("RETRYING", "KILLED"): lambda: then(retrying(), ("kill",)),
    ("RESTARTED", "RUNNING"): lambda: then(restarted(), ("start", 0)),
    ("RESTARTED", "SKIPPED"): lambda: then(restarted(), ("skip", 0)),
    ("RESTARTED", "FAILED"): lambda: then(restarted(), ("refuse", 0)),
    ("RESTARTED", "KILLED"): lambda: then(restarted(), ("kill",)),
    ("SUCCESS", "RESTARTED"): lambda: again(concluded(SUCCESS), "replay", 0),
    ("WARNING", "RESTARTED"): lambda: again(concluded(WARNING), "replay", 0),
    ("SKIPPED", "RESTARTED"): lambda: again(skipped(), "replay", 0),
    ("KILLED", "RESTARTED"): lambda: again(killed(), "replay", 0),
    ("CANCELLED", "RESTARTED"): lambda: again(
        then(begun(), ("start", 0), ("end", 0, SUCCESS, Change(exit=CANCELLED))), "replay", 0
    ),
    **{
        (end, "RUNNING"): lambda end=end: replayed_box(end)
        for end in ("SUCCESS", "WARNING", "SKIPPED", "KILLED", "CANCELLED")
    },
    **{
        (end, str(state)): lambda make=make, state=state: set_to(state, make())
        for state in (SUCCESS, WARNING)
        for end, make in {
            "SUCCESS": lambda: concluded(SUCCESS),
            "WARNING": lambda: concluded(WARNING),
            "FAILED": lambda: concluded(FAILED),
            "SKIPPED": skipped,
            "KILLED": killed,
            "CANCELLED": lambda: ended_box("CANCELLED"),
        }.items()
    },
}

EXECUTIONS = {
    ("CREATED", "RUNNING"): begun,
    ("CREATED", "QUEUED"): lambda: then(created(), ("queue",)),
    ("CREATED", "SUCCESS"): lambda: empty(("conclude",)),
    ("CREATED", "FAILED"): lambda: then(created(), ("queue", FAILED)),
    ("CREATED", "CANCELLED"): lambda: then(created(), ("queue", CANCELLED)),
    ("CREATED", "KILLING"): lambda: empty(("kill",)),
    ("QUEUED", "RUNNING"): lambda: then(created(), ("queue",), ("begin",), ("start", 0)),
    ("QUEUED", "FAILED"): lambda: then(created(), ("queue",), ("queue", FAILED)),
    ("QUEUED", "CANCELLED"): lambda: then(created(), ("queue",), ("queue", CANCELLED)),
    ("RUNNING", "SUCCESS"): lambda: concluded(SUCCESS),
    ("RUNNING", "WARNING"): lambda: concluded(WARNING),
    ("RUNNING", "FAILED"): lambda: concluded(FAILED),
    ("RUNNING", "CANCELLED"): cancelled,
    ("RUNNING", "RETRYING"): retrying_inside,
    ("RUNNING", "PAUSED"): paused,
    ("RUNNING", "KILLING"): killed,
    ("PAUSED", "RESTARTED"): lambda: resumed(SUCCESS),
    ("PAUSED", "RUNNING"): lambda: then(between_passes(), ("fire", 0)),
    ("PAUSED", "KILLING"): lambda: then(paused(), ("kill",)),
    ("PAUSED", "FAILED"): lambda: then(paused(), ("violate", "FAIL")),
    ("PAUSED", "CANCELLED"): lambda: then(paused(), ("violate", "CANCEL")),
    ("RESTARTED", "RUNNING"): lambda: then(restarted(), ("start", 0)),
    ("RESTARTED", "SUCCESS"): lambda: then(set_to(SUCCESS, concluded(FAILED)), ("conclude",)),
    ("RESTARTED", "WARNING"): lambda: then(set_to(WARNING, concluded(FAILED)), ("conclude",)),
    ("RESTARTED", "FAILED"): lambda: then(restarted(), ("violate", "FAIL")),
    ("RESTARTED", "CANCELLED"): lambda: then(restarted(), ("violate", "CANCEL")),
    ("RESTARTED", "KILLING"): lambda: then(restarted(), ("kill",)),
    ("RETRYING", "RUNNING"): lambda: then(retrying(), ("fire", 0)),
    ("RETRYING", "KILLING"): lambda: then(retrying(), ("kill",)),
    **{
        ("RETRYING", str(state)): lambda state=state: retrying_and_exit(state)
        for state in (SUCCESS, WARNING, FAILED, CANCELLED)
    },
    ("KILLING", "KILLED"): lambda: empty(("kill",), ("conclude",)),
    ("SUCCESS", "RESTARTED"): lambda: again(concluded(SUCCESS), "replay", 0),
    ("WARNING", "RESTARTED"): lambda: again(concluded(WARNING), "replay", 0),
    ("FAILED", "RESTARTED"): restarted,
    ("FAILED", "RETRYING"): retrying,
    ("FAILED", "RETRIED"): new_execution,
    ("KILLED", "RESTARTED"): lambda: again(killed(), "replay", 0),
    ("CANCELLED", "RESTARTED"): lambda: again(cancelled(), "replay", 0),
}


def pairs(steps):
    return list(pairwise(steps))


@pytest.mark.parametrize("row", rows(TRANSITIONS), ids=str)
def test_every_legal_step_of_a_task_run_is_taken(row):
    play = TASK_RUNS[row]()
    taken = [pair for run in play.execution.runs for pair in pairs(play.steps(run.number))]
    if row[0] == row[1]:  # by hand to the state that it has: no step at all
        assert taken == [("CREATED", "RUNNING"), ("RUNNING", row[0])]
    else:
        assert row in taken


@pytest.mark.parametrize("row", rows(EXECUTION_TRANSITIONS), ids=str)
def test_every_legal_step_of_an_execution_is_taken(row):
    assert row in pairs(EXECUTIONS[row]().execution_steps())


@pytest.mark.parametrize("row", sorted(TASK_RUNS), ids=str)
def test_no_step_of_a_task_run_is_taken_that_the_table_lacks(row):
    play = TASK_RUNS[row]()
    for run in play.execution.runs:
        assert set(pairs(play.steps(run.number))) <= set(rows(TRANSITIONS))


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
    execution = begun().execution.progress
    execution.state = before
    with pytest.raises(IllegalTransition, match=rf"^execution: {before} -> {after}$"):
        advance_execution(execution, after, 9)
    assert execution.state is before


@pytest.mark.parametrize("state", list(State))
def test_an_execution_may_stay_where_it_is(state):
    execution = begun().execution.progress
    execution.state, before = state, list(execution.history)
    advance_execution(execution, state, 9)
    assert execution.history == before


def test_a_terminal_state_is_left_for_a_retry_or_to_be_opened_again_and_for_nothing_else():
    again = {"RESTARTED", "RUNNING", "SUCCESS", "WARNING"}
    for before in TERMINAL & set(TRANSITIONS):
        retried = {"RETRYING", "RETRIED"} if before == "FAILED" else set()
        assert TRANSITIONS[before] == again | retried
    for before in TERMINAL & set(EXECUTION_TRANSITIONS):
        retried = {"RETRYING", "RETRIED"} if before == "FAILED" else set()
        assert EXECUTION_TRANSITIONS[before] == {"RESTARTED"} | retried


@pytest.mark.parametrize(
    ("play", "before"), [(new_execution, "RUNNING"), (retrying_and_new_execution, "RETRYING")]
)
def test_an_execution_fails_before_it_is_retried(play, before):
    assert play().execution_steps()[-3:] == [before, "FAILED", "RETRIED"]


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


def test_an_attempt_cannot_begin_after_the_run_has_ended():
    play = worked(SUCCESS)
    with pytest.raises(IllegalTransition, match=r"^task run 0 `a`: SUCCESS -> RUNNING$"):
        play.start(0)
    assert len(play.execution.runs[0].attempts) == 1


def test_an_attempt_cannot_begin_twice():
    play = begun()
    play.start(0)
    with pytest.raises(IllegalTransition, match="RUNNING -> RUNNING"):
        play.start(0)
    assert len(play.execution.runs[0].attempts) == 1


def test_an_attempt_cannot_end_that_is_not_under_way():
    for play in (begun(), worked(SUCCESS), retrying()):
        before = play.steps(0)
        with pytest.raises(IllegalTransition, match=r"^task run 0 `a`: no attempt is under way$"):
            play.end(0)
        assert play.steps(0) == before


def test_a_flowable_that_was_opened_again_gets_one_more_attempt():
    play = replayed_box()
    play.expand(0, [Lane("tasks", 0, 1)])
    assert [one.state for one in play.execution.runs[0].attempts] == ["SUCCESS", "RUNNING"]
    assert play.steps(0) == ["CREATED", "RUNNING", "SUCCESS", "RUNNING"]


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
