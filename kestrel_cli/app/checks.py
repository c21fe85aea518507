"""The `checks` of a flow: conditions on its inputs, looked at before it runs.

Source: spec/engine.md 6.11.
"""

from kestrel_cli.errors import InputError, RenderError
from kestrel_cli.expressions.template import render_text
from kestrel_cli.expressions.variables import RunScope, Surroundings
from kestrel_cli.model.flow import Check

_FALSE = frozenset({"", "0", "-0", "false"})


def look_at_checks(around: Surroundings) -> str | None:
    """Why the execution is to fail before it begins; None when it may run.

    Raises InputError when it must not even be created.
    """
    failed = [check for check in around.execution.flow.checks if not _holds(check, around)]
    blocking = [one.message for one in failed if one.behavior == "BLOCK_EXECUTION"]
    if blocking:
        raise InputError(
            [
                "Flow execution blocked: one or more condition checks evaluated to false.\n"
                f"Failed checks: {', '.join(blocking)}"
            ]
        )
    failing = [one.message for one in failed if one.behavior == "FAIL_EXECUTION"]
    return f"Failed checks: {', '.join(failing)}" if failing else None


def _holds(check: Check, around: Surroundings) -> bool:
    try:
        text = render_text(check.condition, RunScope(around), around.compat)
    except RenderError as error:
        raise InputError([f"the check `{check.condition}` can't be rendered: {error}"]) from None
    return text.strip() not in _FALSE
