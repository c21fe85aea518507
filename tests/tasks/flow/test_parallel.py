import pytest

from kestrel_cli.model.frame import Lane
from kestrel_cli.model.task import Expansion
from tests.tasks.flow.expanding import expanded

LANES = [Lane("tasks", 0, 1), Lane("tasks", 1, 2)]


@pytest.mark.parametrize(("concurrent", "limit"), [(0, 0), (1, 1), (5, 5), ("<n>", 3)])
def test_each_task_is_a_lane_and_concurrent_the_limit(concurrent, limit):
    found = expanded("Parallel", {"n": 3}, tasks=("a", "-off", "b"), concurrent=concurrent)
    assert found == Expansion(LANES, limit=limit)


def test_all_run_at_once_unless_it_says_otherwise():
    assert expanded("Parallel", tasks=("a", "b")) == Expansion(LANES, limit=0)
