from io import StringIO

import pytest

from kestrel_cli.model.event import LogLine
from kestrel_cli.model.state import State
from kestrel_cli.reporters import summary
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.failures import error_shape
from kestrel_cli.reporters.painter import write_lines
from kestrel_cli.reporters.summary import allowed_lines, cause_lines, hint_lines, summary_line
from kestrel_cli.reporters.tails import Tails
from kestrel_cli.tasks.scripts.runners import NO_CONTAINER
from tests.reporters.builders import (
    add,
    each_switch,
    end,
    loop,
    new_execution,
    paused,
    retried,
    sub_flows,
)


def said(lines):
    stream = StringIO()
    write_lines(lines, stream, colour=False)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("execution", "line"),
    [
        (each_switch(), "flow `demo.each_switch` SUCCESS in 1.2s: 10 task runs"),
        (each_switch(True), "flow `demo.each_switch` FAILED in 1.2s: 10 task runs, 1 failed"),
        (end(new_execution()), "flow `demo.each_switch` SUCCESS in 1.2s: 0 task runs"),
        (end(loop(0), State.KILLED), "flow `demo.loop` KILLED in 1.2s: 1 task run"),
        (
            loop(2000, frozenset(range(1500))),
            "flow `demo.loop` FAILED in 1.2s: 2,001 task runs, 1,500 failed",
        ),
        (
            sub_flows(True),
            "flow `demo.main` FAILED in 1.2s: 4 task runs in 3 executions, 1 failed",
        ),
        (
            retried(each_switch(), 2),
            "flow `demo.each_switch` SUCCESS in 21.2s: 12 task runs in 3 executions, 2 retried",
        ),
        (paused(), "flow `demo.main` PAUSED in 1.2s: 1 task run, 1 paused"),
    ],
)
def test_one_line_says_it_all(execution, line):
    assert said([summary_line(execution)]) == f"{line}\n"


def test_everything_that_is_not_a_success_is_counted():
    execution = new_execution()
    for state in (State.FAILED, State.WARNING, State.WARNING, State.KILLED, State.SKIPPED):
        add(execution, "log", state=state)
    assert said([summary_line(end(execution, State.KILLED))]) == (
        "flow `demo.each_switch` KILLED in 1.2s: "
        "5 task runs, 1 failed, 2 with a warning, 1 killed, 1 skipped\n"
    )


def test_a_tree_that_is_seen_in_one_glance_needs_no_causes_below_it():
    assert said(cause_lines(each_switch(True), Style())) == ""


def test_the_cause_is_the_leaf_with_its_loop_values(monkeypatch):
    monkeypatch.setattr(summary, "_GLANCE", 0)
    assert said(cause_lines(each_switch(True), Style())) == (
        "cause:\n"
        "  ✘ hierarchy_1[caseB] > hierarchy_2 > hierarchy_2_b_second[case2] > switch > switch_2"
        " (attempt 3)\n"
        "    │ exit code 2\n"
        "    │ sh: 1: nope: not found\n"
    )


def test_causes_are_folded_for_a_person(monkeypatch):
    monkeypatch.setattr(summary, "_GLANCE", 0)
    assert said(cause_lines(each_switch(True), Style(width=60, wraps=True, unicode=False))) == (
        "cause:\n"
        "  FAIL hierarchy_1[caseB] > hierarchy_2 >\n"
        "    hierarchy_2_b_second[case2] > switch > switch_2\n"
        "    (attempt 3)\n"
        "    | exit code 2\n"
        "    | sh: 1: nope: not found\n"
    )


def test_equal_causes_are_told_once():
    assert said(cause_lines(loop(2000, frozenset(range(1500))), Style())) == (
        "cause:\n"
        "  ✘ foreach[s0] > log (attempt 1)\n"
        "    │ exit code 2\n"
        "    and 1,499 more like this\n"
    )


def differently(execution):
    """The same, each failure with words of its own."""
    for run in execution.runs:
        if run.error is not None:
            run.error = f"exit code 2 of {run.number}"
    return execution


def test_twenty_causes_are_enough():
    text = said(cause_lines(differently(loop(2000, frozenset(range(1500)))), Style()))
    assert text.count("exit code 2") == 20
    assert text.endswith("  and 1,480 more\n")


def test_an_execution_that_did_not_fail_has_no_cause():
    execution = loop(3, frozenset({1}))
    assert said(cause_lines(end(execution, State.KILLED), Style())) == ""


