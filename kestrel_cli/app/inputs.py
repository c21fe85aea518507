"""The inputs of an execution, and of a Pause that goes on: resolved, typed, secrets hidden."""

from collections.abc import Callable, Container, Mapping
from typing import Any

from kestrel_cli.app.request import RunRequest
from kestrel_cli.expressions.scope import Services
from kestrel_cli.expressions.template import MapScope, render_value
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.masker import Masker, Origin
from kestrel_cli.worker.services import RunServices, hide, prefixed_environment

StoreFile = Callable[[str, str], str]
Render = Callable[[object, Mapping[str, object]], object]


def resolved(
    execution: Execution,
    given: Mapping[str, object],
    request: RunRequest,
    services: RunServices,
    store_file: StoreFile,
) -> tuple[dict[str, Any], list[str]]:
    """The values of an execution's inputs, and warnings. Raises InputError."""
    if not execution.flow.inputs and not given:
        return {}, []
    from kestrel_cli.worker.inputs import resolve_inputs

    render = renderer(execution.flow, request, services)
    found = resolve_inputs(execution.flow, given, render=render, store_file=store_file)
    by_user = given if execution.birth.caller is None else {}
    hide_all(execution.masker, found.secrets, request.warn, by_user)
    return found.values, found.warnings


def of_pause(
    execution: Execution,
    declared: list[Input],
    given: Mapping[str, object],
    request: RunRequest,
    store_file: StoreFile,
) -> tuple[dict[str, Any], list[str]]:
    """The typed inputs with which a Pause is resumed, and warnings. Raises InputError."""
    from kestrel_cli.worker.inputs import resolve_inputs

    asked = execution.flow.changed(inputs=declared)
    render = renderer(execution.flow, request)
    found = resolve_inputs(asked, given, render=render, store_file=store_file)
    hide_all(execution.masker, found.secrets, request.warn, given)
    return found.values, found.warnings


def hide_all(
    masker: Masker,
    secrets: Mapping[str, str],
    warn: Callable[[str], None],
    by_user: Container[str] = (),
) -> None:
    """Hide the values of secret inputs. What was not given by the user, but rendered of other
    secrets, is made of these: nobody can be asked for it.
    """
    for name, secret in secrets.items():
        rendered = name.partition("[")[0] not in by_user and masker.origins_in(secret)
        made_of = [secret] if rendered else ()
        hide(masker, secret, f"the input `{name}`", warn, Origin("input", name), made_of)


def renderer(flow: Flow, request: RunRequest, services: Services | None = None) -> Render:
    """`input_renderer` for a run."""
    return input_renderer(flow, request.environ, request.globals, request.compat, services)


def input_renderer(
    flow: Flow,
    environ: Mapping[str, str],
    globals_: Mapping[str, Any] | None = None,
    compat: int = 1,
    services: Services | None = None,
) -> Render:
    """Renders defaults, conditions and choices of inputs, given the inputs known so far; typed."""
    around: dict[str, object] = {
        "flow": {"id": flow.id, "namespace": flow.namespace},
        "vars": flow.variables,
        "envs": prefixed_environment(environ),
        "globals": dict(globals_ or {}),
    }

    def render(value: object, inputs: Mapping[str, object]) -> object:
        if not isinstance(value, str):
            return value
        scope = MapScope({**around, "inputs": inputs}, services, compat)
        return render_value(value, scope, compat)

    return render
