"""What a fixture of a test makes of a task run: its end, without a beginning."""

from typing import Any

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.template import render_text
from kestrel_cli.expressions.variables import RunScope, Surroundings
from kestrel_cli.model.event import StoodIn
from kestrel_cli.model.execution import TaskRun
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State
from kestrel_cli.worker.failures import Failures, Now


def stood_in(
    mock: Mock, around: Surroundings, run: TaskRun, failures: Failures, now: Now
) -> StoodIn:
    """The run's end. The outputs are rendered in the context of the whole execution, where there is
    no `taskrun`; when they can't be, the run is FAILED.
    """
    scope = RunScope(around).with_variables(mock.variables)
    try:
        outputs = texts_rendered(mock.outputs, scope)
    except RenderError as error:
        failures.hear(run, error)
        message = around.execution.masker.mask(f"its fixture: {error}")
        return StoodIn(run.number, now(), State.FAILED, None, message)
    return StoodIn(run.number, now(), mock.state, outputs or None, mock.error)


def texts_rendered(value: Any, scope: RunScope) -> Any:
    """A value with each text in it rendered, to text as Kestra does it; keys stay as they are."""
    if isinstance(value, str):
        return render_text(value, scope, scope.around.compat)
    if isinstance(value, dict):
        return {key: texts_rendered(item, scope) for key, item in value.items()}
    if isinstance(value, list):
        return [texts_rendered(item, scope) for item in value]
    return value