def test_an_execution_may_fail_by_its_outputs_alone():
    execution = end(new_execution(error="Failed to render output values: x"), State.FAILED)
    assert said(cause_lines(execution, Style())) == (
        "cause:\n  ✘ flow outputs\n    │ Failed to render output values: x\n"
    )
    execution.progress.error = None
    assert said(cause_lines(execution, Style())) == ""


def test_causes_inside_other_executions_come_with_their_path(monkeypatch):
    monkeypatch.setattr(summary, "_GLANCE", 0)
    root = sub_flows(True)
    root.called[1][0].progress.error = "bad output"
    assert said(cause_lines(root, Style())) == (
        "cause:\n"
        "  ✘ sub > [middle] > inner > [last] > shell (attempt 1)\n"
        "    │ exit code 2\n"
        "  ✘ sub > [middle] > flow outputs\n"
        "    │ bad output\n"
    )


def test_outputs_that_fail_because_a_task_did_come_after_it_even_when_alone():
    execution = loop(3, frozenset({1}))
    execution.progress.error = "bad output"
    tails = Tails()
    failed = next(run for run in execution.runs if run.error is not None)
    tails.on_log(LogLine(failed.number, 0, "INFO", "row 1"), execution)
    text = said(cause_lines(execution, Style(), tails, alone=True))
    assert text.index("exit code 2") < text.index("bad output")
    assert said(cause_lines(execution, Style())) == ""  # the tree shows both


def test_the_end_of_the_log_stands_below_its_cause_errors_first():
    execution, tails = loop(3, frozenset({1})), Tails()
    failed = next(run for run in execution.runs if run.error is not None)
    for level, message in (
        ("INFO", "row 1"),
        ("DEBUG", "unseen"),
        ("ERROR", "bad data\nin row 2"),
        ("ERROR", failed.error),
    ):
        tails.on_log(LogLine(failed.number, 0, level, message), execution)
    text = said(cause_lines(execution, Style(), tails, alone=True))
    rows = [row.strip(" │") for row in text.splitlines()[2:]]
    assert rows == [*failed.error.split("\n"), "bad data", "in row 2", "row 1"]
    assert error_shape(execution, tails)["logTail"] == ["bad data", "in row 2", "row 1"]


def test_of_a_long_log_the_last_ten_rows_are_kept():
    execution, tails = loop(3, frozenset({1})), Tails()
    failed = next(run for run in execution.runs if run.error is not None)
    for number in range(100_000):
        tails.on_log(LogLine(failed.number, 0, "INFO", f"row {number}"), execution)
    assert tails.of(execution, failed) == [f"row {number}" for number in range(99_990, 100_000)]


def test_what_was_allowed_is_counted_with_one_example():
    execution = loop(300, frozenset())
    for run in execution.runs[1:41]:
        run.state, run.error = State.WARNING, "Fail on a condition"
    assert said(allowed_lines(execution, Style())) == (
        "40 task runs failed or warned, which the flow allows; one of them:\n"
        "  ⚠ foreach[s0] > log (attempt 1)\n"
        "    │ Fail on a condition\n"
    )


def test_the_outputs_of_the_flow_itself_are_told_after_any_number_of_causes():
    execution = differently(loop(2000, frozenset(range(1500))))
    execution.progress.error = "bad output"
    assert said(cause_lines(execution, Style())).endswith(
        "  and 1,480 more\n  ✘ flow outputs\n    │ bad output\n"
    )


def test_what_is_paused_can_be_resumed():
    execution = paused()
    hint = f"hint: `kestrel resume {execution.id}` goes on with it\n"
    assert said(hint_lines(execution)) == hint
    root = end(sub_flows(), State.RUNNING)
    assert said(hint_lines(root)) == ""
    root.called[1][0].progress.state = State.PAUSED
    assert said(hint_lines(root)) == hint
    assert said(hint_lines(end(root))) == ""


def test_what_is_said_once_in_a_run_is_not_shown_as_what_led_to_a_failure():
    execution, tails = loop(3, frozenset({1})), Tails()
    failed = next(run for run in execution.runs if run.state is State.FAILED and run.parent == 0)
    for message in (NO_CONTAINER, "row 1"):
        tails.on_log(LogLine(failed.number, 0, "INFO", message), execution)
    assert tails.of(execution, failed) == ["row 1"]
