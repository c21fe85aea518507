import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.model.task import Outcome
from tests.support.context import FakeContext
from tests.support.flows import task


@pytest.mark.parametrize(
    ("message", "logged"),
    [
        ("hello", ["hello"]),
        ("two\nlines", ["two\nlines"]),
        (["a", "<x>"], ["a", "7"]),
        ([], []),
        ("<null>", [""]),
        ([1, None, {"k": "v"}], ["1", "", '{"k":"v"}']),
    ],
)
def test_a_text_is_one_entry_and_a_list_one_for_each_item(message, logged):
    ctx = FakeContext({"x": 7, "null": None})
    assert task("log.Log", "a", message=message).run(ctx) == Outcome()
    assert ctx.logs == [("INFO", line) for line in logged]


def test_it_writes_at_its_level():
    ctx = FakeContext({"level": "ERROR"})
    task("log.Log", "a", message="x", level="<level>").run(ctx)
    assert ctx.logs == [("ERROR", "x")]


def test_items_before_one_that_fails_have_been_written():
    ctx = FakeContext()
    with pytest.raises(RenderError):
        task("log.Log", "a", message=["one", "<nope>", "three"]).run(ctx)
    assert ctx.logs == [("INFO", "one")]
