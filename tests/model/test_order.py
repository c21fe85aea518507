"""Task runs that were made while attempts overlapped are listed as one worker would have made
them.
"""

from kestrel_cli.model.frame import Lane
from kestrel_cli.model.order import in_order
from kestrel_cli.model.state import State
from kestrel_cli.scheduler.values import remove
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import Play


def listed(play):
    return [
        run.task.id + ("" if run.value is None else f"[{run.value}]")
        for run in in_order(play.execution.runs, play.execution.progress.shapes)
    ]


def loop(values, limit, *tasks, **more):
    """A loop whose lanes have begun, as far as its limit lets them."""
    made = task("flow.ForEach", "loop", values=[*values], tasks=tasks, **more)
    play = Play(flow(made))
    play.begin()
    lanes = [Lane("tasks", 0, len(tasks), value, n) for n, value in enumerate(values)]
    play.expand(0, lanes, limit=limit)
    return play


def test_lanes_that_ran_side_by_side_are_listed_lane_by_lane():
    play = loop("xyz", 0, leaf("a"), leaf("b"))
    for run in (3, 1, 2):  # z ends first, then x, then y
        play.work(run)
    assert [run.value for run in play.execution.runs[4:]] == ["z", "x", "y"]
    assert listed(play) == ["loop", "a[x]", "a[y]", "a[z]", "b[x]", "b[y]", "b[z]"]


def test_a_lane_opens_in_the_list_where_its_limit_would_have_let_it():
    play = loop("xyz", 2, leaf("a"), leaf("b"))
    for run in (2, 3, 4, 1, 5, 6):  # y runs to its end, then z, then x
        play.work(run)
    assert listed(play) == ["loop", "a[x]", "a[y]", "b[x]", "a[z]", "b[y]", "b[z]"]


def test_what_is_inside_a_lane_stands_before_the_next_lane_goes_on():
    play = loop("xy", 0, sequence("box", leaf("in")), leaf("after"))
    for run in (2, 1):
        play.expand(run, [Lane("tasks", 0, 1)])
    for run in (3, 4):  # the `in` of y, then that of x
        play.work(run)
    assert listed(play) == ["loop", "box[x]", "box[y]", "in", "after[x]", "in", "after[y]"]
    inner = [
        run
        for run in in_order(play.execution.runs, play.execution.progress.shapes)
        if run.task.id == "in"
    ]
    assert [run.parent for run in inner] == [1, 2]


def test_tasks_of_a_dag_stand_where_what_they_need_has_ended():
    play = Play(flow(task("flow.Parallel", "dag", tasks=(leaf("a"), leaf("b"), leaf("c")))))
    play.begin()
    lanes = [Lane("tasks", n, n + 1) for n in range(3)]
    play.expand(0, lanes, limit=1, needs=[[2], [], []])  # a needs c
    for run in (1, 2, 3):
        play.work(run)
    assert listed(play) == ["dag", "b", "c", "a"]


def test_phases_follow_each_other():
    box = sequence("box", leaf("a"), errors=(leaf("e"),), finally_=(leaf("f"),))
    play = Play(flow(box, afterExecution=(leaf("x"),)))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1)])
    play.work(1, State.FAILED)
    for run in (2, 3):
        play.work(run)
    play.conclude()
    play.work(4)
    assert listed(play) == ["box", "a", "e", "f", "x"]


def test_what_is_gone_is_not_listed():
    play = loop("xy", 0, leaf("a"))
    remove(play.execution.progress, play.execution.runs[1])
    assert listed(play) == ["loop", "a[y]"]


def test_an_execution_without_task_runs_lists_none():
    play = Play(flow(leaf("a")))
    assert listed(play) == []
