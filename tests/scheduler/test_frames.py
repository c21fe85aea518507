"""Which task runs a frame starts, in which order, and what closing it leaves behind."""

import pytest

from kestrel_cli.model.effect import Conclude, End, RunAttempt
from kestrel_cli.model.frame import Lane, Phase
from kestrel_cli.model.state import State
from kestrel_cli.scheduler.frames import settle
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import Play

FAILED, SUCCESS, WARNING = State.FAILED, State.SUCCESS, State.WARNING


def loop(count, limit, *tasks, **more):
    """A play whose loop has been expanded, and the effects of that."""
    values = [chr(ord("x") + n) for n in range(count)]
    play = Play(flow(task("flow.ForEach", "loop", values=values, tasks=tasks, **more)))
    play.begin()
    stop = len(play.flow.by_id["loop"].blocks["tasks"])
    lanes = [Lane("tasks", 0, stop, value, n) for n, value in enumerate(values)]
    return play, play.expand(0, lanes, limit)


@pytest.mark.parametrize(
    ("limit", "begun"),
    [(0, ["x", "y", "z"]), (1, ["x"]), (2, ["x", "y"]), (3, ["x", "y", "z"]), (9, ["x", "y", "z"])],
)
def test_at_most_limit_lanes_begin_at_once_and_zero_means_all(limit, begun):
    play, effects = loop(3, limit, leaf("a"))
    assert effects == [RunAttempt(number) for number in range(1, len(begun) + 1)]
    assert play.runs()[1:] == [f"a[{value}] CREATED" for value in begun]


def test_a_lane_goes_on_before_the_next_one_begins():
    play, _ = loop(2, 1, leaf("a"), leaf("b"))
    for run in (1, 2, 3):
        assert play.work(run) == [RunAttempt(run + 1)]
    assert play.work(4) == [Conclude()]
    assert play.runs()[1:] == ["a[x] SUCCESS", "b[x] SUCCESS", "a[y] SUCCESS", "b[y] SUCCESS"]
    assert [run.iteration for run in play.execution.runs] == [None, 0, 0, 1, 1]


def test_lanes_advance_independently_in_the_order_of_their_ends():
    play, _ = loop(3, 2, leaf("a"), leaf("b"))
    assert play.work(2) == [RunAttempt(3)]
    assert play.work(3) == [RunAttempt(4)]
    assert play.work(1) == [RunAttempt(5)]
    assert play.runs()[1:] == [
        "a[x] SUCCESS",
        "a[y] SUCCESS",
        "b[y] SUCCESS",
        "a[z] CREATED",
        "b[x] CREATED",
    ]


def test_a_failure_lets_what_has_begun_end_and_begins_nothing_more():
    play, _ = loop(4, 2, leaf("a"), leaf("b"))
    assert play.work(1, FAILED) == []
    assert play.runs()[0] == "loop RUNNING"
    assert play.work(2) == [Conclude()]
    assert play.runs() == ["loop FAILED", "a[x] FAILED", "a[y] SUCCESS"]


def test_errors_begin_when_the_last_one_under_way_has_ended():
    play, _ = loop(3, 0, leaf("a"), errors=(leaf("e1"), leaf("e2")))
    play.work(1, FAILED)
    play.work(2, FAILED)
    assert play.work(3) == [RunAttempt(4)]
    assert play.work(4) == [RunAttempt(5)]
    assert play.work(5) == [Conclude()]
    assert play.runs()[4:] == ["e1 SUCCESS", "e2 SUCCESS"]
    assert [play.execution.runs[n].value for n in (4, 5)] == [None, None]


def test_error_tasks_run_one_by_one_whatever_the_limit():
    play, _ = loop(
        1, 0, leaf("a"), errors=(leaf("e1"), leaf("e2")), finally_=(leaf("f1"), leaf("f2"))
    )
    assert play.work(1, FAILED) == [RunAttempt(2)]
    assert play.work(2, FAILED) == [RunAttempt(3)]
    assert play.work(3, FAILED) == [RunAttempt(4)]
    assert play.work(4) == [RunAttempt(5)]


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        ([SUCCESS, SUCCESS], SUCCESS),
        ([WARNING, SUCCESS], WARNING),
        ([SUCCESS, WARNING], WARNING),
        ([FAILED, WARNING], FAILED),
        ([WARNING, FAILED], FAILED),
        ([FAILED, SUCCESS], FAILED),
    ],
)
def test_a_flowable_is_as_bad_as_the_worst_of_its_children(states, worst):
    play, _ = loop(2, 0, leaf("a"))
    for run, state in enumerate(states, 1):
        play.work(run, state)
    assert play.runs()[0] == f"loop {worst}"


