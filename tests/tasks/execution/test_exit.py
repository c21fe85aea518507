import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Change, Outcome
from tests.support.context import FakeContext
from tests.support.flows import task


def exits(**properties):
    return task("execution.Exit", "a", **properties).run(FakeContext({"how": "KILLED"}))


def test_it_ends_the_execution_with_success():
    assert exits() == Outcome(change=Change(exit=State.SUCCESS))


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("SUCCESS", "SUCCESS"),
        ("WARNING", "WARNING"),
        ("FAILED", "FAILED"),
        ("<how>", "KILLED"),
        ("CANCELED", "CANCELLED"),
        ("CANCELLED", "CANCELLED"),
    ],
)
def test_the_state_is_a_choice(said, state):
    assert exits(state=said).change.exit is State(state)


@pytest.mark.parametrize("said", ["PAUSED", "success", ""])
def test_another_state_is_refused_with_those_there_are(said):
    with pytest.raises(TaskFailed, match="is no state to exit with: use one of SUCCESS, WARNING"):
        exits(state=said)
