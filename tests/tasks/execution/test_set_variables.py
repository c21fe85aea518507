import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.context import FakeContext
from tests.support.flows import task


def variables(said, held=None, **more):
    """The variables of the execution after the task."""
    ctx = FakeContext({"n": 3, "name": "tea", "no": False})
    ctx.held = held or {}
    change = task("execution.SetVariables", "a", variables=said, **more).run(ctx).change
    return change.variables


def test_names_and_values_are_rendered_and_literals_keep_their_type():
    assert variables({"<name>": "<name>", "list": ["<name>", "x"], "five": 5}) == {
        "tea": "tea",
        "list": ["tea", "x"],
        "five": 5,
    }


def test_lists_are_joined_without_repetitions_and_null_changes_nothing():
    held = {"a": [1, 2], "b": 1}
    assert variables({"a": [2, 3], "b": None}, held) == {"a": [1, 2, 3], "b": 1}


def test_entries_without_a_value_are_not_kept():
    assert variables({"a": None, "b": {"c": None, "d": [None]}}) == {"b": {"d": [None]}}


def test_other_variables_stay_and_a_known_one_changes():
    assert variables({"a": 2}, {"a": 1, "b": 1}) == {"a": 2, "b": 1}


def test_maps_are_merged_at_any_depth():
    held = {"tea": {"green": 1, "black": {"assam": 2}}, "x": {"y": 1}}
    said = {"tea": {"black": {"ceylon": 3}, "green": {"a": 1}}, "x": 5}
    assert variables(said, held) == {
        "tea": {"green": {"a": 1}, "black": {"assam": 2, "ceylon": 3}},
        "x": 5,
    }
    assert held == {"tea": {"green": 1, "black": {"assam": 2}}, "x": {"y": 1}}


@pytest.mark.parametrize("overwrite", [False, "<no>"])
def test_known_ones_are_refused_when_they_are_not_to_change(overwrite):
    with pytest.raises(TaskFailed, match="Variable already exists: a, b; set `overwrite`"):
        variables({"b": 1, "a": 1, "c": 1}, {"a": 0, "b": 0}, overwrite=overwrite)
    assert variables({"c": 1}, {"a": 0}, overwrite=overwrite) == {"a": 0, "c": 1}
