from io import StringIO

import pytest

from kestrel_cli.model.state import State
from kestrel_cli.reporters import summary
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.painter import write_lines
from kestrel_cli.reporters.summary import cause_lines, hint_lines, summary_line
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


def test_twenty_causes_are_enough():
    text = said(cause_lines(loop(2000, frozenset(range(1500))), Style()))
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


def test_the_outputs_of_the_flow_itself_are_told_after_any_number_of_causes():
    execution = loop(2000, frozenset(range(1500)))
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
