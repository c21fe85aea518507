"""Restart, replay, and a state set by hand: what goes, what stays, what is tried again."""

import pytest

from kestrel_cli.model.effect import Conclude, End, Expand, RunAttempt
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.tasks.flow.dag import DagTask
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import Play

FAILED, SUCCESS, WARNING = State.FAILED, State.SUCCESS, State.WARNING


def ended(*states, **more):
    """A flow of leaves `a`, `b`, `c` that ended so."""
    play = Play(flow(leaf("a"), leaf("b"), leaf("c"), **more))
    play.begin()
    for run, state in enumerate(states):
        play.work(run, state)
    return play


def after_blocks(play):
    """Run what is there besides, to the end of the execution."""
    while play.execution.active:
        play.work(max(play.execution.active))
    play.conclude()
    while play.execution.active:
        play.work(max(play.execution.active))
    return play


def side_by_side(limit, *tasks):
    play = Play(flow(task("flow.Parallel", "p", tasks=tasks), leaf("z")))
    play.begin()
    play.expand(0, [Lane("tasks", n, n + 1) for n in range(len(tasks))], limit=limit)
    return play


# -- restart


def test_a_restart_tries_the_failed_task_again_and_goes_on():
    play = after_blocks(ended(SUCCESS, FAILED))
    assert play.restart() == [RunAttempt(1)]
    assert play.runs() == ["a SUCCESS", "b RESTARTED"]
    assert play.execution_steps()[-2:] == ["FAILED", "RESTARTED"]
    assert play.work(1) == [RunAttempt(2)]
    play.work(2)
    assert play.conclude() == [End(SUCCESS)]
    assert play.runs() == ["a SUCCESS", "b SUCCESS", "c SUCCESS"]
    b = play.execution.runs[1]
    assert [one.state for one in b.attempts] == ["FAILED", "SUCCESS"]
    assert play.steps(1) == ["CREATED", "RUNNING", "FAILED", "RESTARTED", "RUNNING", "SUCCESS"]


def test_a_restart_is_told_by_a_label_and_counts():
    play = after_blocks(ended(FAILED))
    play.execution.progress.labels = [("team", "x"), ("system.restarted", "true")]
    play.restart()
    assert play.execution.labels == [("team", "x"), ("system.restarted", "true")]
    assert play.execution.attempt_number == 2


def test_a_restart_takes_out_errors_finally_and_after_execution():
    more = {"errors": (leaf("e"),), "finally_": (leaf("f"),), "afterExecution": (leaf("x"),)}
    play = after_blocks(ended(FAILED, **more))
    assert play.runs() == ["a FAILED", "e SUCCESS", "f SUCCESS", "x SUCCESS"]
    progress = play.execution.progress
    progress.outputs, progress.error = {"o": 1}, "no"
    assert play.restart() == [RunAttempt(0)]
    assert play.runs() == ["a RESTARTED"]
    assert play.execution.values == {"a": {}}
    assert (play.execution.outputs, play.execution.error) == (None, None)


def test_a_restart_opens_the_flowables_around_the_failed_task_again():
    play = Play(flow(sequence("box", leaf("a"), leaf("b"), leaf("c"), errors=(leaf("e"),))))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 3)])
    play.work(1)
    play.work(2, FAILED)
    after_blocks(play)
    assert play.runs() == ["box FAILED", "a SUCCESS", "b FAILED", "e SUCCESS"]
    assert play.restart() == [RunAttempt(2)]
    assert play.runs() == ["box RUNNING", "a SUCCESS", "b RESTARTED"]
    assert play.work(2) == [RunAttempt(4)]
    assert play.work(4) == [Conclude()]
    assert play.runs() == ["box SUCCESS", "a SUCCESS", "b SUCCESS", "c SUCCESS"]


def test_a_restart_tries_all_that_failed_side_by_side():
    play = side_by_side(0, leaf("a"), leaf("b"), leaf("c"))
    for run, state in ((1, FAILED), (2, SUCCESS), (3, FAILED)):
        play.work(run, state)
    after_blocks(play)
    assert play.restart() == [RunAttempt(1), RunAttempt(3)]
    play.work(3)
    assert play.work(1) == [RunAttempt(4)]
    assert play.runs() == ["p SUCCESS", "a SUCCESS", "b SUCCESS", "c SUCCESS", "z CREATED"]


