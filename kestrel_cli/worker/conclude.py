"""The end of an execution: its flow's outputs."""

from collections.abc import Callable
from typing import Any

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.hints import hint_for
from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.expressions.template import render_text, render_value
from kestrel_cli.expressions.text import printed
from kestrel_cli.expressions.variables import RunScope, Surroundings
from kestrel_cli.model.event import Concluded, LogLine
from kestrel_cli.model.masker import Origin
from kestrel_cli.worker.services import hide


def conclude(
    around: Surroundings,
    now: Callable[[], int],
    noticed: Callable[[LogLine], None],
    store_file: Callable[[str, str], str] | None = None,
    heard: Callable[[RenderError], None] | None = None,
) -> Concluded:
    """Render the outputs of the flow.

    One that fails makes the execution FAILED, and then it has no outputs at all. `store_file` is as
    for inputs, `heard` is told of the failure.
    """
    if not around.execution.flow.outputs:
        return Concluded(now())
    from kestrel_cli.worker.flow_outputs import flow_outputs

    scope = RunScope(around)

    def render(value: object) -> Any:
        try:
            return rendered(value, scope)
        except MissingValue as error:
            error.hint = error.hint or hint_for(error, scope)
            raise

    def warn(text: str) -> None:
        noticed(LogLine(None, now(), "WARN", text))

    def hidden(name: str, secret: str) -> None:
        origin = Origin("output", name)
        hide(around.execution.masker, secret, f"the output `{name}`", warn, origin)

    try:
        outputs = flow_outputs(
            around.execution.flow, render, warn=warn, store_file=store_file, hide=hidden
        )
    except RenderError as error:
        if heard is not None:
            heard(error)
        message = f"Failed to render output values: {error}"
        if error.hint:
            message += f"\nhint: {error.hint}"
        message = around.execution.masker.mask(message)
        noticed(LogLine(None, now(), "ERROR", message, ends=True))
        return Concluded(now(), None, message)
    return Concluded(now(), outputs or None)


def rendered(value: object, scope: RunScope) -> Any:
    """A value with all texts in it rendered, keys too; an expression that gives null stays null."""
    compat = scope.around.compat
    if isinstance(value, str):
        shown = render_value(value, scope, compat)
        return None if shown is None else printed(shown)
    if isinstance(value, dict):
        found: dict[str, Any] = {}
        for key, item in value.items():
            found.setdefault(render_text(key, scope, compat), rendered(item, scope))
        return found
    if isinstance(value, list):
        return [rendered(item, scope) for item in value]
    return value
