from kestrel_cli.model.state import State
from kestrel_cli.reporters.forest import Folded, Forest, causes, leaves
from tests.reporters.builders import add, block, each_switch, loop, new_execution


def shown(forest, parent=0):
    return [
        str(item) if isinstance(item, Folded) else f"{item.task.id}#{item.iteration}"
        for item in forest.below(parent)
    ]


def test_small_executions_are_shown_whole():
    assert shown(Forest(loop(3))) == ["log#0", "log#1", "log#2"]


def test_finished_iterations_fold_and_failed_ones_do_not():
    assert shown(Forest(loop(300, frozenset({7, 99})))) == [
        "298 iterations: 298 SUCCESS",
        "log#7",
        "log#99",
    ]


def test_the_limit_is_two_hundred_task_runs():
    assert len(shown(Forest(loop(199)))) == 199
    assert shown(Forest(loop(200))) == ["200 iterations: 200 SUCCESS"]


def test_iterations_that_run_interleaved_are_shown_one_after_the_other():
    execution = new_execution()
    each = add(execution, block("each"))
    for name in ("a", "b"):
        for number in (1, 0):
            add(execution, name, each, iteration=number)
    add(execution, "on_error", each)
    assert shown(Forest(execution)) == ["a#0", "b#0", "a#1", "b#1", "on_error#None"]


def test_an_iteration_counts_as_the_worst_of_its_task_runs():
    execution = new_execution()
    each = add(execution, block("each"))
    states = [
        (State.SUCCESS, State.WARNING),
        (State.SUCCESS, State.SKIPPED),
        (State.SUCCESS, State.FAILED),
        (State.SUCCESS, State.RUNNING),
        (State.KILLED, State.SUCCESS),
        (State.SUCCESS, State.SUCCESS),
    ]
    for number, pair in enumerate(states):
        for state in pair:
            add(execution, "log", each, state, iteration=number)
    assert shown(Forest(execution, folds_above=0)) == [
        "4 iterations: 2 SUCCESS, 1 WARNING, 1 KILLED",
        *["log#2"] * 2,
        *["log#3"] * 2,
    ]


def test_a_failure_far_below_keeps_its_iteration_whole():
    execution = new_execution()
    each = add(execution, block("each"))
    for number in range(2):
        allowed = add(execution, block("allow"), each, State.WARNING, iteration=number)
        add(execution, "shell", allowed, State.FAILED if number else State.SUCCESS)
    assert shown(Forest(execution, folds_above=0)) == ["1 iteration: 1 WARNING", "allow#1"]


def test_leaves_are_those_that_did_not_inherit_their_state():
    execution = each_switch(failing=True)
    assert [run.task.id for run in leaves(execution.runs, State.FAILED)] == ["switch_2"]


def test_an_allowed_failure_is_no_cause():
    execution = new_execution()
    allowed = add(execution, block("allow"), state=State.WARNING)
    add(execution, "shell", allowed, State.FAILED)
    add(execution, "fail", state=State.FAILED)
    assert [run.task.id for run in causes(execution)] == ["fail"]
    assert len(leaves(execution.runs, State.FAILED)) == 2
