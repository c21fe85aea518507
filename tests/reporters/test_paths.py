import pytest

from kestrel_cli.reporters.paths import below, elided, place, place_by_value, within
from tests.reporters.builders import (
    add,
    batches,
    block,
    call,
    deep,
    each_switch,
    iterations,
    new_execution,
    reborn,
)
from tests.support.flows import leaf, task

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


def test_a_loop_until_shows_the_number_of_its_pass():
    execution = new_execution()
    until = task("flow.LoopUntil", "until", condition="x", tasks=[leaf("log")])
    each = add(execution, block("each"))
    run = add(
        execution, until, each, value="b", iteration=3, outputs={"iterationCount": 3}
    )  # the second value, the third pass: Kestra counts on
    log = add(execution, "log", run, iteration=3)
    assert place(execution, log, {0: 2}) == "each[2/2] > until[3] > log"
    assert place(execution, run, {0: 2}) == "each[2/2] > until"


def test_an_execution_stands_below_the_task_run_that_started_it():
    execution = new_execution()
    sub = add(execution, "sub")
    child = call(execution, sub, "child")
    assert below("each[1/2] > sub", sub, child) == "each[1/2] > sub > [child]"
    assert within("sub > [child]", "log") == "sub > [child] > log"
    assert within("", "log") == "log"


def test_iterations_of_a_loop_stand_like_those_of_a_for_each():
    execution = iterations(2)
    (run,) = execution.runs
    iteration = execution.called[0][1]
    assert below("loop", run, iteration) == "loop[2]"
    assert below("loop", run, iteration, by_value=True) == "loop[s1]"
    reborn(iteration, item={"index": 1, "value": {"text": "x" * 90}})
    assert below("loop", run, iteration, by_value=True) == f'loop[{{"text":"{"x" * 30}…]'


def test_batches_have_their_number():
    execution = batches(2)
    run, batch = execution.runs[2], execution.called[2][1]
    assert below("each > each_items", run, batch) == "each > each_items[2] > [child]"
    assert below("items", run, batch, by_value=True) == "items[#1] > [child]"


def test_only_the_innermost_places_of_deep_executions_are_named():
    outer = ""
    for _ in range(100):
        outer = f"{within(outer, 'sub')} > [child]"
    assert within(outer, "log").endswith(" > [child] > sub > [child] > log")
    assert within(outer, "log").startswith("… > ")
    assert within(outer, "log").count(" > ") == 12


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
        (36, "… > inner[2/2] > … > log"),
        (5, "… > inner[2/2] > … > log"),
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
