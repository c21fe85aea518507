import pytest

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.task import Outcome
from tests.support.context import FakeContext
from tests.support.flows import task


@pytest.mark.parametrize(
    ("duration", "seconds", "words"),
    [
        (Duration(1_500_000_000), 1.5, "Waiting for PT1.5S"),
        ("<d>", 60.0, "Waiting for PT1M"),
        ("PT0S", 0.0, "Waiting for PT0S"),
    ],
)
def test_it_says_how_long_it_waits_and_waits(duration, seconds, words):
    ctx = FakeContext({"d": "PT1M"})
    assert task("flow.Sleep", "a", duration=duration).run(ctx) == Outcome()
    assert ctx.logs == [("INFO", words)]
    assert ctx.slept == [seconds]


def test_it_is_worth_a_thread_of_its_own():
    assert task("flow.Sleep", "a", duration="PT1S").blocking
