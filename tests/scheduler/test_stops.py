"""A failed branch stops what is below the others; what runs there may end as it will."""

from kestrel_cli.model.effect import RunAttempt
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import Play

FAILED = State.FAILED


def branches(*tasks):
    """A Parallel of these, whose lanes are all open: runs 1, 2, ..."""
    play = Play(flow(task("flow.Parallel", "p", tasks=tasks), leaf("z"), errors=(leaf("e"),)))
    play.begin()
    play.expand(0, [Lane("tasks", n, n + 1) for n in range(len(tasks))], limit=0)
    return play


def test_a_failed_branch_stops_what_is_below_the_others():
    play = branches(sequence("one", leaf("a"), leaf("b")), leaf("ko"))
    play.expand(1, [Lane("tasks", 0, 2)])
    play.start(3)
    assert play.work(2, FAILED) == []
    assert play.runs() == ["p RUNNING", "one RUNNING", "ko FAILED", "a RUNNING"]
    assert play.end(3) == [RunAttempt(4)]  # what runs may end, then nothing of it begins any more
    assert play.runs() == ["p FAILED", "one FAILED", "ko FAILED", "a SUCCESS", "e CREATED"]


def test_a_branch_that_is_stopped_runs_neither_its_errors_nor_its_finally():
    box = sequence("one", leaf("a"), leaf("b"), errors=(leaf("x"),), finally_=(leaf("f"),))
    play = branches(box, leaf("ko"))
    play.expand(1, [Lane("tasks", 0, 2)])
    play.start(3)
    play.work(2, FAILED)
    play.end(3, FAILED)
    assert play.runs() == ["p FAILED", "one FAILED", "ko FAILED", "a FAILED", "e CREATED"]


def test_a_failure_stops_a_branch_however_deep_it_is():
    play = branches(sequence("one", sequence("in", leaf("a"), leaf("b")), leaf("c")), leaf("ko"))
    play.expand(1, [Lane("tasks", 0, 2)])
    play.expand(3, [Lane("tasks", 0, 2)])
    play.start(4)
    play.work(2, FAILED)
    play.end(4)
    assert play.runs()[:5] == ["p FAILED", "one FAILED", "ko FAILED", "in FAILED", "a SUCCESS"]


def test_a_failure_below_a_branch_stops_the_branches_beside_it():
    play = branches(sequence("one", leaf("a"), leaf("b")), sequence("two", leaf("ko")))
    play.expand(1, [Lane("tasks", 0, 2)])
    play.expand(2, [Lane("tasks", 0, 1)])
    play.start(3)
    play.work(4, FAILED)
    play.end(3)
    assert play.runs() == [
        *("p FAILED", "one FAILED", "two FAILED", "a SUCCESS", "ko FAILED", "e CREATED")
    ]


def test_a_restart_takes_up_a_branch_that_was_only_stopped_and_tries_again_what_failed_itself():
    play = branches(sequence("one", leaf("a"), leaf("b")), leaf("ko"))
    play.expand(1, [Lane("tasks", 0, 2)])
    play.start(3)
    play.work(2, FAILED)
    play.end(3)
    assert play.execution.progress.stopped == {1}
    play = branches(sequence("one", leaf("a")), leaf("ko"))
    play.expand(1, [Lane("tasks", 0, 1)])
    play.start(3)
    play.work(2, FAILED)
    play.end(3, FAILED)
    assert play.execution.progress.stopped == set()


def test_a_failure_that_is_allowed_stops_nothing():
    play = branches(sequence("one", leaf("a"), leaf("b")), leaf("ko", allowFailure=True))
    play.expand(1, [Lane("tasks", 0, 2)])
    play.start(3)
    play.work(2, FAILED)
    assert play.end(3) == [RunAttempt(4)]
    assert play.runs()[-1] == "b CREATED"


def test_one_worker_hears_of_no_failure_beside_it():
    box = task("flow.WorkingDirectory", "one", tasks=(leaf("a"), leaf("b")))
    play = branches(box, leaf("ko"))
    play.expand(1, [Lane("tasks", 0, 2)])
    play.start(3)
    play.work(2, FAILED)
    assert play.end(3) == [RunAttempt(4)]
    assert play.runs()[-1] == "b CREATED"


def test_a_refused_runnable_is_not_tolerated():
    play = Play(flow(leaf("a", allowFailure=True)))
    play.begin()
    play.refuse(0)
    assert play.runs() == ["a FAILED"]


def test_a_branch_in_a_stopped_branch_was_only_stopped_too():
    inner = sequence("in", leaf("a"), finally_=(leaf("f"),))
    play = branches(sequence("one", inner), leaf("ko"))
    play.expand(1, [Lane("tasks", 0, 1)])
    play.expand(3, [Lane("tasks", 0, 1)])
    play.start(4)
    play.work(2, FAILED)
    play.end(4)
    assert play.runs()[:5] == ["p FAILED", "one FAILED", "ko FAILED", "in FAILED", "a SUCCESS"]
    assert play.execution.progress.stopped == {1, 3}
