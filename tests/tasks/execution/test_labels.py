import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.context import FakeContext
from tests.support.flows import task


def labelled(said, *known):
    """All labels of the execution after the task."""
    ctx = FakeContext({"n": 7, "name": "size", "json": '{"size":"L"}', "map": {"size": "L"}})
    ctx.label_pairs = list(known)
    change = task("execution.Labels", "a", labels=said).run(ctx).change
    return change.labels


@pytest.mark.parametrize(
    "said",
    [
        {"size": "L"},
        {"<name>": "L"},
        [{"key": "size", "value": "L"}],
        [{"key": "size", "value": "S"}, {"key": "<name>", "value": "L"}],
        '{"size": "L"}',
        '[{"key": "size", "value": "L"}]',
        "<json>",
        "<map>",
    ],
)
def test_labels_are_a_map_a_list_or_a_text_with_one(said):
    assert labelled(said) == [("size", "L")]


@pytest.mark.parametrize(("value", "text"), [(7, "7"), ("<n>", "7"), (True, "true"), (1.5, "1.5")])
def test_values_become_text(value, text):
    assert labelled({"a": value}) == [("a", text)]


def test_other_labels_stay_and_new_ones_come_last():
    assert labelled({"b": "new", "c": "x"}, ("a", "1"), ("b", "old"), ("system.x", "y")) == [
        ("a", "1"), ("system.x", "y"), ("b", "new"), ("c", "x"),
    ]  # fmt: skip


@pytest.mark.parametrize("said", [{"a": ""}, {"a": None}, {"": "x"}, [{"key": "a"}]])
def test_an_empty_name_or_value_is_refused(said):
    with pytest.raises(TaskFailed, match="Label values cannot be empty, offending label"):
        labelled(said)


def test_labels_of_the_system_are_refused():
    with pytest.raises(TaskFailed, match=r"set by Kestra itself, offending label: system\.a=x$"):
        labelled({"system.a": "x"})


@pytest.mark.parametrize("said", ["size: L", "", "5", ["a"], [{"value": "x"}], 5])
def test_what_is_neither_is_refused(said):
    with pytest.raises(TaskFailed, match="the labels must be a map"):
        labelled(said)
