from kestrel_cli.reporters.family import called_by, callers, family, followed, others
from tests.reporters.builders import (
    add,
    call,
    each_switch,
    new_execution,
    reborn,
    retried,
    sub_flows,
)


def names(executions):
    return [f"{one.flow.id} {one.attempt_number}" for one in executions]


def chain(root, length):
    at = root
    for _ in range(length):
        at = call(at, add(at, "sub"), "sub")
    return root


def test_an_execution_alone_is_its_family():
    root = each_switch()
    assert family(root) == [root]
    assert others(root) == []
    assert followed(root) == []
    assert called_by(root, 0) == []
    assert callers(root) == {}


def test_callers_stand_before_those_they_call():
    root = sub_flows()
    middle = root.called[1][0]
    last = middle.called[0][0]
    assert family(root) == [root, middle, last]
    assert others(root) == [middle, last]
    assert callers(root) == {middle.id: (root, 1), last.id: (middle, 0)}


def test_retried_executions_come_first_the_oldest_at_the_head():
    root = retried(sub_flows(), 2)
    assert names(family(root)) == ["main 1", "main 2", "main 3", "middle 1", "last 1"]
    assert names(others(root)) == ["main 1", "main 2", "middle 1", "last 1"]


def test_a_chain_of_retries_counts_like_a_list_of_them():
    root = retried(new_execution(), 3)
    first, second, third = root.earlier
    for after, before in ((root, third), (third, second), (second, first)):
        reborn(after, earlier=[before])
    assert followed(root) == [first, second, third]
    assert family(root) == [first, second, third, root]


def test_what_a_retried_execution_had_started_belongs_to_the_family():
    root = retried(new_execution())
    before = root.earlier[0]
    sub = call(before, before.runs[0], "sub")
    assert family(root) == [before, sub, root]
    assert others(root) == [before, sub]


def test_a_started_execution_stands_behind_those_that_it_follows():
    root = sub_flows()
    middle = retried(root.called[1][0])
    (before,) = middle.earlier
    assert called_by(root, 1) == [before, middle]
    assert callers(root)[before.id] == (root, 1)
    root.called[1].insert(0, before)
    assert called_by(root, 1) == [before, middle]


def test_the_others_are_in_order_of_creation():
    root = new_execution()
    early, late = (call(root, add(root, "sub"), name) for name in ("early", "late"))
    of_early = call(early, add(early, "sub"), "of_early")
    reborn(of_early, at=late.history[-1][1])
    assert [one.flow.id for one in others(root)] == ["early", "late", "of_early"]


def test_depth_is_no_limit():
    root = chain(new_execution(), 3000)
    assert len(others(root)) == 3000