def test_a_restart_lets_lanes_go_on_that_another_ones_failure_had_stopped():
    values = ["x", "y", "z"]
    loop = task("flow.ForEach", "loop", values=values, tasks=(leaf("a"), leaf("b")))
    play = Play(flow(loop))
    play.begin()
    lanes = [Lane("tasks", 0, 2, value, n) for n, value in enumerate(values)]
    play.expand(0, lanes, limit=2)
    play.work(1, FAILED)
    play.work(2)
    after_blocks(play)
    assert play.runs() == ["loop FAILED", "a[x] FAILED", "a[y] SUCCESS"]
    assert play.restart() == [RunAttempt(1), RunAttempt(3)]
    assert play.runs()[3:] == ["b[y] CREATED"]
    assert play.work(3) == [RunAttempt(4)]
    assert play.work(1) == [RunAttempt(5)]
    assert play.runs()[4:] == ["a[z] CREATED", "b[x] CREATED"]


def test_a_restart_of_a_dag_knows_what_has_ended():
    tasks = tuple(made_of(DagTask, {"task": leaf(name)}) for name in "abcd")
    play = Play(flow(task("flow.Dag", "dag", tasks=tasks)))
    play.begin()
    lanes = [Lane("tasks", n, n + 1) for n in range(4)]
    # a and c need nothing, b needs a, d needs b and c
    play.expand(0, lanes, limit=0, needs=[[], [0], [], [1, 2]])
    play.work(1)
    play.work(2)
    play.work(3, FAILED)
    after_blocks(play)
    assert play.runs() == ["dag FAILED", "a SUCCESS", "c SUCCESS", "b FAILED"]
    assert play.restart() == [RunAttempt(3)]
    assert play.work(3) == [RunAttempt(4)]
    assert play.work(4) == [Conclude()]
    assert play.runs()[3:] == ["b SUCCESS", "d SUCCESS"]


def test_a_flowable_that_failed_for_itself_is_opened_again():
    play = Play(flow(sequence("box", leaf("a")), leaf("z")))
    play.begin()
    play.refuse(0)
    after_blocks(play)
    assert play.restart() == [Expand(0)]
    assert play.runs() == ["box RUNNING"]
    assert play.expand(0, [Lane("tasks", 0, 1)]) == [RunAttempt(1)]
    assert play.work(1) == [RunAttempt(2)]
    assert [one.state for one in play.execution.runs[0].attempts] == ["FAILED", "SUCCESS"]


def test_a_working_directory_is_tried_again_as_a_whole():
    play = Play(flow(task("flow.WorkingDirectory", "wd", tasks=(leaf("a"), leaf("b")))))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 2)])
    play.work(1)
    play.work(2, FAILED)
    play.judge(0)
    after_blocks(play)
    assert play.restart() == [Expand(0)]
    assert play.runs() == ["wd RESTARTED"]
    assert play.expand(0, [Lane("tasks", 0, 2)]) == [RunAttempt(3)]


def test_what_was_tolerated_is_not_tried_again():
    play = side_by_side(0, leaf("a", allowFailure=True), leaf("b"))
    play.work(1, FAILED)
    play.work(2, FAILED)
    after_blocks(play)
    assert play.restart() == [RunAttempt(2)]
    play.work(2)
    assert play.runs() == ["p WARNING", "a WARNING", "b SUCCESS", "z CREATED"]


def test_an_execution_can_be_restarted_again_and_again():
    play = after_blocks(ended(FAILED))
    for number in (2, 3, 4):
        play.restart()
        play.work(0, FAILED)
        play.conclude()
        assert play.execution.attempt_number == number
    assert len(play.execution.runs[0].attempts) == 4
    assert play.execution_steps().count("RESTARTED") == 3


# -- replay


def test_a_replay_keeps_what_came_before_and_makes_the_rest_again():
    play = after_blocks(ended(SUCCESS, SUCCESS, SUCCESS, finally_=(leaf("f"),)))
    assert play.replay(1) == [RunAttempt(1)]
    assert play.runs() == ["a SUCCESS", "b RESTARTED"]
    assert play.execution.labels == [("system.replay", "true")]
    play.work(1)
    play.work(4)
    play.work(5)
    assert play.runs() == ["a SUCCESS", "b SUCCESS", "c SUCCESS", "f SUCCESS"]


