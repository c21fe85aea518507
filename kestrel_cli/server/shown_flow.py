"""The flow of an execution that runs elsewhere: ours, where it is the same, else what the execution
shows of it.
"""

from typing import Any, Final

from kestrel_cli.diagnostic import Position
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.task import Task

_NOWHERE: Final = Position("", 0, 0)
_UNKNOWN: Final = "unknown"


def shown_flow(document: dict[str, Any], flow: Flow | None) -> Flow:
    """A flow with the names and the revision of the execution."""
    namespace, name = str(document.get("namespace")), str(document.get("flowId"))
    revision = document.get("flowRevision")
    number = revision if isinstance(revision, int) else None
    if flow is not None and (flow.namespace, flow.id) == (namespace, name):
        return flow.changed(revision=number)
    made = made_of(Flow, {"id": name, "namespace": namespace, "tasks": (), "revision": number})
    assert isinstance(made, Flow)
    made.__dict__.update(where=_NOWHERE, label_pairs=[], blocks={}, by_id={}, policies={})
    return made


def shown_task(flow: Flow, name: str) -> Task:
    """The task of a flow; one of which only the name is known, when it has none such."""
    known = flow.by_id.get(name)
    if known is not None:
        return known
    made = made_of(Task, {"id": name, "type": _UNKNOWN})
    assert isinstance(made, Task)
    made.__dict__["where"] = _NOWHERE
    return made
