import pytest

from kestrel_cli.model.task import Outcome
from tests.support.context import FakeContext
from tests.support.flows import task


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ({"format": "hello"}, ("INFO", "hello")),
        ({"format": "<x>", "level": "WARN"}, ("WARN", "7")),
        ({"format": "hello", "level": "<level>"}, ("DEBUG", "hello")),
        ({}, ("INFO", "")),
    ],
)
def test_it_writes_one_message(said, logged):
    ctx = FakeContext({"x": 7, "level": "DEBUG"})
    assert task("debug.Echo", "a", **said).run(ctx) == Outcome()
    assert ctx.logs == [logged]