def test_a_replay_of_a_loops_run_keeps_earlier_values():
    values = ["x", "y", "z"]
    play = Play(flow(task("flow.ForEach", "loop", values=values, tasks=(leaf("a"),))))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1, value, n) for n, value in enumerate(values)])
    for run in (1, 2, 3):
        play.work(run, outputs={"value": run})
    play.conclude()
    assert play.replay(2) == [RunAttempt(2)]
    assert play.runs() == ["loop RUNNING", "a[x] SUCCESS", "a[y] RESTARTED"]
    assert play.execution.values["a"] == {"x": {"value": 1}, "y": {"value": 2}}
    assert play.work(2) == [RunAttempt(4)]


def test_a_replay_of_one_of_several_side_by_side_leaves_the_others():
    play = side_by_side(0, leaf("a"), leaf("b"), leaf("c"))
    for run in (1, 2, 3):
        play.work(run)
    after_blocks(play)
    assert play.replay(2) == [RunAttempt(2)]
    assert play.runs() == ["p RUNNING", "a SUCCESS", "b RESTARTED", "c SUCCESS"]
    assert play.work(2) == [RunAttempt(5)]


def test_a_replay_of_a_dags_task_makes_what_needs_it_again():
    tasks = tuple(made_of(DagTask, {"task": leaf(name)}) for name in "abc")
    play = Play(flow(task("flow.Dag", "dag", tasks=tasks)))
    play.begin()
    lanes = [Lane("tasks", n, n + 1) for n in range(3)]
    play.expand(0, lanes, limit=1, needs=[[1], [], [0]])  # b, then a, then c
    for run in (1, 2, 3):
        play.work(run)
    play.conclude()
    assert play.runs() == ["dag SUCCESS", "b SUCCESS", "a SUCCESS", "c SUCCESS"]
    assert play.replay(2) == [RunAttempt(2)]
    assert play.runs() == ["dag RUNNING", "b SUCCESS", "a RESTARTED"]
    assert play.work(2) == [RunAttempt(4)]


def test_a_replay_of_a_flowable_makes_all_of_it_again():
    play = Play(flow(sequence("box", leaf("a"))))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    play.work(1)
    play.conclude()
    assert play.replay(0) == [Expand(0)]
    assert play.runs() == ["box RUNNING"]


def test_a_flowable_that_is_replayed_may_be_skipped():
    play = Play(flow(sequence("box", leaf("a"))))
    play.begin()
    play.skip(0)
    play.conclude()
    play.replay(0)
    assert play.skip(0) == [Conclude()]
    assert play.runs() == ["box SKIPPED"]


def test_a_replay_inside_a_pause_keeps_what_ran_while_it_waited():
    pause = task("flow.Pause", "p", onPause=leaf("o"), tasks=(leaf("a"), leaf("b")))
    play = Play(flow(pause))
    play.begin()
    play.pause(0)
    play.work(1)
    play.resume(0)
    play.work(2)
    play.work(3)
    play.conclude()
    assert play.replay(3) == [RunAttempt(3)]
    assert play.runs() == ["p RUNNING", "o SUCCESS", "a SUCCESS", "b RESTARTED"]


# -- a state set by hand


@pytest.mark.parametrize("state", [SUCCESS, WARNING])
def test_a_failed_task_whose_state_is_set_by_hand_lets_the_flow_go_on(state):
    play = after_blocks(ended(SUCCESS, FAILED, errors=(leaf("e"),)))
    assert play.change(1, state) == [RunAttempt(3)]
    assert play.runs() == ["a SUCCESS", f"b {state}", "c CREATED"]
    play.work(3)
    assert play.conclude() == [End(state)]


def test_the_last_task_whose_state_is_set_by_hand_ends_the_flow():
    play = after_blocks(ended(SUCCESS, SUCCESS, FAILED))
    assert play.change(2, SUCCESS) == [Conclude()]
    assert play.conclude() == [End(SUCCESS)]
    assert play.execution_steps()[-2:] == ["RESTARTED", "SUCCESS"]


def test_a_flowable_whose_state_is_set_by_hand_keeps_what_is_in_it():
    play = Play(flow(sequence("box", leaf("a")), leaf("z")))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    play.work(1, FAILED)
    play.conclude()
    assert play.change(0, SUCCESS) == [RunAttempt(2)]
    assert play.runs() == ["box SUCCESS", "a FAILED", "z CREATED"]
