import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import Outcome
from tests.support.context import FakeContext
from tests.support.flows import task


def run(conditions, ctx=None, **more):
    ctx = ctx or FakeContext({"yes": True, "no": False, "list": ["true", "0"]})
    try:
        return task("execution.Assert", "a", conditions=conditions, **more).run(ctx), ctx
    except TaskFailed as failure:
        return str(failure), ctx


def test_conditions_that_hold_are_counted():
    found, ctx = run(["<yes>", "true", "anything"])
    assert found == Outcome()
    assert ctx.counters == [("success", 3, {}), ("failed", 0, {})]
    assert ctx.logs == []


def test_every_condition_that_does_not_hold_is_logged_before_the_failure():
    found, ctx = run(["<no>", "<yes>", "", "0"])
    assert found == "3 assertions failed!"
    assert ctx.logs == [
        ("ERROR", "Assertion `<no>` failed!"),
        ("ERROR", "Assertion `` failed!"),
        ("ERROR", "Assertion `0` failed!"),
    ]
    assert ctx.counters == [("success", 1, {}), ("failed", 3, {})]


def test_one_failure_is_singular():
    assert run(["false"])[0] == "1 assertion failed!"


def test_the_message_comes_after_the_count():
    ctx = FakeContext({"why": "too few rows"})
    assert run(["false"], ctx, errorMessage="<why>")[0] == "1 assertion failed!\ntoo few rows"


def test_the_message_is_not_rendered_when_all_is_well():
    assert run(["true"], FakeContext(), errorMessage="<nope>")[0] == Outcome()


def test_conditions_may_come_from_an_expression():
    assert run("<list>")[0] == "1 assertion failed!"


def test_no_conditions_hold():
    found, ctx = run([])
    assert found == Outcome()
    assert ctx.counters == [("success", 0, {}), ("failed", 0, {})]


def test_a_condition_that_cannot_be_rendered_is_an_error_of_its_own():
    from kestrel_cli.errors import RenderError

    with pytest.raises(RenderError):
        run(["<nope>"])
