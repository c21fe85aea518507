"""The use case "run a flow": from a loaded flow to an execution that has ended,
and its exit code.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from kestrel_cli.app.clock import Clock
from kestrel_cli.app.driver import Driver
from kestrel_cli.app.recorder import Recorder
from kestrel_cli.app.world import World
from kestrel_cli.errors import CannotStart, Interrupted, RenderError, Unsupported
from kestrel_cli.expressions.scope import Services
from kestrel_cli.expressions.template import MapScope, prepare_for, render_value
from kestrel_cli.expressions.variables import Surroundings
from kestrel_cli.expressions.watch import watching
from kestrel_cli.model.event import LogLine
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.ids import base62
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.reporters.gate import Gate
from kestrel_cli.store.directory import journal_path, state_directory
from kestrel_cli.store.journal import Journal
from kestrel_cli.worker.attempt import Point
from kestrel_cli.worker.interrupts import Alarm, AttemptKilled, Interrupts
from kestrel_cli.worker.services import (
    Given,
    RunServices,
    hide,
    log_entry,
    prefixed_environment,
)

TIMED_OUT: Final = 124
NO_SIGNAL: Final = 0  # what asked for the end was the run's own time limit


@record
class RunRequest:
    """Everything that decides a run.

    `state_dir` is where the journal goes (None: the usual place).
    """

    flow: Flow
    inputs: Mapping[str, object] = fresh(factory=dict)
    text: str = ""  # the flow file's, to point into
    labels: Sequence[tuple[str, str]] = ()
    reporters: Sequence[Reporter] = ()
    environ: Mapping[str, str] = fresh(factory=lambda: os.environ)
    envs: Mapping[str, str] | None = None
    globals: Mapping[str, Any] = fresh(factory=dict)
    given: Given = fresh(factory=Given)
    demand_secrets: bool = False  # do not begin without a secret that a task names
    trigger: dict[str, Any] | None = None
    state_dir: str | None = None
    journaled: bool = True
    timeout: float | None = None
    seed: int | None = None
    compat: int = 1
    fail_on_warning: bool = False
    warn: Callable[[str], None] = lambda _: None
    interrupts: Interrupts = fresh(factory=Interrupts)
    gate: Gate = fresh(factory=Gate)


@record
class RunResult:
    """An execution that has ended, and what the command ends with."""

    execution: Execution
    exit_code: int


@record
class Prepared:
    """An execution that may begin."""

    around: Surroundings
    clock: Clock
    errors: list[LogLine]  # what errorLogs() gives, as the run goes on
    warnings: list[str]
    world: World


def prepared(request: RunRequest) -> Prepared:
    """An execution with its inputs, not begun. Raises InputError, CannotStart."""
    clock = Clock()
    errors: list[LogLine] = []
    execution = _created(request, clock)
    world = World(execution, request.given, request.environ, request.state_dir, request.warn)
    services = RunServices(
        request.environ,
        errors=lambda: errors,
        described=lambda line: log_entry(line, _names(execution, line)),
        sources=lambda: world.outside,
        namespace=request.flow.namespace,
        masker=execution.masker,
        warn=request.warn,
    )
    if request.seed is not None:
        services.random.seed(request.seed)
    if request.demand_secrets and "secret" in request.text:
        from kestrel_cli.app.missing_secrets import refuse_missing_secrets

        refuse_missing_secrets(request.flow, services.has_secret)
    warnings = _with_inputs(request, execution, services)
    around = Surroundings(
        execution,
        services,
        envs=prefixed_environment(request.environ) if request.envs is None else request.envs,
        globals_=request.globals,
        compat=request.compat,
    )
    return Prepared(around, clock, errors, warnings, world)


def run(request: RunRequest) -> RunResult:
    """Run a flow to its end.

    Raises Unsupported, InputError or CannotStart before anything has run.
    """
    refuse_what_does_not_run(request.flow)
    prepare_for(request.text)
    with watching():
        if request.timeout is None:
            return _run(request)
        with Alarm(lambda: request.interrupts.kill(NO_SIGNAL), request.timeout):
            return _run(request)


def _run(request: RunRequest) -> RunResult:
    begun = _begun(request)
    execution = begun.around.execution
    recorder = Recorder(
        execution, _journal(request, execution), request.reporters, request.warn, begun.errors
    )
    request.gate.before = recorder.flush
    point = pointer(request.text)
    driver = Driver(
        begun.around, recorder, begun.clock, request.interrupts, point, begun.world.reach
    )
    driver.run(begun.warnings)
    code = exit_code(execution, request)
    recorder.close(code)
    return RunResult(execution, code)


def _begun(request: RunRequest) -> Prepared:
    """`prepared`, which may render inputs for long: a signal or the time limit ends it."""
    try:
        if not request.interrupts.pending:  # else the execution is created, to be killed at once
            request.interrupts.begin()
        begun = prepared(request)
        request.interrupts.end()
    except AttemptKilled:
        request.interrupts.end()
        asked = request.interrupts.signal or NO_SIGNAL
        raise Interrupted(TIMED_OUT if asked == NO_SIGNAL else 128 + asked) from None
    except BaseException:
        request.interrupts.end()
        raise
    return begun


def _created(request: RunRequest, clock: Clock) -> Execution:
    flow = request.flow
    if flow.disabled:
        raise CannotStart(f"the flow `{flow.id}` is disabled: Kestra does not run it either")
    if request.seed is None:
        number = int.from_bytes(os.urandom(16), "big")
    else:
        import random

        number = random.Random(request.seed).getrandbits(128)
    execution = Execution(base62(number), flow, [(State.CREATED, clock.now())])
    labels = [pair for pair in flow.label_pairs if not pair[0].startswith("system.")]
    labels += request.labels
    if not any(name == "system.correlationId" for name, _ in labels):
        labels.append(("system.correlationId", execution.id))
    execution.labels = labels
    execution.variables = flow.variables
    execution.trigger = request.trigger
    return execution


def _with_inputs(request: RunRequest, execution: Execution, services: RunServices) -> list[str]:
    if not request.flow.inputs and not request.inputs:
        return []
    from kestrel_cli.worker.inputs import resolve_inputs

    render = input_renderer(
        request.flow, request.environ, request.globals, request.compat, services
    )
    resolved = resolve_inputs(request.flow, request.inputs, render=render)
    execution.inputs = resolved.values
    for name, secret in resolved.secrets.items():
        hide(execution.masker, secret, f"the input `{name}`", request.warn)
    return resolved.warnings


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


def _journal(request: RunRequest, execution: Execution) -> Journal | None:
    if not request.journaled:
        return None
    try:
        state = state_directory(request.state_dir, request.environ)
        # A seed gives the same id again: the new run takes the place of the old one.
        replace = request.seed is not None
        journal = Journal(journal_path(state, execution.id), replace=replace)
        journal.begin(
            {
                "id": execution.id,
                "namespace": execution.flow.namespace,
                "flowId": execution.flow.id,
                "file": execution.flow.where.file,
                "at": execution.created_at,
                "inputs": execution.masker.shown(execution.inputs),
                "labels": execution.labels,
                "trigger": execution.masker.shown(execution.trigger),
                "compat": request.compat,
            }
        )
    except OSError as error:
        request.warn(f"no journal is kept, so this run can't be looked at later: {error}")
        return None
    return journal


def pointer(text: str) -> Point:
    """Points at mistakes of templates in the flow file's text."""
    if not text:
        return lambda _, __: ""

    def point(task: Task, error: RenderError) -> str:
        from kestrel_cli.flowfile.pointing import name_length, pointed

        template = error.template or ""
        length = name_length(template, error.at)
        return pointed(text.splitlines(), task.where, template, error.at, length)

    return point


