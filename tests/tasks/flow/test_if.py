import pytest

from kestrel_cli.model.frame import Lane
from kestrel_cli.model.task import Expansion
from tests.tasks.flow.expanding import expanded

BRANCHES = {"then": ("a", "b"), "else_": ("c",)}


@pytest.mark.parametrize("condition", ["true", "<yes>", "False", "null", "0.0"])
def test_a_condition_that_holds_runs_then(condition):
    assert expanded("If", {"yes": True}, condition=condition, **BRANCHES) == Expansion(
        [Lane("then", 0, 2)], outputs={"evaluationResult": True}
    )


@pytest.mark.parametrize("condition", ["false", "", "0", "-0", "<no>"])
def test_a_condition_that_does_not_hold_runs_else(condition):
    assert expanded("If", {"no": False}, condition=condition, **BRANCHES) == Expansion(
        [Lane("else", 0, 1)], outputs={"evaluationResult": False}
    )


def test_without_else_a_false_condition_runs_nothing():
    assert expanded("If", condition="false", then=("a",)) == Expansion(
        [], outputs={"evaluationResult": False}
    )


def test_a_branch_of_disabled_tasks_runs_nothing():
    assert expanded("If", condition="true", then=("-a",)) == Expansion(
        [], outputs={"evaluationResult": True}
    )
