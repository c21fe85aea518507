"""The flows that a run can reach: its own, and those that tasks of reached flows call."""

from collections.abc import Iterator

from kestrel_cli.app.preflight.standing import Covers, Level, Standing, standings
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import FlowNotFound, UnusableFlow
from kestrel_cli.flowfile.folders import FlowKey
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.model.fields import is_template
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.index import walk
from kestrel_cli.model.record import record
from kestrel_cli.model.task import Task


@record
class Reached:
    """A flow that can be reached, and what runs of it. `loaded` is None where its file is not
    known; `is_own` for the flow that was asked for.
    """

    flow: Flow
    text: str
    level: Level
    soft: bool
    tasks: list[Standing]
    loaded: Loaded | None = None
    is_own: bool = False

    def may_call(self) -> bool:
        """Whether one of its tasks calls a flow."""
        return any(is_call(one.task) for one in self.tasks)


def is_call(task: Task) -> bool:
    """Whether the task runs another flow."""
    return "flowId" in task.properties


def key_of(task: Task) -> FlowKey | None:
    """The flow that the task calls; None when an expression says it."""
    names = (str(getattr(task, "namespace", "")), str(getattr(task, "flowId", "")))
    return None if any(is_template(name) for name in names) else names


def reached_flows(request: RunRequest, covers: Covers) -> list[Reached]:
    """The flow and those that it calls by name, each as surely as the surest way leads to it. Ways
    that lead to no flow are passed over.
    """
    flow, library = request.flow, request.library
    tasks = list(standings(flow, covers))
    own = Reached(flow, request.text, Level.SURE, False, tasks, None, is_own=True)
    if library is None or not own.may_call():
        return [own]
    own.loaded = _found(library, (flow.namespace, flow.id))
    found = {(flow.namespace, flow.id): own}
    waiting = [own]
    while waiting:
        current = waiting.pop(0)
        for call in current.tasks:
            key = key_of(call.task) if is_call(call.task) else None
            loaded = None if key is None else _found(library, key)
            if key is None or loaded is None:
                continue
            soft = call.soft or not _is_followed(call.task)
            known = found.get(key)
            if known is None or (call.level, soft) < (known.level, known.soft):
                tasks = list(standings(loaded.flow, covers, call.level, soft=soft))
                found[key] = Reached(loaded.flow, loaded.text, call.level, soft, tasks, loaded)
                waiting.append(found[key])
    return list(found.values())


def _found(library: Library, key: FlowKey) -> Loaded | None:
    try:
        return library.find(*key)
    except (FlowNotFound, UnusableFlow):
        return None


def _is_followed(task: Task) -> bool:
    """Whether the task fails with the flow that it calls."""
    return getattr(task, "wait", True) is True and getattr(task, "transmitFailed", True) is True


def every_flow(flow: Flow, library: Library | None) -> Iterator[Flow]:
    """All flows whose tasks may have a part in a run, disabled and mocked calls included. Where an
    expression says what is called, that may be any flow of the library.
    """
    seen = {(flow.namespace, flow.id)}
    waiting = [flow]
    while waiting:
        current = waiting.pop()
        yield current
        calls = [key_of(task) for _, task in walk(current) if is_call(task)]
        if library is None or not calls:
            continue
        keys = [key for key in calls if key is not None]
        for key in [*keys, *(library.names() if None in calls else ())]:
            if key not in seen:
                seen.add(key)
                loaded = _found(library, key)
                waiting += [] if loaded is None else [loaded.flow]