def _names(execution: Execution, line: LogLine) -> dict[str, str | None]:
    names: dict[str, str | None] = {
        "namespace": execution.flow.namespace,
        "flowId": execution.flow.id,
        "taskId": None,
        "executionId": execution.id,
        "taskRunId": None,
    }
    if line.run is not None:
        names["taskId"] = execution.runs[line.run].task.id
        names["taskRunId"] = execution.run_id(line.run)
    return names


def refuse_what_does_not_run(flow: Flow) -> None:
    """Raise Unsupported with every enabled task and feature
    of the flow that Kestrel does not run.
    """
    from kestrel_cli.model.index import walk

    needs: list[tuple[str, str]] = []
    for _, task in walk(flow):
        if task.disabled:
            continue
        if task.__class__.__name__ == "UnsupportedTask":
            needs.append((f"task `{task.id}` of type {task.type}", str(task.where)))
        elif task.retry is not None and task.retry.behavior == "CREATE_NEW_EXECUTION":
            needs.append(
                (f"task `{task.id}`: retry behavior CREATE_NEW_EXECUTION", str(task.where))
            )
    if flow.retry is not None and flow.retry.behavior == "CREATE_NEW_EXECUTION":
        needs.append(("the flow's retry behavior CREATE_NEW_EXECUTION", str(flow.where)))
    if needs:
        raise Unsupported("the flow needs what Kestrel does not run", needs)


def exit_code(execution: Execution, request: RunRequest) -> int:
    """The command's exit code: a function of how the execution ended (spec/cli.md 5a)."""
    asked = request.interrupts.signal
    if execution.killing and asked is not None:
        return TIMED_OUT if asked == NO_SIGNAL else 128 + asked
    match execution.state:
        case State.SUCCESS:
            return 0
        case State.WARNING:
            return 1 if request.fail_on_warning else 0
        case _:
            return 1
