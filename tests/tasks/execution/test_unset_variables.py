import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.context import FakeContext
from tests.support.flows import task

HELD = {"a": 1, "tea": {"green": 1, "black": {"assam": 2, "ceylon": 3}}, "a.b": 5}


def variables(*names, **more):
    """The variables of the execution after the task."""
    ctx = FakeContext({"name": "tea.green", "names": ["a", "tea"], "yes": True})
    ctx.held = HELD
    said = names[0] if names == ("<names>",) else list(names)
    change = task("execution.UnsetVariables", "x", variables=said, **more).run(ctx).change
    return change.variables


def test_a_variable_goes_and_the_others_stay():
    assert variables("a") == {"tea": HELD["tea"], "a.b": 5}


@pytest.mark.parametrize("name", ["tea.black.assam"])
def test_a_path_names_an_entry_of_a_map(name):
    assert variables(name)["tea"] == {"green": 1, "black": {"ceylon": 3}}
    assert HELD["tea"]["black"] == {"assam": 2, "ceylon": 3}


def test_names_may_be_expressions_one_by_one_or_together():
    assert variables("<name>", "a") == {"tea": {"black": HELD["tea"]["black"]}, "a.b": 5}
    assert variables("<names>") == {"a.b": 5}


@pytest.mark.parametrize("name", ["coffee", "tea.white", "tea.black.darjeeling"])
def test_what_is_not_there_is_passed_over(name):
    assert variables(name) == HELD


@pytest.mark.parametrize("name", ["coffee.black", "a.b.c", "tea.white.x"])
def test_what_has_no_map_around_it_is_refused_unless_it_is_to_be_ignored(name):
    with pytest.raises(TaskFailed, match=f"no variable that holds `{name}`$"):
        variables(name)
    assert variables(name, ignoreMissing="<yes>") == HELD
