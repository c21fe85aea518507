import pytest

from kestrel_cli.model.fields import made_of
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.index import enabled_blocks
from kestrel_cli.model.task import Expansion
from kestrel_cli.tasks.flow.dag import DagTask
from tests.support.context import FakeContext
from tests.support.flows import leaf, task


def dag(**needs):
    """The expansion of a Dag: `b="a"` is a task `b` that needs `a`; one that is called `off...` is
    disabled.
    """
    held = tuple(
        made_of(
            DagTask,
            {
                "task": leaf(name, disabled=name.startswith("off")),
                "dependsOn": said.split() if said else None,
            },
        )
        for name, said in needs.items()
    )
    made = task("flow.Dag", "box", tasks=held)
    made.__dict__["blocks"] = enabled_blocks(made)
    return made.expand(FakeContext())


def test_each_task_is_a_lane_that_needs_the_lanes_of_others():
    assert dag(c="a b", a=None, b="a") == Expansion(
        [Lane("tasks", number, number + 1) for number in range(3)],
        limit=0,
        needs=[[1, 2], [], [1]],
    )


def test_a_disabled_task_is_no_lane_and_nobody_waits_for_it():
    found = dag(a="off b", off=None, b=None)
    assert len(found.lanes) == 2
    assert found.needs == [[1], []]


def test_with_nothing_but_disabled_tasks_it_holds_nothing():
    assert dag(off=None) == Expansion([], limit=0, needs=[])


@pytest.mark.parametrize(("concurrent", "limit"), [(0, 0), (3, 3), ("<n>", 2)])
def test_concurrent_is_how_many_run_at_once(concurrent, limit):
    made = task("flow.Dag", "box", tasks=(), concurrent=concurrent)
    made.__dict__["blocks"] = {"tasks": ()}
    assert made.expand(FakeContext({"n": 2})).limit == limit
