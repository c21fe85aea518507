import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Expansion
from tests.support.context import FakeContext
from tests.support.flows import leaf, task

SHORT = Duration.parse("PT5S")


def pause(**properties):
    return task("flow.Pause", "box", **properties)


def test_it_waits_until_somebody_resumes_it():
    assert pause().expand(FakeContext()) == Expansion([], pause=-1.0)


@pytest.mark.parametrize(
    ("properties", "seconds"),
    [
        ({"pauseDuration": SHORT}, 5),
        ({"pauseDuration": "<wait>"}, 2.5),
        ({"timeout": SHORT}, 5),
        ({"pauseDuration": "<wait>", "timeout": SHORT}, 2.5),
        ({"pauseDuration": Duration(0)}, 0),
        ({"pauseDuration": "<past>"}, 0),
    ],
)
def test_it_waits_for_its_duration_or_else_for_its_timeout(properties, seconds):
    ctx = FakeContext({"wait": "PT2.5S", "past": "PT-5S"})
    assert pause(**properties).expand(ctx) == Expansion([], pause=seconds)


def test_its_tasks_are_not_begun_before_it_is_resumed():
    assert pause(tasks=(leaf("a"),)).expand(FakeContext()).lanes == []


@pytest.mark.parametrize(
    ("behavior", "state"),
    [
        ({}, "SUCCESS"),
        ({"behavior": "RESUME"}, "SUCCESS"),
        ({"behavior": "WARN"}, "WARNING"),
        ({"behavior": "<how>"}, "FAILED"),
        ({"behavior": "CANCEL"}, "CANCELLED"),
    ],
)
def test_its_behavior_says_how_it_ends_when_the_duration_is_over(behavior, state):
    ctx = FakeContext({"how": "FAIL"})
    assert pause(pauseDuration=SHORT, **behavior).elapsed(ctx) is State(state)


def test_a_timeout_fails_whatever_the_behavior():
    assert pause(timeout=SHORT, behavior="RESUME").elapsed(FakeContext()) is State.FAILED


def test_a_behavior_that_is_none_fails_and_lists_them():
    with pytest.raises(TaskFailed, match="`perhaps` is no behavior: use one of RESUME, WARN"):
        pause(pauseDuration=SHORT, behavior="<how>").elapsed(FakeContext({"how": "perhaps"}))


def test_its_outputs_are_the_inputs_it_got_and_how_it_goes_on():
    assert pause().resumed({"a": 1}, "2031-05-06T07:08:09", State.WARNING) == {
        "onResume": {"a": 1},
        "resumed": {"on": "2031-05-06T07:08:09", "to": "WARNING"},
    }
