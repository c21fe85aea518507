from typing import Annotated, Any

import pytest

from kestrel_cli.model.fields import Model
from kestrel_cli.model.index import declared_blocks, enabled_blocks, walk
from kestrel_cli.model.marks import Children
from kestrel_cli.model.task import FlowableTask
from tests.support.flows import flow, leaf, sequence, task
from tests.support.play import constant


def ids(blocks):
    return {name: [task.id for task in tasks] for name, tasks in blocks.items()}


def test_a_flow_declares_its_four_blocks():
    made = flow(leaf("a"), errors=(leaf("e"),), finally_=(leaf("f"),), afterExecution=(leaf("x"),))
    assert ids(declared_blocks(made)) == {
        "tasks": ["a"],
        "errors": ["e"],
        "finally": ["f"],
        "afterExecution": ["x"],
    }


def test_blocks_that_are_not_said_are_empty():
    assert ids(declared_blocks(flow(leaf("a")))) == {
        "tasks": ["a"],
        "errors": [],
        "finally": [],
        "afterExecution": [],
    }


def test_an_if_declares_then_and_else():
    made = task("flow.If", "if", condition="x", then=(leaf("a"),), else_=(leaf("b"),))
    blocks = ids(declared_blocks(made))
    assert (blocks["then"], blocks["else"]) == (["a"], ["b"])


def test_the_cases_of_a_switch_are_blocks_by_their_names():
    cases = {"one": (leaf("a"), leaf("b")), "two": (leaf("c"),), "a.b": ()}
    made = task("flow.Switch", "switch", value="x", cases=cases, defaults=(leaf("d"),))
    blocks = ids(declared_blocks(made))
    assert blocks["cases.one"] == ["a", "b"]
    assert blocks["cases.two"] == ["c"]
    assert blocks["cases.a.b"] == []
    assert blocks["defaults"] == ["d"]


def test_enabled_blocks_lack_disabled_tasks():
    off = leaf("off", disabled=True)
    made = flow(leaf("a"), off, leaf("b"), errors=(off,))
    assert ids(declared_blocks(made))["tasks"] == ["a", "off", "b"]
    assert ids(enabled_blocks(made)) == {
        "tasks": ["a", "b"],
        "errors": [],
        "finally": [],
        "afterExecution": [],
    }


def test_walk_meets_parents_first_and_keeps_the_order_of_each_block():
    inner = sequence("in", leaf("a"), leaf("b"), errors=(leaf("e"),))
    chosen = task("flow.If", "if", condition="x", then=(leaf("t"),), else_=(leaf("l"),))
    made = flow(sequence("out", inner, leaf("c")), chosen, errors=(leaf("last"),))
    met = [(getattr(holder, "id", None), one.id) for holder, one in walk(made)]
    # A flowable's `errors` and `finally` are declared before its own blocks.
    assert met == [
        ("test", "out"),
        ("out", "in"),
        ("in", "e"),
        ("in", "a"),
        ("in", "b"),
        ("out", "c"),
        ("test", "if"),
        ("if", "t"),
        ("if", "l"),
        ("test", "last"),
    ]


def test_walk_meets_disabled_tasks_and_what_is_below_them():
    made = flow(sequence("off", leaf("a"), disabled=True))
    assert [one.id for _, one in walk(made)] == ["off", "a"]


def test_walk_starts_below_a_flowable_too():
    assert [one.id for _, one in walk(sequence("s", leaf("a"), leaf("b")))] == ["a", "b"]


def test_nesting_may_be_as_deep_as_memory_allows():
    inner = leaf("leaf")
    for level in range(3_000):
        inner = sequence(f"s{level}", inner)
    made = flow(inner)
    assert len(made.by_id) == 3_001
    assert [one.id for _, one in walk(made)][-1] == "leaf"


def test_every_task_is_found_by_its_id():
    off = leaf("off", disabled=True)
    made = flow(sequence("s", leaf("a"), off), errors=(leaf("e"),))
    assert list(made.by_id) == ["s", "a", "off", "e"]


def test_the_first_of_equal_ids_is_found():
    first, second = leaf("same"), leaf("same")
    assert flow(first, second).by_id["same"] is first


def test_every_flowable_knows_its_enabled_blocks():
    made = flow(sequence("s", leaf("a"), leaf("off", disabled=True)))
    assert ids(made.by_id["s"].blocks) == {"errors": [], "finally": [], "tasks": ["a"]}


OWN, PARENT, FLOW = constant(1), constant(2), constant(3)


@pytest.mark.parametrize(
    ("own", "parent", "top", "expected"),
    [
        (None, None, None, None),
        (OWN, None, None, OWN),
        (OWN, PARENT, FLOW, OWN),
        (None, PARENT, FLOW, PARENT),
        (None, PARENT, None, PARENT),
        (None, None, FLOW, FLOW),
    ],
)
def test_the_nearest_retry_applies(own, parent, top, expected):
    made = flow(sequence("s", leaf("a", retry=own), retry=parent), retry=top)
    assert made.policies.get("a") is expected


def test_a_retry_applies_to_all_blocks_below_it():
    box = sequence("s", leaf("a"), errors=(leaf("e"),), finally_=(leaf("f"),), retry=PARENT)
    made = flow(box, leaf("b"))
    assert made.policies == {"s": PARENT, "e": PARENT, "f": PARENT, "a": PARENT}


class Pausing(FlowableTask):
    onPause: Annotated[Any, Children] = None  # noqa: N815  spelled as Kestra does


class Link(Model):
    task: Annotated[Any, Children]


class Linked(FlowableTask):
    tasks: Annotated[tuple[Any, ...], Children] = ()


def test_a_property_may_hold_one_task_or_none():
    assert ids(declared_blocks(Pausing(id="p", type="t", onPause=leaf("one"))))["onPause"] == [
        "one"
    ]
    assert "onPause" not in declared_blocks(Pausing(id="p", type="t"))


def test_a_list_may_hold_entries_that_hold_a_task():
    links = (Link(task=leaf("a")), Link(task=leaf("b")))
    assert ids(declared_blocks(Linked(id="p", type="t", tasks=links)))["tasks"] == ["a", "b"]
