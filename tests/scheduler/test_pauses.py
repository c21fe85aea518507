"""Pause, and LoopUntil between its passes."""

import pytest

from kestrel_cli.model.effect import Ask, Conclude, End, Expand, Judge, Kill, RunAttempt, WaitUntil
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import Play

CANCELLED, FAILED, SUCCESS, WARNING = State.CANCELLED, State.FAILED, State.SUCCESS, State.WARNING


def paused(until=None, **properties):
    """A Pause as run 0, which waits; then what it answered."""
    play = Play(flow(task("flow.Pause", "p", **properties), leaf("next")))
    play.begin()
    effects = play.pause(0) if until is None else play.pause(0, until)
    return play, effects


def test_a_pause_without_an_end_asks_how_it_goes_on_and_pauses_the_execution():
    play, effects = paused()
    assert effects == [Ask(0)]
    assert play.runs() == ["p PAUSED"]
    assert play.execution_steps() == ["CREATED", "RUNNING", "PAUSED"]
    assert play.steps(0) == ["CREATED", "RUNNING", "PAUSED"]


def test_a_pause_with_an_end_waits_for_it():
    _, effects = paused(77)
    assert effects == [WaitUntil(0, 77)]


def test_a_pause_that_is_resumed_ends_and_the_flow_goes_on():
    play, _ = paused()
    assert play.resume(0, onResume={"x": 1}) == [RunAttempt(1)]
    assert play.runs() == ["p SUCCESS", "next CREATED"]
    assert play.execution.runs[0].outputs == {"onResume": {"x": 1}}
    assert play.execution.values == {"p": {"onResume": {"x": 1}}}
    assert play.execution_steps() == ["CREATED", "RUNNING", "PAUSED", "RESTARTED", "RUNNING"]
    (attempt,) = play.execution.runs[0].attempts
    assert play.steps(0) == ["CREATED", "RUNNING", "PAUSED", "SUCCESS"]
    assert [str(state) for state, _ in attempt.history] == ["CREATED", "RUNNING", "SUCCESS"]


@pytest.mark.parametrize("state", [WARNING, FAILED])
def test_a_pause_may_go_on_to_a_worse_state(state):
    play, _ = paused()
    goes_on = [RunAttempt(1)] if state is WARNING else [Conclude()]
    assert play.resume(0, state) == goes_on
    assert play.runs()[0] == f"p {state}"


def test_a_pause_that_fails_may_be_allowed_to():
    play, _ = paused(allowFailure=True)
    assert play.resume(0, FAILED) == [RunAttempt(1)]
    assert play.runs()[0] == "p WARNING"


def test_a_pause_that_cancels_ends_the_execution():
    play, _ = paused(errors=(leaf("never"),))
    assert play.resume(0, CANCELLED) == [End(CANCELLED)]
    assert play.runs() == ["p CANCELLED"]
    assert play.execution.state == "CANCELLED"


def test_its_tasks_run_after_it_was_resumed():
    play, _ = paused(tasks=(leaf("a"), leaf("b")), finally_=(leaf("f"),))
    assert play.resume(0) == [RunAttempt(1)]
    assert play.steps(0) == ["CREATED", "RUNNING", "PAUSED", "RUNNING"]
    play.work(1)
    play.work(2)
    assert play.work(3) == [RunAttempt(4)]
    assert play.runs()[:4] == ["p SUCCESS", "a SUCCESS", "b SUCCESS", "f SUCCESS"]


def test_its_errors_run_when_it_goes_on_to_fail_and_its_tasks_do_not():
    play, _ = paused(tasks=(leaf("never"),), errors=(leaf("e"),))
    assert play.resume(0, FAILED) == [RunAttempt(1)]
    assert play.work(1) == [Conclude()]
    assert play.runs() == ["p FAILED", "e SUCCESS"]


def test_on_pause_runs_while_it_waits_and_its_failure_changes_nothing():
    play, effects = paused(onPause=leaf("o"))
    assert effects == [RunAttempt(1), Ask(0)]
    assert play.execution.state == "RUNNING"
    assert play.work(1, FAILED) == []
    assert play.execution.state == "PAUSED"
    assert play.resume(0) == [RunAttempt(2)]
    assert play.runs() == ["p SUCCESS", "o FAILED", "next CREATED"]


@pytest.mark.parametrize("tasks", [(), (leaf("a"), leaf("b"))])
def test_a_pause_that_is_resumed_while_on_pause_runs_waits_for_it(tasks):
    play, _ = paused(onPause=leaf("o"), tasks=tasks)
    play.start(1)
    assert play.resume(0) == []
    assert play.end(1) == [RunAttempt(2)]
    for run in range(2, 2 + len(tasks)):
        assert play.work(run) == [RunAttempt(run + 1)]
    names = ["o", *(one.id for one in tasks)]
    assert play.runs() == ["p SUCCESS", *(f"{name} SUCCESS" for name in names), "next CREATED"]


def test_a_pause_that_cancels_while_on_pause_runs_ends_it_first():
    play, _ = paused(onPause=leaf("o"))
    play.start(1)
    assert play.resume(0, CANCELLED) == [Kill(1)]
    assert play.end(1, State.KILLED) == [End(CANCELLED)]
    assert play.runs() == ["p CANCELLED", "o KILLED"]


