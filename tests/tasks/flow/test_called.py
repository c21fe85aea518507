import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.call import Call, CallResult
from kestrel_cli.model.state import State
from kestrel_cli.tasks.flow.called import call_inputs, call_labels, transmitted
from kestrel_cli.tasks.properties.rendering import rendered
from tests.support.context import FakeContext
from tests.support.flows import task


def subflow(**flags):
    return task("flow.Subflow", "call", namespace="town", flowId="band", **flags)


TABLE = {"n": 3, "name": "songs", "list": [1], "yes": True}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (None, []),
        ({}, []),
        ({"a": "x", "<name>": "<n>", "b": True}, [("a", "x"), ("songs", "3"), ("b", "true")]),
        ([{"key": "<name>", "value": "<n>"}], [("songs", "3")]),
    ],
)
def test_labels_are_a_map_or_a_list_of_keys_and_values(said, found):
    assert call_labels(FakeContext(TABLE), said) == found


@pytest.mark.parametrize("said", ["a=b", ["a"], 5])
def test_other_labels_are_refused(said):
    with pytest.raises(TaskFailed, match="`labels` must be a map, or a list of maps"):
        call_labels(FakeContext(), said)


def test_labels_of_the_system_are_refused():
    with pytest.raises(TaskFailed, match=r"offending label: system\.app=x$"):
        call_labels(FakeContext(), {"system.app": "x"})


def test_inputs_are_rendered_and_a_lone_expression_keeps_its_type():
    said = {"<name>": "<n>", "text": "3", "held": {"a": ["<list>", None]}, "five": 5}
    assert call_inputs(FakeContext(TABLE), said) == {
        "songs": 3,
        "text": "3",
        "held": {"a": [[1], None]},
        "five": 5,
    }


def test_no_inputs_are_an_empty_map():
    assert call_inputs(FakeContext(), None) == {}


@pytest.mark.parametrize("said", ["<n>", ["a"]])
def test_other_inputs_are_refused(said):
    with pytest.raises(TaskFailed, match="`inputs` must be a map"):
        call_inputs(FakeContext(TABLE), said)


@pytest.mark.parametrize(
    ("said", "found"),
    [("<n>", 3), (["<n>", {"<name>": "<yes>"}], [3, {"songs": True}]), (None, None), (1.5, 1.5)],
)
def test_every_text_in_a_value_is_rendered(said, found):
    assert rendered(FakeContext(TABLE), said) == found


@pytest.mark.parametrize(
    ("state", "wanted", "left", "level"),
    [
        ("FAILED", True, "FAILED", "ERROR"),
        ("KILLED", True, "KILLED", "ERROR"),
        ("WARNING", True, "WARNING", "WARN"),
        ("CANCELLED", True, "SUCCESS", None),
        ("SUCCESS", True, "SUCCESS", None),
        ("FAILED", False, "SUCCESS", None),
    ],
)
def test_the_state_of_an_execution_is_transmitted_if_that_is_wanted(state, wanted, left, level):
    ctx = FakeContext()
    called = CallResult(Call("town", "band"), State(state), "4uQm")
    assert transmitted(ctx, subflow(), called, wanted=wanted) is State(left)
    assert [one for one, _ in ctx.logs] == ([] if level is None else [level])


@pytest.mark.parametrize(
    ("state", "failure", "warning", "level", "told"),
    [
        ("FAILED", False, False, "ERROR", "FAILED"),
        ("FAILED", True, False, "WARN", "WARNING"),
        ("FAILED", True, True, "INFO", "SUCCESS"),
        ("WARNING", False, True, "INFO", "SUCCESS"),
        ("KILLED", True, True, "ERROR", "KILLED"),
    ],
)
def test_the_log_tells_what_allow_failure_and_allow_warning_leave(
    state, failure, warning, level, told
):
    ctx = FakeContext()
    called = CallResult(Call("town", "band"), State(state), "4uQm")
    one = subflow(allowFailure=failure, allowWarning=warning)
    assert transmitted(ctx, one, called, wanted=True) is State(state)  # softened by who hears it
    link = '[[link execution="4uQm" flowId="band" namespace="town"]]'
    assert ctx.logs == [(level, f"Subflow execution {link} ends in {told} state")]


def test_what_was_not_started_is_failed_and_told_elsewhere():
    ctx = FakeContext()
    called = CallResult(Call("town", "band"), State.FAILED, error="no such flow")
    assert transmitted(ctx, subflow(), called, wanted=False) is State.FAILED
    assert ctx.logs == []
