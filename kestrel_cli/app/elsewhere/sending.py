"""A flow and its inputs, from here to a server: checked, pushed, started once.

A server tells of one wrong input at a time, ignores unknown ones, and takes any text for a boolean:
so inputs are checked here first, by the rules of a local run. What a default or a condition asks of
the world is the server's to know.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kestrel_cli.app.deploying.delivery import Delivery
from kestrel_cli.app.deploying.gathering import FlowToSend, files_of, in_order
from kestrel_cli.app.deploying.outcome import Outcome
from kestrel_cli.app.elsewhere.place import Place
from kestrel_cli.app.inputs import hide_all
from kestrel_cli.app.preflight.gather import as_error
from kestrel_cli.app.preflight.inputs import foreseeing, unknown_inputs
from kestrel_cli.app.preflight.reached import Reached, reached_flows
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import CannotStart, InputError, ServerError
from kestrel_cli.model.masker import Masker
from kestrel_cli.model.record import record
from kestrel_cli.server.documents import Document
from kestrel_cli.server.flows import Pushed, push
from kestrel_cli.server.starting import Start, start
from kestrel_cli.worker.inputs import Resolver

# Inputs whose texts mean something else to a server, or are read more strictly here.
_TYPED: Final = ("BOOL", "BOOLEAN", "ARRAY", "MULTISELECT")
_DID: Final = {"created": "new", "updated": "updated"}
_STORED: Final = ("kestra:", "nsfile:")
_REFUSALS: Final = (400, 409, 422)


@record
class Parcel:
    """What is sent: inputs as a form takes them, and what is not to be shown of them."""

    inputs: Mapping[str, object]
    masker: Masker


def packed(request: RunRequest) -> Parcel:
    """The inputs of a run, checked. Raises CannotStart, InputError with all problems."""
    flow = request.flow
    if flow.disabled:
        raise CannotStart(f"the flow `{flow.id}` is disabled: no server starts it")
    refuse_wrong_inputs(request)
    resolver = foreseeing(request)
    masker = Masker()
    hide_all(masker, resolver.secrets, request.warn, request.inputs)
    return Parcel(sendable(resolver), masker)


def refuse_wrong_inputs(request: RunRequest, *, missing: bool = True) -> None:
    """Raise InputError for inputs that the flow does not declare, unless they may be, and for all
    that are wrong, or `missing`.
    """
    if request.demands.known_inputs:
        error = as_error(unknown_inputs(request.flow, request.inputs))
        if error is not None:
            raise error
    resolver = foreseeing(request)
    names = [name for name in resolver.declared if missing or name not in resolver.missing]
    problems = [one for name in names for one in resolver.found.get(name, ())]
    if problems:
        raise InputError(problems)


def sendable(resolver: Resolver) -> dict[str, object]:
    """What was given, as a form takes it: a Path is a file that is sent."""
    found: dict[str, object] = {}
    for name, value in resolver.given.items():
        declared = resolver.declared.get(name)
        kind = None if declared is None else declared.type
        if kind == "FILE" and not str(value).startswith(_STORED):
            found[name] = Path(str(value).removeprefix("file://"))
        elif kind in _TYPED:
            found[name] = resolver.values.get(name, value)
        else:
            found[name] = value
    return found


def pushed(place: Place, request: RunRequest, tell: Callable[[str], None]) -> Pushed:
    """Make the server have the flow as it is here, and first the flows that it calls, and the files
    of their namespaces; `tell` hears of those that were not there so. Raises ServerError,
    CannotStart for one that the server refuses.
    """
    flow = request.flow
    _send_what_it_needs(place, request, tell)
    with _refused(place, f"the flow `{flow.namespace}.{flow.id}`"):
        return push(place.server, flow.namespace, flow.id, request.text)


def _send_what_it_needs(place: Place, request: RunRequest, tell: Callable[[str], None]) -> None:
    flows = {
        (one.flow.namespace, one.flow.id): _to_send(one)
        for one in reached_flows(request, lambda _: False)
    }
    files = files_of([one.file for one in flows.values()], list(flows.values()))
    flows.pop((request.flow.namespace, request.flow.id), None)
    listed = in_order(flows)
    if not listed and not files:
        return
    refused: list[str] = []

    def hear(outcome: Outcome) -> None:
        if outcome.change in ("created", "updated"):
            tell(f"{outcome.name} ({_DID[outcome.change]})")
        elif outcome.change == "refused":
            refused.append(f"{outcome.name}: {outcome.problem}")

    Delivery(place.server, hear).deliver(listed, files)
    if refused:
        raise CannotStart(f"{place.host} refuses what the flow needs: {'; '.join(refused)}")


def _to_send(one: Reached) -> FlowToSend:
    flow = one.flow
    calls = () if one.loaded is None else one.loaded.calls
    names = tuple(call.key for call in calls if call.key is not None)
    return FlowToSend(flow.namespace, flow.id, flow.where.file, one.text, names)


def started(place: Place, request: RunRequest, parcel: Parcel, revision: int) -> Document:
    """Start what was pushed, once. Raises ServerError, InputError, UsageError."""
    flow = request.flow
    wanted = Start(
        flow.namespace,
        flow.id,
        inputs=parcel.inputs,
        labels=list(request.labels),
        revision=revision,
    )
    with _refused(place, f"to start `{flow.namespace}.{flow.id}`"):
        return start(place.server, wanted)


@contextmanager
def _refused(place: Place, what: str) -> Iterator[None]:
    """Say who refuses what: the words of a server alone sound like ours."""
    try:
        yield
    except ServerError as error:
        if error.status not in _REFUSALS:
            raise
        words = f"{place.host} refuses {what}: {error}"
        raise type(error)(words, error.hint, error.status) from None
