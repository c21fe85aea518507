import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.task import Expansion
from tests.tasks.flow.expanding import expanded


@pytest.mark.parametrize("values", [["x", "y"], '["x","y"]', "<v>", ["x", "x", "<y>"]])
def test_each_value_is_a_lane_through_all_tasks(values):
    found = expanded(
        "ForEach", {"v": ["x", "y"], "y": "y"}, values=values, tasks=("a", "-off", "b")
    )
    assert found == Expansion([Lane("tasks", 0, 2, "x", 0), Lane("tasks", 0, 2, "y", 1)], limit=1)


@pytest.mark.parametrize("limit", [0, 1, 7])
def test_its_limit_is_how_many_values_run_at_once(limit):
    assert expanded("ForEach", values=["x"], tasks=("a",), concurrencyLimit=limit).limit == limit


@pytest.mark.parametrize(("values", "tasks"), [([], ("a",)), (["x"], ("-a",))])
def test_without_values_or_tasks_it_holds_nothing(values, tasks):
    assert expanded("ForEach", values=values, tasks=tasks) == Expansion([], limit=1)


def test_values_that_are_no_list_fail_it():
    with pytest.raises(TaskFailed, match="Unknown value type"):
        expanded("ForEach", values={"a": 1}, tasks=("a",))
