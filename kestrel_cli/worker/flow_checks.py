"""The `checks` of a flow: conditions on its inputs, looked at before the execution is created.

Of those that do not hold the strongest behavior counts: BLOCK_EXECUTION, then FAIL_EXECUTION, then
CREATE_EXECUTION.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple

from kestrel_cli.errors import CannotStart, RenderError
from kestrel_cli.model.flow import Check, Flow

Render = Callable[[object, Mapping[str, object]], object]
Behavior = Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"]

BLOCKED: Final = "Flow execution blocked: one or more condition checks evaluated to false."
FAILED: Final = "Flow execution failed because one or more condition checks evaluated to false."
_STRONGEST_FIRST: Final[tuple[Behavior, ...]] = (
    "BLOCK_EXECUTION",
    "FAIL_EXECUTION",
    "CREATE_EXECUTION",
)


class FailedCheck(NamedTuple):
    """A condition that does not hold: its message and how serious that is (`style`)."""

    message: str
    style: str


class Checked(NamedTuple):
    """What the checks say. `fails`: the execution is created, and is FAILED at once."""

    failed: list[FailedCheck]
    fails: bool


def look_at_checks(flow: Flow, inputs: Mapping[str, object], render: Render) -> Checked:
    """Evaluate all checks. Raises CannotStart when one that does not hold blocks the execution.

    `render(value, inputs)` renders typed, as for inputs. Only the boolean true holds; a condition
    that cannot be rendered blocks.
    """
    failed: list[FailedCheck] = []
    behaviors: set[Behavior] = set()
    for check in flow.checks:
        found = _failed(check, inputs, render)
        if found is not None:
            behavior, told = found
            behaviors.add(behavior)
            failed.append(told)
    strongest = next((one for one in _STRONGEST_FIRST if one in behaviors), None)
    if strongest == "BLOCK_EXECUTION":
        messages = ", ".join(one.message for one in failed)
        raise CannotStart(f"{BLOCKED}\nFailed checks: {messages}")
    return Checked(failed, strongest == "FAIL_EXECUTION")


def _failed(
    check: Check, inputs: Mapping[str, object], render: Render
) -> tuple[Behavior, FailedCheck] | None:
    try:
        if render(check.condition, inputs) is True:
            return None
    except RenderError as error:
        message = f"Failed to evaluate check condition. Cause: {error}"
        return "BLOCK_EXECUTION", FailedCheck(message, "ERROR")
    return check.behavior, FailedCheck(check.message, check.style)
