import pytest

from kestrel_cli.errors import CannotStart, RenderError
from kestrel_cli.model.fields import accept_all, made_of
from kestrel_cli.model.flow import Check, Flow
from kestrel_cli.worker.flow_checks import Checked, FailedCheck, look_at_checks


def flow(*checks):
    made = [accept_all(Check, one) for one in checks]
    return made_of(Flow, {"id": "f", "namespace": "team", "checks": made})


def render(value, inputs):
    if value == "<!>":
        raise RenderError("Unable to find `x`")
    return inputs.get(value, value)


def check(condition, message="m", behavior="BLOCK_EXECUTION", **more):
    return {"condition": condition, "message": message, "behavior": behavior, **more}


def looked(*checks, **inputs):
    return look_at_checks(flow(*checks), inputs, render)


def test_conditions_that_hold_say_nothing():
    assert looked(check("big"), check("small"), big=True, small=True) == Checked([], False)


@pytest.mark.parametrize("value", [False, None, "true", 1, "x"])
def test_only_the_boolean_true_holds(value):
    with pytest.raises(CannotStart) as caught:
        looked(check("big", "too small"), check("ok", "fine"), big=value, ok=True)
    assert str(caught.value) == (
        "Flow execution blocked: one or more condition checks evaluated to false.\n"
        "Failed checks: too small"
    )


def test_all_failed_checks_are_told_when_one_blocks():
    with pytest.raises(CannotStart, match="Failed checks: a, b, c"):
        looked(check("x", "a", "CREATE_EXECUTION"), check("x", "b"), check("x", "c"))


def test_the_strongest_behavior_counts():
    warned = check("x", "a", "CREATE_EXECUTION", style="WARNING")
    failing = check("x", "b", "FAIL_EXECUTION")
    told = [FailedCheck("a", "WARNING"), FailedCheck("b", "INFO")]
    assert looked(warned) == Checked(told[:1], False)
    assert looked(warned, failing) == Checked(told, True)


def test_a_condition_that_cannot_be_rendered_blocks():
    with pytest.raises(CannotStart) as caught:
        looked(check("<!>", "m", "CREATE_EXECUTION"))
    assert str(caught.value).endswith(
        "Failed checks: Failed to evaluate check condition. Cause: Unable to find `x`"
    )


def test_a_flow_without_checks_says_nothing():
    assert looked() == Checked([], False)
