import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.call import Call, CallResult, Calls
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Outcome
from tests.support.context import FakeContext
from tests.support.flows import task

LINK = '[[link execution="4uQm" flowId="band" namespace="town"]]'


def subflow(**properties):
    return task("flow.Subflow", "box", namespace="town", flowId="band", **properties)


def called(state="SUCCESS", **more):
    return CallResult(Call("town", "band"), State(state), "4uQm", **more)


def outcome(one, ctx=None, **properties):
    ctx = ctx or FakeContext({"no": False})
    return subflow(**properties).outcome(ctx, [one]), ctx


def test_it_calls_one_flow_and_waits():
    assert subflow().calls(FakeContext()) == Calls([Call("town", "band")])


def test_everything_that_it_calls_with_is_rendered():
    made = task(
        "flow.Subflow",
        "box",
        namespace="<space>",
        flowId="<flow>",
        inputs={"<name>": "<n>", "list": ["<n>", {"<name>": "x"}]},
        labels={"<name>": "<n>"},
        inheritLabels="<yes>",
        wait="<no>",
    )
    table = {
        "space": "town", "flow": "band", "name": "songs", "n": 3, "yes": True, "no": False,
    }  # fmt: skip
    call = Call("town", "band", {"songs": 3, "list": [3, {"songs": "x"}]}, [("songs", "3")], True)
    assert made.calls(FakeContext(table)) == Calls([call], wait=False)


def test_there_is_nothing_to_stop():
    assert not subflow().stops(FakeContext(), called("FAILED"))


def test_its_outputs_are_the_execution_its_state_and_the_outputs_of_the_flow():
    assert outcome(called(outputs={"n": 1}))[0] == Outcome(
        {"executionId": "4uQm", "state": "SUCCESS", "outputs": {"n": 1}}
    )


@pytest.mark.parametrize("outputs", [None, {}])
def test_without_outputs_of_the_flow_there_are_none(outputs):
    found = outcome(called(outputs=outputs))[0].outputs
    assert found == {"executionId": "4uQm", "state": "SUCCESS"}


def test_outputs_of_its_own_are_rendered_in_the_execution():
    one, made = called(outputs={"n": 1}), subflow(outputs={"a": "<x>"})
    assert made.taken(one, lambda value: f"rendered {value}") == {"a": "rendered <x>"}


def test_without_those_it_takes_the_outputs_of_its_flow():
    assert subflow().taken(called(outputs={"n": 1}), lambda _: None) == {"n": 1}


@pytest.mark.parametrize(
    ("state", "level"), [("FAILED", "ERROR"), ("KILLED", "ERROR"), ("WARNING", "WARN")]
)
def test_the_state_is_transmitted_and_told(state, level):
    found, ctx = outcome(called(state))
    assert found.state is State(state)
    assert ctx.logs == [(level, f"Subflow execution {LINK} ends in {state} state")]


@pytest.mark.parametrize("state", ["FAILED", "KILLED", "WARNING"])
def test_it_is_not_when_that_is_not_wanted(state):
    found, ctx = outcome(called(state), transmitFailed="<no>")
    assert (found.state, found.outputs["state"]) == (State.SUCCESS, state)
    assert ctx.logs == []


@pytest.mark.parametrize("state", ["SUCCESS", "CANCELLED"])
def test_other_states_are_a_success(state):
    assert outcome(called(state))[0].state is State.SUCCESS


def test_what_is_not_waited_for_is_a_success_with_the_state_of_that_moment():
    found, _ = outcome(called("CREATED", outputs={"n": 1}), wait=False)
    assert found == Outcome({"executionId": "4uQm", "state": "CREATED"})


def test_what_was_not_started_is_a_failure():
    with pytest.raises(TaskFailed, match=r"^Unable to find flow$"):
        outcome(called("FAILED", error="Unable to find flow"))
