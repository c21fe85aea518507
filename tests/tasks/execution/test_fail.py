import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import Outcome
from tests.support.context import FakeContext
from tests.support.flows import task


def test_it_always_fails_without_a_condition():
    ctx = FakeContext()
    with pytest.raises(TaskFailed, match=r"^Task failure$"):
        task("execution.Fail", "a").run(ctx)
    assert ctx.logs == []


def test_its_message_is_the_failure():
    with pytest.raises(TaskFailed, match=r"^no rows$"):
        task("execution.Fail", "a", errorMessage="<why>").run(FakeContext({"why": "no rows"}))


@pytest.mark.parametrize("condition", ["true", "<yes>", "x"])
def test_a_condition_that_holds_logs_the_message_and_fails(condition):
    ctx = FakeContext({"yes": True})
    with pytest.raises(TaskFailed, match=r"^Fail on a condition$"):
        task("execution.Fail", "a", condition=condition, errorMessage="no rows").run(ctx)
    assert ctx.logs == [("ERROR", "no rows")]


@pytest.mark.parametrize("condition", ["false", "", "0", "-0"])
def test_a_condition_that_does_not_hold_is_success(condition):
    ctx = FakeContext()
    assert task("execution.Fail", "a", condition=condition).run(ctx) == Outcome()
    assert ctx.logs == []
