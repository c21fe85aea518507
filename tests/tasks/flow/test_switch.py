import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.task import Expansion
from tests.tasks.flow.expanding import expanded

CASES = {"one": ("a", "b"), "true": ("c",), "1": ("d",), "": ("e",)}


@pytest.mark.parametrize(
    ("value", "shown", "count"),
    [("one", "one", 2), ("<yes>", "true", 1), ("<n>", "1", 1), ("", "", 1)],
)
def test_the_case_of_that_name_runs(value, shown, count):
    assert expanded("Switch", {"yes": True, "n": 1}, value=value, cases=CASES) == Expansion(
        [Lane(f"cases.{shown}", 0, count)], outputs={"value": shown, "defaults": False}
    )


@pytest.mark.parametrize("value", ["One", " one", "2"])
def test_without_a_case_defaults_run(value):
    assert expanded("Switch", value=value, cases=CASES, defaults=("x",)) == Expansion(
        [Lane("defaults", 0, 1)], outputs={"value": value, "defaults": True}
    )


def test_a_case_of_disabled_tasks_runs_nothing():
    assert expanded("Switch", value="a", cases={"a": ("-x",)}) == Expansion(
        [], outputs={"value": "a", "defaults": False}
    )


@pytest.mark.parametrize(
    ("cases", "known"), [({"a": ("x",), "b": ("y",)}, "`a`, `b`"), ({}, "none")]
)
def test_without_a_case_and_defaults_it_fails_as_in_kestra_and_lists_the_cases(cases, known):
    with pytest.raises(TaskFailed) as failure:
        expanded("Switch", value="c", cases=cases)
    assert str(failure.value) == (
        "No task found on flow 'company.team.test', task 'here', execution 'id'\n"
        f"no case for the value `c` and no `defaults`: the cases are {known}"
    )
    assert (failure.value.warns, failure.value.soft) == (True, True)
