"""What is there when a task run is created is what its expressions see."""

from kestrel_cli.expressions.outputs_seen import OutputsSeen
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from tests.support.flows import flow, leaf, task
from tests.support.play import Play, constant


def branches(*tasks):
    """A play of a Parallel of tasks, all created; what is seen by a run of it."""
    play = Play(flow(leaf("z"), task("flow.Parallel", "p", tasks=tasks)))
    play.begin()
    play.work(0, outputs={"v": 0})
    play.expand(1, [Lane("tasks", n, n + 1) for n in range(len(tasks))], limit=0)
    seen = OutputsSeen(play.execution)
    return play, lambda number: {**seen.by(play.execution.runs[number])}


def test_what_began_together_sees_nothing_of_each_other():
    play, seen = branches(leaf("a"), leaf("b"), leaf("c"))
    assert seen(2) == {"z": {"v": 0}, "p": {}}
    play.work(2, outputs={"v": 1})
    play.work(3, outputs={"v": 2})
    assert seen(4) == {"z": {"v": 0}, "p": {}}
    assert play.execution.values["b"] == {"v": 2}


def test_a_retry_sees_what_is_there_by_then():
    play, seen = branches(leaf("a"), leaf("b", retry=constant(1, maxAttempts=3)))
    play.start(3)
    play.work(2, outputs={"v": 1})
    play.end(3, State.FAILED)
    play.fire(3)
    assert seen(3)["a"] == {"v": 1}


def test_flowables_see_everything():
    play, seen = branches(leaf("a"), task("flow.Sequential", "s", tasks=(leaf("b"),)))
    play.work(2, outputs={"v": 1})
    assert seen(3)["a"] == {"v": 1}


def test_values_of_loops_are_seen_one_by_one_and_the_shared_map_stays_whole():
    loop = task("flow.ForEach", "f", values=["x", "y"], tasks=(leaf("a"), leaf("b")))
    play = Play(flow(loop))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 2, "x", 0), Lane("tasks", 0, 2, "y", 1)], limit=0)
    seen = OutputsSeen(play.execution)
    play.work(1, outputs={"v": 1})  # b of x is created: run 3
    play.work(2, outputs={"v": 2})
    assert dict(seen.by(play.execution.runs[3])) == {"f": {}, "a": {"x": {"v": 1}}}
    assert dict(seen.by(play.execution.runs[4]))["a"] == {"x": {"v": 1}, "y": {"v": 2}}
    assert play.execution.values["a"] == {"x": {"v": 1}, "y": {"v": 2}}
    assert not play.execution.seen.keys() & {1, 2}
