import pytest

from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Expansion
from tests.support.flows import leaf, task
from tests.tasks.flow.expanding import expanded


def test_it_is_one_lane_through_its_tasks():
    assert expanded("AllowFailure", tasks=("a", "b")) == Expansion([Lane("tasks", 0, 2)])


@pytest.mark.parametrize(
    ("flags", "worst", "final"),
    [
        ({}, "SUCCESS", "SUCCESS"),
        ({}, "WARNING", "WARNING"),
        ({}, "FAILED", "WARNING"),
        ({}, "KILLED", "KILLED"),
        ({"allowWarning": True}, "FAILED", "WARNING"),
        ({"allowWarning": True}, "WARNING", "SUCCESS"),
        ({"allowFailure": True}, "FAILED", "WARNING"),
    ],
)
def test_a_failure_inside_ends_it_with_a_warning(flags, worst, final):
    made = task("flow.AllowFailure", "box", tasks=(leaf("a"),), **flags)
    assert made.final_state(State(worst)) == final
