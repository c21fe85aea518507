from kestrel_cli.model.frame import Lane
from kestrel_cli.model.task import Expansion
from tests.tasks.flow.expanding import expanded


def test_it_is_one_lane_through_its_tasks():
    assert expanded("Sequential", tasks=("a", "-off", "b")) == Expansion([Lane("tasks", 0, 2)])


def test_with_nothing_but_disabled_tasks_it_holds_nothing():
    assert expanded("Sequential", tasks=("-a",)) == Expansion([])
