"""What is written and never happens."""

import pytest

from tests.flowfile.loading import CORE, task
from tests.flowfile.test_standing import found


def unreachable(text):
    return [(line, message) for code, line, message, _ in found(text) if code == "unreachable"]


def branches(condition, *, otherwise=True):
    text = f"tasks:\n  - id: i\n    type: {CORE}.flow.If\n    condition: {condition}\n    then:\n"
    text += task("a", indent=6)
    return text + ("    else:\n" + task("b", indent=6) if otherwise else "")


@pytest.mark.parametrize(
    ("condition", "dead"),
    [
        ("false", "then"),
        ("'{{ false }}'", "then"),
        ("'{{- false -}}'", "then"),
        ("true", "else"),
        ("'{{ true }}'", "else"),
    ],
)
def test_a_condition_that_nothing_changes_leaves_a_branch_out(condition, dead):
    other = "true" if dead == "else" else "false"
    message = f"`{dead}` is never reached: the condition is always {other}"
    assert [one for _, one in unreachable(branches(condition))] == [message]


@pytest.mark.parametrize("condition", ["'{{ inputs.a }}'", "'{{ not false }}'", "1"])
def test_other_conditions_are_left_alone(condition):
    assert unreachable(branches(condition)) == []


def test_a_condition_that_always_holds_may_stand_alone():
    assert unreachable(branches("true", otherwise=False)) == []


def test_a_task_whose_condition_never_holds_never_runs():
    assert unreachable("tasks:\n" + task("a", "runIf: '{{ false }}'")) == [
        (4, "`a` never runs: its `runIf` is always false")
    ]
    assert unreachable("tasks:\n" + task("a", "runIf: '{{ true }}'")) == []


def switch(value, *cases, defaults=""):
    listed = "".join(f"      {one}:\n" + task(one, indent=8) for one in cases)
    text = f"tasks:\n  - id: s\n    type: {CORE}.flow.Switch\n    value: {value}\n    cases:\n"
    return text + listed + (f"    defaults:\n{task('d', indent=6)}" if defaults else "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (switch("a", "a", "b"), "`s` always takes the case `a`: its value is no expression"),
        (
            switch("a", "a", defaults="d"),
            "`s` always takes the case `a`: its value is no expression",
        ),
        (switch("c", "a"), "`s` has no case for `c`, and its value is no expression"),
    ],
)
def test_a_value_that_is_no_expression_takes_one_way_only(text, message):
    assert unreachable(text) == [(4, message)]


@pytest.mark.parametrize(
    "text", [switch("a", "a"), switch("true", "true"), switch("'{{ inputs.x }}'", "a", "b")]
)
def test_a_value_that_leads_everywhere_is_left_alone(text):
    assert unreachable(text) == []
