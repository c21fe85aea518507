from kestrel_cli.model.state import State
from kestrel_cli.reporters.forest import Folded, Forest
from tests.reporters.builders import (
    add,
    batches,
    block,
    call,
    iterations,
    loop,
    new_execution,
    retried,
)


def shown(execution, parent=0, **options):
    return [
        str(item) if isinstance(item, Folded) else f"{item.task.id}#{item.iteration}"
        for item in Forest(execution, **options).plot(execution).below(parent)
    ]


def test_small_executions_are_shown_whole():
    assert shown(loop(3)) == ["log#0", "log#1", "log#2"]


def test_finished_iterations_fold_and_failed_ones_do_not():
    assert shown(loop(300, frozenset({7, 99}))) == [
        "298 iterations: 298 SUCCESS",
        "log#7",
        "log#99",
    ]


def test_the_limit_is_two_hundred_task_runs():
    assert len(shown(loop(199))) == 199
    assert shown(loop(200)) == ["200 iterations: 200 SUCCESS"]


def test_iterations_that_run_interleaved_are_shown_one_after_the_other():
    execution = new_execution()
    each = add(execution, block("each"))
    for name in ("a", "b"):
        for number in (0, 1):
            add(execution, name, each, value=str(number), iteration=number)
    add(execution, "on_error", each)
    assert shown(execution) == ["a#0", "b#0", "a#1", "b#1", "on_error#None"]


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
            add(execution, "log", each, state, value=str(number), iteration=number)
    assert shown(execution, folds_above=0) == [
        "4 iterations: 2 SUCCESS, 1 WARNING, 1 KILLED",
        *["log#2"] * 2,
        *["log#3"] * 2,
    ]


def test_a_failure_far_below_keeps_its_iteration_whole():
    execution = new_execution()
    each = add(execution, block("each"))
    for number in range(2):
        allowed = add(
            execution, block("allow"), each, State.WARNING, value=str(number), iteration=number
        )
        add(execution, "shell", allowed, State.FAILED if number else State.SUCCESS)
    assert shown(execution, folds_above=0) == ["1 iteration: 1 WARNING", "allow#1"]


def test_what_is_not_in_a_loop_keeps_its_order():
    execution = new_execution()
    for name, iteration in (("first", None), ("until", 3), ("last", None)):
        add(execution, name, iteration=iteration)
    assert shown(execution, None) == ["first#None", "until#3", "last#None"]


def test_task_runs_that_are_gone_are_not_shown():
    execution = loop(3)
    execution.runs[2].gone = True
    assert shown(execution) == ["log#0", "log#2"]


def test_executions_stand_behind_the_task_run_that_started_them():
    execution = batches(2)
    found = Forest(execution).plot(execution).below(2)
    assert found == execution.called[2]
    assert shown(execution, 0) == ["each_split#None", "each_items#None", "each_merge#None"]


def test_many_executions_fold_and_those_with_a_failure_in_them_do_not():
    def below(execution, number):
        found = Forest(execution).plot(execution).below(number)
        return [str(item) if isinstance(item, Folded) else item.item["value"] for item in found]

    assert below(iterations(250), 0) == ["250 iterations: 250 SUCCESS"]
    assert below(iterations(250, frozenset({2})), 0) == ["249 iterations: 249 SUCCESS", "s2"]
    troubled = iterations(250)
    troubled.called[0][7].runs[0].state = State.RUNNING
    assert below(troubled, 0) == ["249 iterations: 249 SUCCESS", "s7"]
    many = batches(250)
    assert str(Forest(many).plot(many).below(2)[0]) == "250 executions: 250 SUCCESS"


def test_a_failure_in_an_execution_keeps_the_iteration_around_it_whole():
    execution = loop(3)
    execution.called[2] = [call(execution, execution.runs[2], "child", State.FAILED)]
    assert shown(execution, folds_above=0) == ["2 iterations: 2 SUCCESS", "log#1"]


def test_what_was_retried_is_shown_whole():
    execution = retried(loop(250))
    (before,) = execution.earlier
    forest = Forest(execution)
    assert forest.folds
    assert not forest.is_sound(before)
    assert forest.is_sound(execution)
