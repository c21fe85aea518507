import pytest

from kestrel_cli.model.frame import Lane
from kestrel_cli.model.task import Expansion
from tests.tasks.flow.expanding import expanded


def test_each_task_of_each_value_is_a_lane_of_its_own():
    assert expanded("EachParallel", value=["x", "y"], tasks=("a", "-off", "b")) == Expansion(
        [
            Lane("tasks", 0, 1, "x", 0),
            Lane("tasks", 1, 2, "x", 0),
            Lane("tasks", 0, 1, "y", 1),
            Lane("tasks", 1, 2, "y", 1),
        ],
        limit=0,
    )


@pytest.mark.parametrize(("concurrent", "limit"), [(0, 0), (2, 2), ("<n>", 4)])
def test_concurrent_is_the_limit(concurrent, limit):
    found = expanded("EachParallel", {"n": 4}, value=["x"], tasks=("a",), concurrent=concurrent)
    assert found.limit == limit
