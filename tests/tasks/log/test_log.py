import pytest

from kestrel_cli.errors import RenderError, TaskFailed
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
        ([None, "a"], ["", "a"]),
    ],
)
def test_a_text_is_one_entry_and_a_list_one_for_each_item(message, logged):
    ctx = FakeContext({"x": 7, "null": None})
    assert task("log.Log", "a", message=message).run(ctx) == Outcome()
    assert ctx.logs == [("INFO", line) for line in logged]


@pytest.mark.parametrize(
    ("item", "java"),
    [(7, "Integer"), (2.5, "Double"), (False, "Boolean"), ({"k": "v"}, "LinkedHashMap")],
)
def test_an_item_that_is_no_text_ends_it_behind_those_before(item, java):
    ctx = FakeContext()
    with pytest.raises(TaskFailed, match=rf"{java} cannot be cast to class java.lang.String"):
        task("log.Log", "a", message=["one", item, "three"]).run(ctx)
    assert ctx.logs == [("INFO", "one")]


def test_it_writes_at_its_level():
    ctx = FakeContext({"level": "ERROR"})
    task("log.Log", "a", message="x", level="<level>").run(ctx)
    assert ctx.logs == [("ERROR", "x")]


def test_items_before_one_that_fails_have_been_written():
    ctx = FakeContext()
    with pytest.raises(RenderError):
        task("log.Log", "a", message=["one", "<nope>", "three"]).run(ctx)
    assert ctx.logs == [("INFO", "one")]
