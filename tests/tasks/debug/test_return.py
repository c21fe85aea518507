from kestrel_cli.model.task import Outcome
from tests.support.context import FakeContext
from tests.support.flows import task


def test_its_rendered_format_is_its_value_and_is_logged():
    ctx = FakeContext({"x": "hällo"})
    assert task("debug.Return", "a", format="<x>").run(ctx) == Outcome({"value": "hällo"})
    assert ctx.logs == [("DEBUG", "hällo")]


def test_it_counts_characters_and_time_under_its_template():
    ctx = FakeContext({"x": "hällo"})
    task("debug.Return", "a", format="<x>").run(ctx)
    assert ctx.counters == [("length", 5, {"format": "<x>"})]
    assert ctx.timers == [("duration", 0.25, {"format": "<x>"})]


def test_an_empty_format_is_an_empty_value():
    assert task("debug.Return", "a", format="").run(FakeContext()) == Outcome({"value": ""})


def test_without_a_format_nothing_happens():
    ctx = FakeContext()
    assert task("debug.Return", "a").run(ctx) == Outcome()
    assert (ctx.logs, ctx.counters, ctx.timers) == ([], [], [])