def test_a_kill_ends_a_pause():
    play, _ = paused()
    assert play.kill() == [End(State.KILLED)]
    assert play.steps(0) == ["CREATED", "RUNNING", "PAUSED", "KILLED"]
    assert play.execution_steps() == ["CREATED", "RUNNING", "PAUSED", "KILLING", "KILLED"]
    assert play.resume(0) == []


def test_a_kill_while_on_pause_runs_ends_both():
    play, _ = paused(onPause=leaf("o"))
    play.start(1)
    assert play.kill() == [Kill(1)]
    assert play.end(1, State.KILLED) == [End(State.KILLED)]
    assert play.runs() == ["p KILLED", "o KILLED"]


def test_the_execution_runs_while_anything_else_does():
    play = Play(flow(task("flow.Parallel", "x", tasks=(task("flow.Pause", "p"), leaf("a")))))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1), Lane("tasks", 1, 2)], limit=0)
    play.pause(1)
    assert play.execution.state == "RUNNING"
    play.work(2)
    assert play.execution.state == "PAUSED"


def test_a_pause_in_afterexecution_leaves_the_final_state():
    play = Play(flow(leaf("a"), afterExecution=(task("flow.Pause", "p"),)))
    play.begin()
    play.work(0)
    play.conclude()
    play.pause(1)
    assert play.execution.state == "SUCCESS"
    assert play.resume(1) == [End(SUCCESS)]


# -- LoopUntil


def looping(**more):
    loop = task("flow.LoopUntil", "loop", condition="x", tasks=(leaf("a"), leaf("b")), **more)
    play = Play(flow(loop, leaf("next")))
    play.begin()
    return play


def one_pass(play, number, *states):
    """A pass of the loop, of which `number` runs are there already."""
    iteration = play.execution.runs[0].iteration or 0
    play.expand(
        0, [Lane("tasks", 0, 2, None, iteration)], outputs={"iterationCount": iteration + 1}
    )
    effects = []
    for place, state in enumerate(states or (SUCCESS, SUCCESS)):
        effects = play.work(number + place, state)
    return effects


def test_a_loop_looks_at_its_body_after_each_pass():
    play = looping()
    assert one_pass(play, 1) == [Judge(0)]
    assert play.judge(0) == [RunAttempt(3)]
    assert play.runs() == ["loop SUCCESS", "a SUCCESS", "b SUCCESS", "next CREATED"]


def test_a_loop_that_goes_on_waits_then_begins_again_without_its_last_pass():
    play = looping()
    one_pass(play, 1)
    assert play.judge(0, again=99, iterationCount=2) == [WaitUntil(0, 99)]
    assert play.execution.state == "PAUSED"
    assert play.fire(0) == [Expand(0)]
    assert play.runs() == ["loop PAUSED"]
    assert play.execution.values == {"loop": {"iterationCount": 2}}
    assert play.execution.state == "RUNNING"
    assert one_pass(play, 3) == [Judge(0)]
    assert play.judge(0) == [RunAttempt(5)]
    loop, a = play.execution.listed()[:2]
    assert play.steps(0) == ["CREATED", "RUNNING", "PAUSED", "RUNNING", "SUCCESS"]
    assert (loop.iteration, a.iteration, len(loop.attempts)) == (1, 1, 1)


def test_an_execution_does_not_stand_still_while_a_pass_is_looked_at():
    body = [Lane("tasks", 0, 1)]
    loops = [task("flow.LoopUntil", name, condition="x", tasks=(leaf("a"),)) for name in "lm"]
    play = Play(
        flow(task("flow.Parallel", "p", tasks=(sequence("s", loops[0], leaf("b")), loops[1])))
    )
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1), Lane("tasks", 1, 2)], limit=0)
    play.expand(1, [Lane("tasks", 0, 2)])
    play.expand(2, body)
    play.expand(3, body)
    play.work(4)
    play.judge(2, again=99)
    assert play.work(5) == [Judge(3)]
    assert play.execution.state == "RUNNING"
    assert play.judge(3) == [RunAttempt(6)]
    assert play.execution_steps() == ["CREATED", "RUNNING"]


def test_a_failed_pass_is_looked_at_and_is_the_last():
    play = looping(errors=(leaf("e"),))
    assert one_pass(play, 1, FAILED) == [Judge(0)]
    assert play.judge(0) == [RunAttempt(2)]
    assert play.work(2) == [Conclude()]
    assert play.runs() == ["loop FAILED", "a FAILED", "e SUCCESS"]


def test_a_judgement_that_fails_fails_the_loop():
    play = looping(errors=(leaf("e"),))
    one_pass(play, 1)
    assert play.judge(0, error="Max iterations reached") == [RunAttempt(3)]
    assert play.work(3) == [Conclude()]
    assert play.runs()[0] == "loop FAILED"
    assert play.execution.runs[0].error == "Max iterations reached"


def test_a_kill_between_two_passes_ends_the_loop():
    play = looping()
    one_pass(play, 1)
    play.judge(0, again=99)
    assert play.kill() == [End(State.KILLED)]
    assert play.steps(0) == ["CREATED", "RUNNING", "PAUSED", "KILLED"]
    assert play.fire(0) == []


def test_a_kill_while_it_is_looked_at_ends_the_loop():
    play = looping()
    one_pass(play, 1)
    assert play.kill() == [End(State.KILLED)]
    assert play.runs()[0] == "loop KILLED"
