"""Task runs that were made while attempts overlapped are listed as if each attempt took no time:
flowables open first, then attempts end in the order in which their task runs were created.
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


def test_lanes_that_ran_side_by_side_are_listed_as_if_they_took_turns():
    play = loop("xyz", 0, leaf("a"), leaf("b"))
    for run in (3, 1, 2):  # z ends first, then x, then y
        play.work(run)
    assert [run.value for run in play.execution.runs[4:]] == ["z", "x", "y"]
    assert listed(play) == ["loop", "a[x]", "a[y]", "a[z]", "b[x]", "b[y]", "b[z]"]


def test_a_lane_opens_in_the_list_where_its_limit_would_have_let_it():
    play = loop("xyz", 2, leaf("a"), leaf("b"))
    for run in (2, 3, 4, 1, 5, 6):  # y runs to its end, then z, then x
        play.work(run)
    # a[x], a[y] and b[x] end in this order: only the last one lets z open, behind b[y]
    assert listed(play) == ["loop", "a[x]", "a[y]", "b[x]", "b[y]", "a[z]", "b[z]"]


def test_branches_open_first_then_take_turns():
    branches = (
        sequence("s1", leaf("a1"), leaf("a2")),
        sequence("s2", leaf("b1"), leaf("b2")),
        leaf("c1"),
    )
    play = Play(flow(task("flow.Parallel", "p", tasks=branches)))
    play.begin()
    play.expand(0, [Lane("tasks", n, n + 1) for n in range(3)], limit=0)
    for run in (1, 2):
        play.expand(run, [Lane("tasks", 0, 2)])
    for run in (5, 6, 4, 7, 3):  # b1, b2, a1, a2, c1
        play.work(run)
    assert [run.task.id for run in play.execution.runs[4:]] == ["a1", "b1", "b2", "a2"]
    assert listed(play) == ["p", "s1", "s2", "c1", "a1", "b1", "a2", "b2"]


def test_what_is_inside_of_all_lanes_stands_before_any_of_them_goes_on():
    play = loop("xy", 0, sequence("box", leaf("in")), leaf("after"))
    for run in (2, 1):
        play.expand(run, [Lane("tasks", 0, 1)])
    for run in (3, 4):  # the `in` of y, then that of x
        play.work(run)
    assert listed(play) == ["loop", "box[x]", "box[y]", "in", "in", "after[x]", "after[y]"]
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
