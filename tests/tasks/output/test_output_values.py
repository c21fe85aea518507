from kestrel_cli.model.task import Outcome
from tests.support.context import FakeContext
from tests.support.flows import task


def test_its_values_are_rendered_and_kept_with_their_types():
    made = task(
        "output.OutputValues", "a", values={"n": 5, "x": "<x>", "<key>": {"l": ["<x>", None]}}
    )
    assert made.run(FakeContext({"x": [1], "key": "k"})) == Outcome(
        {"values": {"n": 5, "x": [1], "k": {"l": [[1], None]}}}
    )


def test_without_values_it_has_no_outputs():
    assert task("output.OutputValues", "a").run(FakeContext()) == Outcome()
