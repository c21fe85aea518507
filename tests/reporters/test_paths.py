import pytest

from kestrel_cli.reporters.paths import elided, place, place_by_value
from tests.reporters.builders import add, block, deep, each_switch, new_execution

PATH = "outer[1/2] > switch > inner[2/2] > if > log"


def test_positions_stand_on_the_loops():
    execution = each_switch()
    last = execution.runs[-1]
    assert place(execution, last, {0: 2, 5: 2}) == (
        "hierarchy_1[2/2] > hierarchy_2 > hierarchy_2_b_second[2/2] > switch > switch_2"
    )
    assert place_by_value(execution, last) == (
        "hierarchy_1[caseB] > hierarchy_2 > hierarchy_2_b_second[case2] > switch > switch_2"
    )


def test_a_loop_of_unknown_size_shows_the_position_alone():
    execution = new_execution()
    until = add(execution, block("until"))
    log = add(execution, "log", until, iteration=3)
    assert place(execution, log, {}) == "until[4] > log"
    assert place_by_value(execution, log) == "until[#3] > log"
    assert place(execution, until, {}) == "until"


def test_long_values_are_shortened():
    execution = new_execution()
    log = add(execution, "log", add(execution, block("each")), value="x" * 90, iteration=0)
    assert place_by_value(execution, log) == f"each[{'x' * 39}…] > log"


def test_only_the_nearest_ancestors_of_a_deep_run_are_named():
    execution = deep(5000)
    assert place(execution, execution.runs[-1], {}).startswith("… > level4989 > ")


@pytest.mark.parametrize(
    ("room", "path"),
    [
        (99, PATH),
        (38, "outer[1/2] > … > inner[2/2] > if > log"),
        (37, "outer[1/2] > … > inner[2/2] > … > log"),
        (20, "outer[1/2] > … > log"),
        (5, "outer[1/2] > … > log"),
    ],
)
def test_tasks_in_the_middle_give_way_first(room, path):
    assert elided(PATH, room) == path


def test_two_names_are_never_elided():
    assert elided("a" * 50 + " > log", 10) == "a" * 50 + " > log"


def test_a_value_without_an_iteration_stands_for_the_position():
    execution = new_execution()  # Kestra 0.21 counts no iterations
    log = add(execution, "log", add(execution, block("each")), value="a")
    assert place(execution, log, {0: 3}) == "each[a] > log"
