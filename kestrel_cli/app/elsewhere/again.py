"""Executions on a server that go on, or run again: restarted, replayed, resumed, killed."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from kestrel_cli.app.elsewhere.past import flow_as_it_was, found, last_moment
from kestrel_cli.app.elsewhere.place import Place
from kestrel_cli.app.elsewhere.sending import refuse_wrong_inputs, sendable
from kestrel_cli.app.named_runs import run_named
from kestrel_cli.app.preflight.inputs import foreseeing
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import Conflict, InputError, NotThere, Unreachable
from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.record import changed
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.server import executions
from kestrel_cli.server.documents import Document, history_of
from kestrel_cli.server.mirror import Mirror
from kestrel_cli.worker.input_names import flattened, leaf_inputs

_KILLING: Final = 60.0  # seconds that a server may take to kill
_POLL: Final = 0.5
_NEW: Final = 10.0  # seconds until a server shows what it has just made

_SEALED: Final = ("FILE", "SECRET")

Given = Callable[[list[Input]], Mapping[str, object]]  # what options give, by declared inputs


class Before(NamedTuple):
    """An execution before something is done with it, and the flow that it runs, if that is known.
    `since`: the moment up to which its story is known.
    """

    document: Document
    flow: Flow | None
    since: int

    @property
    def id(self) -> str:
        return str(self.document.get("id"))

    @property
    def state(self) -> State:
        return history_of(self.document)[-1][0]


def before(place: Place, name: str) -> Before:
    """An execution by its id, its beginning, or `last`. Raises NothingMatched, ServerError."""
    document = found(place, name)
    return Before(document, flow_as_it_was(place, document), last_moment(place, document))


def restarted(place: Place, old: Before, _: RunRequest) -> Document:
    """Run what failed again; the picture with which it goes on. Raises Conflict, ServerError."""
    return executions.restart(place.server, old.id)


def resumed(place: Place, old: Before, given: Given, request: RunRequest) -> Document:
    """Let a paused one go on; the picture before. Raises Conflict, InputError, ServerError."""
    if old.state is State.BREAKPOINT:
        executions.resume_from_breakpoint(place.server, old.id)
        return old.document
    if old.state is not State.PAUSED:
        raise Conflict(
            f"the execution {old.id} on {place.host} is not paused: it is {old.state}",
            f"`{place.command('show', old.id)}` shows it",
        )
    inputs = _checked(_declared(old), given, old.flow, request)
    if problems := executions.check_resume(place.server, old.id, inputs):
        raise InputError(problems)
    executions.resume(place.server, old.id, inputs)
    return old.document


def replayed(
    place: Place, old: Before, task: str | None, given: Given, request: RunRequest
) -> Document:
    """Run it again as a new execution, from a task run on; inputs that are not given anew are those
    of the old one. Raises NothingMatched, UsageError, InputError, ServerError.
    """
    run = None
    if task is not None:
        execution = Mirror(old.document, old.flow).execution
        run = execution.run_id(run_named(task)(execution).number)
    declared = leaf_inputs(old.flow) if old.flow is not None else None
    anew = given(list(declared or ()))
    inputs = None
    if anew:
        inputs = _joined(old, anew, request)
    made = executions.replay(place.server, old.id, task_run=run, inputs=inputs)
    _wait_until_there(place, str(made.get("id")))
    return made


def _joined(old: Before, anew: Mapping[str, object], request: RunRequest) -> dict[str, object]:
    """What is given anew, and the rest as it was: a server would take over nothing."""
    had: dict[str, Any] = old.document.get("inputs") or {}
    if old.flow is None:
        return {**had, **anew}
    asked = changed(request, flow=old.flow, inputs=anew)
    refuse_wrong_inputs(asked, missing=False)
    sent = sendable(foreseeing(asked))
    declared = {one.id: one for one in leaf_inputs(old.flow)}
    kept: dict[str, object] = {}
    lost = []
    for name, value in flattened(had, declared):
        one = declared.get(name)
        if one is None or value is None or name in sent:
            continue
        if one.type in _SEALED:
            lost.append(f"`{name}` is a {one.type}, which can't be read back: give it again")
        is_seconds = one.type == "DURATION" and isinstance(value, (int, float))
        kept[name] = f"PT{value}S" if is_seconds else value
    if lost:
        raise InputError(lost)
    return {**kept, **sent}


def _declared(old: Before) -> list[Input] | None:
    """The inputs that the paused task asks for; None when its flow is not known."""
    if old.flow is None:
        return None
    for run in old.document.get("taskRunList") or ():
        if (run.get("state") or {}).get("current") == State.PAUSED:
            task = old.flow.by_id.get(str(run.get("taskId")))
            if task is not None:
                return list(getattr(task, "onResume", None) or ())
    return []


def _checked(
    declared: list[Input] | None, given: Given, flow: Flow | None, request: RunRequest
) -> dict[str, object]:
    """The inputs of a pause as a form takes them. Raises InputError."""
    found = given(declared or [])
    if declared is None or flow is None:
        return dict(found)
    asked = changed(request, flow=flow.changed(inputs=declared), inputs=found)
    refuse_wrong_inputs(asked)
    return sendable(foreseeing(asked))


def _wait_until_there(place: Place, execution: str) -> None:
    """Some servers show a new execution a moment after they have said that it is there."""
    until = time.monotonic() + _NEW
    while True:
        try:
            executions.get(place.server, execution)
        except NotThere:
            if time.monotonic() > until:
                raise
            place.server.asking.pause(_POLL)
        else:
            return


def killed(place: Place, name: str, *, wait: bool) -> Document:
    """End an execution, and wait until it has ended; the last picture. Raises NothingMatched,
    Conflict, Unreachable, ServerError.
    """
    document = found(place, name)
    identity, state = str(document.get("id")), history_of(document)[-1][0]
    if state in TERMINAL:
        raise Conflict(f"the execution {identity} on {place.host} has ended already: {state}")
    executions.kill(place.server, identity)
    until = time.monotonic() + _KILLING
    while wait:
        document = executions.get(place.server, identity)
        if history_of(document)[-1][0] in TERMINAL:
            break
        if time.monotonic() > until:
            raise Unreachable(
                f"{place.host} was asked to kill the execution {identity}, and has not done so yet",
                f"`{place.command('show', identity)}` shows what became of it",
            )
        place.server.asking.pause(_POLL)
    return document
