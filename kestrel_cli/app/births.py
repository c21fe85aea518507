"""How executions come to be: of a request, of a task run that starts one, after a RETRIED one."""

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.world import World
from kestrel_cli.errors import CannotStart
from kestrel_cli.expressions.scope import Services
from kestrel_cli.expressions.template import MapScope, render_value
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.ids import base62, derived_id, number_of
from kestrel_cli.model.masker import Masker, Origin
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Call
from kestrel_cli.worker.services import RunServices, hide, prefixed_environment

CORRELATION: Final = "system.correlationId"
LOOP: Final = "LOOP"


def of_request(request: RunRequest, at: int) -> Execution:
    """The execution that somebody asked for; its inputs are not there yet."""
    flow = request.flow
    if flow.disabled:
        raise CannotStart(f"the flow `{flow.id}` is disabled: Kestra does not run it either")
    if request.seed is None:
        number = int.from_bytes(os.urandom(16), "big")
    else:
        import random

        # Other flows get other ids, so that a seed is no danger to what they left.
        text = f"{request.seed}/{flow.namespace}/{flow.id}"
        number = random.Random(text).getrandbits(128)
    execution = Execution(base62(number), flow, [(State.CREATED, at)])
    execution.labels = labels_of(flow, request.labels)
    if not any(name == CORRELATION for name, _ in execution.labels):
        execution.labels.append((CORRELATION, execution.id))
    execution.variables = flow.variables
    execution.trigger = request.trigger
    execution.kind = request.kind
    return execution


def labels_of(flow: Flow, more: Any) -> list[tuple[str, str]]:
    """The flow's own labels, which come first, and those that are passed."""
    own = [pair for pair in flow.label_pairs if not pair[0].startswith("system.")]
    return [*own, *more]


def of_call(
    parent: Execution, run: TaskRun, nth: int, call: Call, flow: Flow, at: int
) -> Execution:
    """The execution of another flow that a task run starts (spec/engine.md 3.15, 1.2)."""
    if flow.disabled:
        raise CannotStart("Cannot execute a flow which is disabled")
    execution = Execution(called_id(parent, run, nth), flow, [(State.CREATED, at)])
    declared = {name for name, _ in flow.label_pairs}
    inherited = [
        pair
        for pair in parent.labels
        if pair[0].startswith("system.") or (call.inherit_labels and pair[0] not in declared)
    ]
    known = {name for name, _ in call.labels}
    passed = [pair for pair in inherited if pair[0] not in known] + call.labels
    execution.labels = labels_of(flow, passed)
    execution.variables = flow.variables
    execution.trigger = {"id": run.task.id, "type": run.task.type, **_told(parent, run)}
    execution.trigger |= call.variables
    root = parent
    while root.owner is not None:  # an iteration of Loop is no kind to hand on
        root = root.owner
    execution.kind = root.kind
    execution.masker = parent.masker
    return execution


def _told(parent: Execution, run: TaskRun) -> dict[str, Any]:
    """What a called execution hears of the task run that calls it."""
    flow = parent.flow
    told = {
        "executionId": parent.id,
        "namespace": flow.namespace,
        "flowId": flow.id,
        "flowRevision": flow.revision or 1,
        "taskRunId": parent.run_id(run.number),
        "taskId": run.task.id,
        "taskRunOutputs": run.outputs,
        "taskRunValue": run.value,
        "taskRunIteration": run.iteration,
    }
    return {name: value for name, value in told.items() if value is not None}


def of_item(parent: Execution, run: TaskRun, nth: int, call: Call, at: int) -> Execution:
    """An iteration of Loop: an execution of the tasks in it, which sees all that its parent does
    (spec/engine.md 3.12).
    """
    from kestrel_cli.model.index import body_flow

    flow = body_flow(parent.flow, run.task)
    execution = Execution(called_id(parent, run, nth), flow, [(State.CREATED, at)])
    execution.labels = list(parent.labels)
    execution.variables = parent.variables
    execution.inputs = parent.inputs
    execution.trigger = parent.trigger
    execution.kind = LOOP
    execution.item = call.item
    execution.masker = parent.masker
    execution.owner = parent
    execution.values = dict(parent.values)
    return execution


def called_id(parent: Execution, run: TaskRun, nth: int) -> str:
    """The id of the `nth` execution of this attempt: the same when the run is resumed."""
    owner = number_of(parent.run_id(run.number))
    return derived_id(owner, (max(len(run.attempts), 1) << 40) + nth)


def follower(retried: Execution, at: int) -> Execution:
    """The execution that replays a RETRIED one from its beginning, created at `at`
    (spec/engine.md 5).
    """
    original = retried.original_id or retried.id
    number = retried.attempt_number
    execution = Execution(
        derived_id(number_of(original), (1 << 60) + number),
        retried.flow,
        [(State.CREATED, at)],
    )
    execution.inputs = retried.inputs
    execution.variables = retried.flow.variables
    labels = [pair for pair in retried.labels if pair[0] != "system.replay"]
    execution.labels = [*labels, ("system.replay", "true")]
    execution.trigger = retried.trigger
    execution.parent_id = retried.id
    execution.original_id = original
    execution.original_at = retried.original_at or retried.created_at
    execution.attempt_number = number + 1
    execution.kind = retried.kind
    execution.item = retried.item
    execution.masker = retried.masker
    execution.owner = retried.owner
    execution.earlier = [*retried.earlier, retried]
    if retried.owner is not None:
        execution.values = dict(retried.owner.values)
    return execution


def give_inputs(
    execution: Execution,
    given: Mapping[str, object],
    request: RunRequest,
    services: RunServices,
    store_file: Callable[[str, str], str],
) -> list[str]:
    """Resolve the inputs of an execution; returns warnings. Raises InputError."""
    flow = execution.flow
    if not flow.inputs and not given:
        return []
    from kestrel_cli.worker.inputs import resolve_inputs

    render = renderer(flow, request, services)
    resolved = resolve_inputs(flow, given, render=render, store_file=store_file)
    execution.inputs = resolved.values
    hide_all(execution.masker, resolved.secrets, request.warn)
    return resolved.warnings


def pause_inputs(
    execution: Execution,
    declared: list[Input],
    given: Mapping[str, object],
    request: RunRequest,
    world: World,
) -> tuple[dict[str, Any], list[str]]:
    """The typed inputs with which a Pause is resumed, and warnings. Raises InputError."""
    from kestrel_cli.worker.inputs import resolve_inputs

    flow = execution.flow
    asked = flow.changed(inputs=declared)
    render = renderer(flow, request)
    resolved = resolve_inputs(asked, given, render=render, store_file=world.store_input)
    hide_all(execution.masker, resolved.secrets, request.warn)
    return resolved.values, resolved.warnings


def hide_all(masker: Masker, secrets: Mapping[str, str], warn: Callable[[str], None]) -> None:
    """Hide the values of secret inputs."""
    for name, secret in secrets.items():
        hide(masker, secret, f"the input `{name}`", warn, Origin("input", name))


def renderer(
    flow: Flow, request: RunRequest, services: Services | None = None
) -> Callable[[object, Mapping[str, object]], object]:
    """`input_renderer` for a run."""
    return input_renderer(flow, request.environ, request.globals, request.compat, services)


def input_renderer(
    flow: Flow,
    environ: Mapping[str, str],
    globals_: Mapping[str, Any] | None = None,
    compat: int = 1,
    services: Services | None = None,
) -> Callable[[object, Mapping[str, object]], object]:
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
