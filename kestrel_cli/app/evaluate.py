"""The use case "evaluate an expression": in a flow, a finished execution, or a bare context."""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from kestrel_cli.app.run import RunRequest, prepared
from kestrel_cli.errors import CannotStart, NothingMatched, RenderError
from kestrel_cli.expressions.hints import hint_for
from kestrel_cli.expressions.lookup import MissingValue
from kestrel_cli.expressions.recorded import RecordedScope, find_run
from kestrel_cli.expressions.scope import BareServices, Scope
from kestrel_cli.expressions.template import MapScope, render_text, render_value
from kestrel_cli.expressions.variables import RunScope
from kestrel_cli.expressions.watch import watching
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.record import fresh, record
from kestrel_cli.worker.services import Given, RunServices


@record
class Place:
    """Where an expression is evaluated: one of a flow, or the JSON of an execution or of a
    context.
    """

    flow: Flow | None = None
    inputs: Mapping[str, object] = fresh(factory=dict)
    execution: str | None = None
    task: str | None = None
    value: str | None = None
    context: str | None = None
    compat: int = 1
    seed: int | None = None
    given: Given = fresh(factory=Given)
    environ: Mapping[str, str] = fresh(factory=lambda: os.environ)
    state_dir: str | None = None
    warn: Callable[[str], None] = lambda _: None
    globals: Mapping[str, Any] = fresh(factory=dict)
    kestra: Mapping[str, str] = fresh(factory=dict)
    namespace_variables: Callable[[str], Mapping[str, Any]] = lambda _: {}


class _Services(RunServices):
    """A run's services where nothing runs: there are no logs."""

    error_logs = BareServices.error_logs


def _services(place: Place, namespace: object) -> RunServices:
    """The services of an expression without a loaded flow; the namespace, when that is known."""
    from kestrel_cli.app.outside import Outside

    own = namespace if isinstance(namespace, str) else None
    services = _Services(
        place.environ,
        errors=list,
        described=lambda _: {},
        sources=lambda: Outside(
            place.given,
            place.environ,
            namespace=own,
            state_dir=place.state_dir,
            warn=place.warn,
        ),
        namespace=own,
        warn=place.warn,
    )
    if place.seed is not None:
        services.random.seed(place.seed)
    return services


def shown(value: Any, scope: Scope) -> Any:
    """A value without the secrets that were read in a scope."""
    masker = scope.services.masker
    return value if masker is None else masker.shown(value)


def scope_of(place: Place) -> Scope:
    """The scope at a place.

    Raises CannotStart for JSON that is none, NothingMatched for a task run that is not there.
    """
    if place.flow is not None:
        request = RunRequest(
            place.flow,
            inputs=place.inputs,
            compat=place.compat,
            seed=place.seed,
            journaled=False,
            warn=place.warn,
            given=place.given,
            environ=place.environ,
            state_dir=place.state_dir,
            globals=place.globals,
            kestra=place.kestra,
            namespace_variables=place.namespace_variables,
        )
        return RunScope(prepared(request).around)
    if place.execution is None:
        context = {} if place.context is None else _map(place.context, "the context")
        flow = context.get("flow")
        services = _services(place, flow.get("namespace") if isinstance(flow, dict) else None)
        return MapScope(context, services, place.compat)
    document = _map(place.execution, "the execution")
    services = _services(place, document.get("namespace"))
    run = None
    if place.task is not None:
        run = find_run(document, place.task, place.value)
        if run is None:
            where = f" with the value `{place.value}`" if place.value is not None else ""
            known = sorted({one["taskId"] for one in document.get("taskRunList", ())})
            raise NothingMatched(
                f"the execution has no task run of `{place.task}`{where}; "
                f"it has runs of: {', '.join(known)}"
            )
    around: dict[str, Any] = {"globals": dict(place.globals)}
    if place.kestra:
        around["kestra"] = dict(place.kestra)
    if variables := place.namespace_variables(str(document.get("namespace"))):
        around["namespace"] = dict(variables)
    return RecordedScope(document, run, services, place.compat, around)


def _map(text: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CannotStart(f"{what} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise CannotStart(f"{what} must be a JSON object")
    return found


def evaluate(template: str, scope: Scope, *, typed: bool, compat: int) -> Any:
    """Render with the real engine, bounded in time.

    Raises RenderError, with a hint where one is known.
    """
    with watching():
        try:
            return (render_value if typed else render_text)(template, scope, compat)
        except MissingValue as error:
            if error.hint is None and isinstance(scope, RunScope):
                error.hint = hint_for(error, scope)
            elif error.hint is None:
                error.hint = names_hint(error)
            raise


def names_hint(error: RenderError) -> str | None:
    """The names that exist where one was missing."""
    if not isinstance(error, MissingValue) or not error.keys:
        return None
    return "there are: " + ", ".join(f"`{key}`" for key in error.keys[:20])
