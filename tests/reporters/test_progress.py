"""What is under way, folded from the events of a run whose clock is ours."""

import pytest

from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.reporters.progress import Underway
from kestrel_cli.reporters.standing import Loop
from tests.support.flows import flow, leaf, task
from tests.support.play import SECOND, Play, chance, constant


class Told(Play):
    """An execution whose events are told as they are to reporters."""

    def __init__(self, *tasks, **properties):
        super().__init__(flow(*tasks, **properties))
        self.changes = 0
        self.underway = Underway(self.changed)
        self.underway.started(self.execution, None, None)
        self.begin()

    def changed(self):
        self.changes += 1

    def fold(self, event):
        effects = super().fold(event)
        if hasattr(self, "underway"):
            self.underway.on_event(event, self.execution)
        return effects

    def doing(self, most=9, before=None):
        return [
            " ".join(str(one) for one in (one.kind, one.path, one.until, one.attempt) if one)
            for one in self.underway.standing(most, before).doing
        ]

    def loops(self):
        return self.underway.standing(9).loops


def loop_of(count, *tasks):
    return [Lane("tasks", 0, len(tasks) or 1, str(at), at) for at in range(count)]


def test_an_attempt_is_under_way_until_it_ends():
    told = Told(leaf("a"), leaf("b"))
    assert told.doing() == []
    told.start(0)
    assert told.doing() == ["works a"]
    assert told.underway.working == 1
    [one] = told.underway.standing(9).doing
    assert one.since == told.at
    told.end(0)
    assert told.doing() == []
    assert told.underway.standing(9).ended == 1
    told.start(1)
    assert told.doing() == ["works b"]


def test_several_in_a_parallel_the_oldest_first_and_not_all_of_them():
    told = Told(task("flow.Parallel", "par", tasks=(leaf("a"), leaf("b"), leaf("c"))))
    told.expand(0, [Lane("tasks", at, at + 1) for at in range(3)], limit=0)
    for run in (2, 1, 3):
        told.start(run)
    assert told.doing() == ["works par > b", "works par > a", "works par > c"]
    assert told.doing(most=2) == ["works par > b", "works par > a"]
    assert told.underway.standing(2).count == 3
    assert told.underway.working == 3


def test_what_has_only_just_begun_can_be_left_out():
    told = Told(task("flow.Parallel", "par", tasks=(leaf("a"), leaf("b"))))
    told.expand(0, [Lane("tasks", at, at + 1) for at in range(2)], limit=0)
    told.start(1)
    moment = told.at
    told.start(2)
    assert told.doing(before=moment) == ["works par > a"]
    assert told.underway.standing(9, moment).young
    assert not told.underway.standing(9, told.at).young


def test_a_loop_tells_the_iteration_that_it_is_in():
    told = Told(task("flow.ForEach", "each", values=["x"], tasks=(leaf("a"),)))
    told.expand(0, loop_of(3))
    assert told.loops() == [Loop("each", 1, 3, parallel=False)]
    told.start(1)
    assert told.doing() == ["works each[1/3] > a"]
    told.end(1)
    told.start(2)
    assert told.doing() == ["works each[2/3] > a"]
    assert told.loops() == [Loop("each", 2, 3, parallel=False)]
    told.end(2)
    told.work(3)
    assert told.loops() == []


def test_a_parallel_loop_tells_how_many_iterations_have_ended():
    told = Told(task("flow.ForEach", "each", values=["x"], tasks=(leaf("a"),)))
    told.expand(0, loop_of(4), limit=2)
    assert told.loops() == [Loop("each", 0, 4, parallel=True)]
    told.work(1)
    told.work(3)
    assert told.loops() == [Loop("each", 2, 4, parallel=True)]


def test_a_retry_waits_until_its_moment_and_says_which_attempt_has_failed():
    told = Told(leaf("a", retry=constant(4, maxAttempts=3)), leaf("b"))
    told.start(0)
    assert told.doing() == ["works a attempt 1 of 3"]
    told.end(0, State.FAILED)
    assert told.doing() == [f"retry a {told.at + 4 * SECOND} attempt 1 of 3"]
    assert told.underway.working == 0
    told.fire(0)
    told.start(0)
    assert told.doing() == ["works a attempt 2 of 3"]


