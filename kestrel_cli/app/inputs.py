"""The inputs of an execution, and of a Pause that goes on: resolved, typed, secrets hidden."""

import time
from collections.abc import Callable, Container, Mapping
from typing import Any

from kestrel_cli.app.births import execution_of, of_request
from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.surroundings import surroundings_of
from kestrel_cli.expressions.scope import BareServices
from kestrel_cli.expressions.template import render_value
from kestrel_cli.expressions.variables import RunScope, Surroundings
from kestrel_cli.model.flow import Input
from kestrel_cli.model.masker import Masker, Origin
from kestrel_cli.worker.services import hide

StoreFile = Callable[[str, str], str]
Render = Callable[[object, Mapping[str, object]], object]


def resolved(
    around: Surroundings,
    given: Mapping[str, object],
    request: RunRequest,
    store_file: StoreFile,
) -> tuple[dict[str, Any], list[str]]:
    """The values of an execution's inputs, and warnings. Raises InputError."""
    execution = around.execution
    if not execution.flow.inputs and not given:
        return {}, []
    from kestrel_cli.worker.inputs import resolve_inputs

    render = renderer(RunScope(around))
    found = resolve_inputs(execution.flow, given, render=render, store_file=store_file)
    by_user = given if execution.birth.caller is None else {}
    hide_all(execution.masker, found.secrets, request.warn, by_user)
    return found.values, found.warnings


def of_pause(
    scope: RunScope,
    declared: list[Input],
    given: Mapping[str, object],
    request: RunRequest,
    store_file: StoreFile,
) -> tuple[dict[str, Any], list[str]]:
    """The typed inputs with which a Pause is resumed, and warnings; `scope` is that of its task
    run. Raises InputError.
    """
    from kestrel_cli.worker.inputs import resolve_inputs

    execution = scope.around.execution
    asked = execution.flow.changed(inputs=declared)
    found = resolve_inputs(asked, given, render=renderer(scope), store_file=store_file)
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


def renderer(scope: RunScope) -> Render:
    """Renders defaults, conditions and choices of inputs in the context of an execution, or of a
    Pause in it, and of the inputs known so far; typed.
    """

    def render(value: object, inputs: Mapping[str, object]) -> object:
        if not isinstance(value, str):
            return value
        return render_value(value, scope.with_variables({"inputs": inputs}), scope.around.compat)

    return render


def renderer_before(request: RunRequest) -> Render:
    """The same for somebody who is asked for inputs before there is an execution."""
    flow = request.flow
    at = time.time_ns() // 1000 if request.frozen_at is None else request.frozen_at
    services = BareServices(request.environ)
    if request.frozen_at is not None:
        services.frozen = lambda: at
    around = surroundings_of(request, execution_of(of_request(request, at), flow), services)
    return renderer(RunScope(around))
