"""What a part leaves of a flow's blocks; running one is tested in tests/cli/test_parts.py."""

import pytest

from kestrel_cli.app.parts import lanes_of, restrict
from kestrel_cli.app.request import Part
from kestrel_cli.errors import UsageError
from kestrel_cli.model.frame import Lane
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import Play


def made():
    box = sequence("box", leaf("one"), leaf("two"), errors=(leaf("e"),), finally_=(leaf("f"),))
    more = {"errors": (leaf("sorry"),), "afterExecution": (leaf("after"),)}
    return flow(leaf("first"), box, leaf("last"), **more)


def left(part, covers=lambda _: False):
    """The ids in each block of the flow and of its box, as far as there are any."""
    whole = made()
    restrict(whole, part, covers)
    held = [(whole.blocks, name) for name in ("tasks", "errors", "afterExecution")]
    inner = whole.by_id["box"].__dict__["blocks"]
    held += [(inner, name) for name in ("tasks", "errors", "finally")]
    return [" ".join(one.id for one in of[name]) for of, name in held if of[name]]


@pytest.mark.parametrize(
    ("part", "ids"),
    [
        (Part(), ["first box last", "sorry", "after", "one two", "e", "f"]),
        (Part(only="two"), ["box", "two", "e", "f"]),
        (Part(start="two"), ["box last", "sorry", "after", "two", "e", "f"]),
        (Part(until="one"), ["first box", "one", "e", "f"]),
        (Part(start="first", until="first"), ["first", "one two", "e", "f"]),
        (Part(only="box"), ["box", "one two", "e", "f"]),
    ],
)
def test_a_part_leaves_what_it_says(part, ids):
    assert left(part) == ids


def test_what_is_mocked_stays_wherever_it_stands():
    assert left(Part(only="two"), lambda one: one.id in ("first", "one")) == [
        "first box",
        "one two",
        "e",
        "f",
    ]


def test_a_task_that_is_not_there_is_refused_with_a_near_one():
    with pytest.raises(UsageError, match="the flow has no task `firts`; did you mean `first`"):
        left(Part(only="firts"))


def loop_run(*tasks):
    play = Play(flow(task("flow.ForEach", "loop", values=["x", "y"], tasks=tasks)))
    play.begin()
    return play.execution.runs[0]


LANES = [Lane("tasks", 0, 1, value, n) for n, value in enumerate("xy")]


@pytest.mark.parametrize(
    ("part", "values"),
    [
        (Part(only="a[y]"), ["y"]),
        (Part(only="a[z]"), []),
        (Part(only="other[y]"), ["x", "y"]),
        (Part(only="a[p]", start="a[y]"), ["y"]),
    ],
)
def test_a_value_picks_lanes_of_the_loop_around_its_task(part, values):
    picked = lanes_of(part)
    assert [lane.value for lane in picked(loop_run(leaf("a")), LANES)] == values


def test_a_value_may_be_that_of_a_loop_further_in():
    inner = task("flow.ForEach", "inner", values=["p"], tasks=(leaf("a"),))
    picked = lanes_of(Part(only="a[p]"))
    assert picked(loop_run(inner), LANES) == LANES


def test_without_a_value_nothing_is_picked():
    assert lanes_of(Part(only="a")) is None