def test_the_luck_of_a_random_retry_counts():
    told = Told(leaf("a", retry=chance(2, 4)))
    told.start(0)
    told.end(0, State.FAILED, draw=0.5)
    assert told.doing() == [f"retry a {told.at + 3 * SECOND} attempt 1"]


def test_what_works_stands_before_what_waits():
    again = leaf("a", retry=constant(4))
    told = Told(task("flow.Parallel", "par", tasks=(again, leaf("b"))))
    told.expand(0, [Lane("tasks", at, at + 1) for at in range(2)], limit=0)
    told.work(1, State.FAILED)
    told.start(2)
    assert [one.partition(" ")[0] for one in told.doing()] == ["works", "retry"]


def test_a_kill_ends_what_waits_without_a_word():
    told = Told(leaf("a", retry=constant(4)))
    told.work(0, State.FAILED)
    told.kill()
    assert told.doing() == []


@pytest.mark.parametrize(("until", "shown"), [(99, "pause gate 99"), (-1, "pause gate")])
def test_a_pause_is_under_way_until_it_is_resumed(until, shown):
    told = Told(task("flow.Pause", "gate"), leaf("b"))
    told.pause(0, until)
    assert told.doing() == [shown]
    told.resume(0)
    assert told.doing() == []


def test_a_loop_waits_for_its_next_pass():
    told = Told(task("flow.LoopUntil", "until", condition="x", tasks=(leaf("a"),)))
    told.expand(0, [Lane("tasks", 0, 1, None, 0)], outputs={"iterationCount": 1})
    told.work(1)
    told.judge(0, again=5 * SECOND, iterationCount=2)
    assert told.doing() == [f"pass until {5 * SECOND}"]
    told.fire(0)
    assert told.doing() == []


def test_an_execution_waits_for_its_turn():
    told = Told.__new__(Told)
    Play.__init__(told, flow(leaf("a")))
    told.changes, told.underway = 0, Underway()
    told.underway.started(told.execution, None, None)
    told.queue()
    assert told.doing() == ["turn test"]
    told.begin()
    assert told.doing() == []


def test_only_what_begins_or_ends_is_a_change():
    told = Told(leaf("a"), leaf("b"))
    before = told.changes
    told.skip(0)
    assert told.changes == before
    told.start(1)
    assert told.changes == before + 1


def test_at_the_end_nothing_is_under_way():
    told = Told(leaf("a"))
    told.start(0)
    told.underway.close(told.execution, 1)
    assert told.doing() == []


def found(play):
    """What somebody finds who was not told of any event."""
    underway = Underway()
    underway.started(play.execution, None, None)
    standing = underway.standing(9)
    return [(one.kind, one.path, one.until) for one in standing.doing], standing.loops


def test_an_execution_that_has_come_some_way_is_found_as_it_is():
    again = leaf("again", retry=constant(4))
    inner = task("flow.Parallel", "par", tasks=(again, leaf("b"), task("flow.Pause", "gate")))
    play = Play(flow(task("flow.ForEach", "each", values=["x"], tasks=(inner,))))
    play.begin()
    play.expand(0, loop_of(2))
    play.expand(1, [Lane("tasks", at, at + 1) for at in range(3)], limit=0)
    play.work(2, State.FAILED)
    failed = play.at
    play.start(3)
    play.pause(4)
    assert found(play) == (
        [
            ("works", "each[1/2] > par > b", None),
            ("retry", "each[1/2] > par > again", failed + 4 * SECOND),
            ("pause", "each[1/2] > par > gate", None),
        ],
        [Loop("each", 1, 2, parallel=False)],
    )


def test_the_luck_of_a_retry_is_not_known_afterwards():
    play = Play(flow(leaf("a", retry=chance(2, 4))))
    play.begin()
    play.work(0, State.FAILED)
    assert found(play)[0] == [("retry", "a", None)]


def test_a_call_is_found_by_how_far_it_is():
    play = Play(flow(task("flow.Subflow", "sub", namespace="a.b", flowId="c")))
    play.begin()
    play.start(0)
    play.call(0, 3)
    play.called(0, 0)
    play.launch(0, 1)
    assert found(play) == ([("calls", "sub", None)], [Loop("sub", 2, 3, parallel=False)])
