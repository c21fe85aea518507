import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Expansion, Verdict
from kestrel_cli.tasks.flow.loop_until import CheckFrequency
from tests.support.context import FakeContext
from tests.support.flows import leaf, task
from tests.tasks.flow.expanding import expanded


def loop(condition="<no>", fails=False, **frequency):
    checked = made_of(CheckFrequency, frequency) if frequency else None
    return task(
        "flow.LoopUntil",
        "box",
        condition=condition,
        failOnMaxReached=fails,
        checkFrequency=checked,
        tasks=(leaf("a"),),
    )


def context(number=None, seconds=0):
    """Of a pass: the first one has no iteration yet."""
    ctx = FakeContext({"no": False, "yes": True, "two": 2, "wait": "PT5S"})
    ctx.outputs = {} if number is None else {"iterationCount": number}
    ctx.seconds = seconds
    return ctx


def test_it_is_one_lane_through_its_tasks_in_its_first_pass():
    assert expanded("LoopUntil", condition="<no>", tasks=("a", "-off", "b")) == Expansion(
        [Lane("tasks", 0, 2, None, 0)], outputs={"iterationCount": 1}
    )


def test_later_passes_count_on():
    made, ctx = loop(), context(3)
    made.__dict__["blocks"] = {"tasks": (leaf("a"),)}
    ctx.number = 7
    assert made.expand(ctx) == Expansion(
        [Lane("tasks", 0, 1, None, 7)], outputs={"iterationCount": 3}
    )


def test_with_nothing_but_disabled_tasks_it_holds_nothing():
    assert expanded("LoopUntil", condition="<no>", tasks=("-off",)).lanes == []


@pytest.mark.parametrize("worst", ["SUCCESS", "WARNING", "SKIPPED", "CANCELLED"])
def test_it_ends_when_the_condition_holds(worst):
    assert loop("<yes>").judge(context(), State(worst)) == Verdict({})


@pytest.mark.parametrize("worst", ["FAILED", "KILLED"])
def test_a_failure_ends_it_and_nothing_is_rendered(worst):
    ctx = context()
    assert loop("<unknown>").judge(ctx, State(worst)) == Verdict({})
    assert ctx.rendered == []


def test_otherwise_it_runs_again_after_a_minute():
    assert loop().judge(context(2), State.SUCCESS) == Verdict({"iterationCount": 3}, 60.0)


@pytest.mark.parametrize("interval", [Duration.parse("PT5S"), "<wait>"])
def test_the_interval_is_the_wait_between_two_passes(interval):
    verdict = loop(interval=interval).judge(context(), State.SUCCESS)
    assert verdict == Verdict({"iterationCount": 2}, 5.0)


@pytest.mark.parametrize(
    ("frequency", "seconds", "reached", "count"),
    [
        ({"maxIterations": 2}, 0, "Max iterations reached", 3),
        ({"maxIterations": "<two>"}, 0, "Max iterations reached", 3),
        ({"maxDuration": "<wait>"}, 5, "Max duration reached", 2),
    ],
)
def test_a_limit_ends_it_with_a_warning_or_lets_it_fail(frequency, seconds, reached, count):
    ctx = context(2, seconds)
    assert loop(**frequency).judge(ctx, State.SUCCESS) == Verdict({"iterationCount": count})
    assert ctx.logs == [("WARN", reached)]
    with pytest.raises(TaskFailed, match=f"^{reached}$") as failure:
        loop(fails=True, **frequency).judge(context(2, seconds), State.SUCCESS)
    assert failure.value.outputs == {"iterationCount": count}


@pytest.mark.parametrize(
    ("frequency", "seconds"), [({"maxIterations": 3}, 0), ({"maxDuration": "<wait>"}, 4.9)]
)
def test_before_a_limit_it_runs_again(frequency, seconds):
    verdict = loop(fails=True, **frequency).judge(context(2, seconds), State.SUCCESS)
    assert verdict.again == 60


def test_a_condition_that_cannot_be_rendered_is_an_error():
    with pytest.raises(RenderError):
        loop("<unknown>").judge(context(), State.SUCCESS)
