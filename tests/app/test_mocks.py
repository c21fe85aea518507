import pytest

from kestrel_cli.app.mocks import MockFinder
from kestrel_cli.app.request import Mocks
from kestrel_cli.diagnostic import Position
from kestrel_cli.flowfile.unsupported import UnsupportedTask
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.mock import Mock
from tests.support.flows import flow, leaf, task
from tests.support.play import Play

HERE = Mock("a", "x", outputs={"is": "the one of x"})
ANYWHERE = Mock("a", outputs={"is": "the one of a"})
BY_TYPE = Mock(prefix="io.kestra.plugin.core.debug", outputs={"is": "the one of the type"})


def unsupported(task_id="q"):
    made = made_of(UnsupportedTask, {"id": task_id, "type": "com.example.Query"})
    made.__dict__.update(where=Position("flow.yaml", 1, 1), reason="no", extra={})
    return made


def found(*mocks, value="x", **more):
    """What stands in for task `a` in the iteration of a value."""
    play = Play(flow(task("flow.ForEach", "l", values=[value], tasks=(leaf("a"),))))
    play.begin()
    play.expand(0, [Lane("tasks", 0, 1, value, 0)])
    return MockFinder(Mocks(mocks, **more)).of(play.execution, play.execution.runs[1])


def test_without_a_mock_a_task_runs():
    assert found() is None
    assert found(Mock("b"), Mock(prefix="com.")) is None


@pytest.mark.parametrize("order", [1, -1])
def test_the_nearest_mock_counts_whatever_its_place(order):
    assert found(*[BY_TYPE, ANYWHERE, HERE][::order]) == HERE
    assert found(*[BY_TYPE, ANYWHERE, HERE][::order], value="y") == ANYWHERE
    assert found(*[BY_TYPE, HERE][::order], value="y") == BY_TYPE


def test_the_first_of_those_that_fit_counts():
    assert found(ANYWHERE, Mock("a")) == ANYWHERE
    assert found(HERE, Mock("a", "x")) == HERE


def test_what_does_not_run_here_may_be_mocked_as_a_whole():
    finder = MockFinder(Mocks(unsupported=True))
    play = Play(flow(unsupported()))
    play.begin()
    assert finder.of(play.execution, play.execution.runs[0]) == Mock()
    assert found(unsupported=True) is None


@pytest.mark.parametrize(
    ("mocks", "covered"),
    [
        ([ANYWHERE], True),
        ([BY_TYPE], True),
        ([HERE], False),
        ([HERE, BY_TYPE], True),
        ([], False),
    ],
)
def test_a_task_is_covered_when_none_of_its_runs_is_left(mocks, covered):
    assert MockFinder(Mocks(mocks)).covers(leaf("a")) is covered


def test_what_does_not_run_here_is_covered_too():
    assert MockFinder(Mocks(unsupported=True)).covers(unsupported())
    assert not MockFinder(Mocks(unsupported=True)).covers(leaf("a"))


def test_it_is_true_when_there_is_something_to_find():
    assert not MockFinder(Mocks())
    for mocks in (Mocks([HERE]), Mocks([BY_TYPE]), Mocks(unsupported=True)):
        assert MockFinder(mocks)