def test_disabled_tasks_are_never_created():
    off = leaf("off", disabled=True)
    play, effects = loop(2, 1, off, leaf("a"), off, leaf("b"), finally_=(off,))
    assert effects == [RunAttempt(1)]
    for run in (1, 2, 3, 4):
        play.work(run)
    assert play.runs()[1:] == ["a[x] SUCCESS", "b[x] SUCCESS", "a[y] SUCCESS", "b[y] SUCCESS"]


def test_a_block_of_only_disabled_tasks_is_passed_over():
    off = (leaf("off", disabled=True),)
    blocks = {"errors": off, "finally_": off, "afterExecution": off}
    play = Play(flow(leaf("a"), **blocks))
    play.begin()
    assert play.work(0, FAILED) == [Conclude()]
    assert play.conclude() == [End(FAILED)]


def test_many_flowables_that_close_one_after_the_other_close_in_one_step():
    play = Play(flow(sequence("a", sequence("b", sequence("c", leaf("d")))), leaf("e")))
    play.begin()
    for run in range(3):
        play.expand(run, [Lane("tasks", 0, 1)])
    assert play.work(3) == [RunAttempt(4)]
    assert play.runs() == ["a SUCCESS", "b SUCCESS", "c SUCCESS", "d SUCCESS", "e CREATED"]
    assert play.execution.frames.keys() == {None}


def test_a_closed_flowable_lets_its_own_lane_go_on():
    play, _ = loop(2, 2, sequence("box", leaf("a")), leaf("b"))
    play.expand(1, [Lane("tasks", 0, 1)])
    play.expand(2, [Lane("tasks", 0, 1)])
    assert play.work(4) == [RunAttempt(5)]
    assert play.runs()[3:] == ["a CREATED", "a SUCCESS", "b[y] CREATED"]


def test_a_frame_knows_the_loop_values_around_it():
    play, _ = loop(
        2, 1, sequence("box", task("flow.ForEach", "inner", values=["p"], tasks=(leaf("a"),)))
    )
    play.expand(1, [Lane("tasks", 0, 1)])
    play.expand(2, [Lane("tasks", 0, 1, "p", 0)])
    frames = play.execution.frames
    assert [frames[key].path for key in (None, 0, 1, 2)] == [(), (), ("x",), ("x",)]
    play.work(3, outputs={"value": 1})
    assert play.execution.values["a"] == {"x": {"p": {"value": 1}}}


def test_outputs_of_a_flowable_are_seen_by_its_children():
    play = Play(flow(sequence("box", leaf("a"))))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)], outputs={"evaluationResult": True})
    assert play.execution.values == {"box": {"evaluationResult": True}}


def test_settle_says_which_lane_a_run_was_in_and_forgets_it():
    play, _ = loop(2, 2, leaf("a"))
    run = play.execution.runs[2]
    run.state = WARNING
    frame = play.execution.frames[0]
    assert settle(play.execution.progress, run) == 1
    assert (frame.active, frame.worst) == (1, WARNING)
    assert list(play.execution.active) == [0, 1]


def test_settle_leaves_the_worst_alone_outside_of_the_body():
    play, _ = loop(1, 1, leaf("a"), finally_=(leaf("f"),))
    play.work(1)
    run, frame = play.execution.runs[2], play.execution.frames[0]
    run.state = FAILED
    settle(play.execution.progress, run)
    assert (frame.phase, frame.worst) == (Phase.FINALLY, SUCCESS)


def test_runs_are_listed_by_task_in_the_order_of_creation():
    play, _ = loop(3, 0, leaf("a"))
    assert play.execution.progress.runs_of == {"loop": [0], "a": [1, 2, 3]}
