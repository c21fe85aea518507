"""What the JSON of an execution says, in our own words."""

from collections.abc import Sequence
from typing import Any, Final

from kestrel_cli.errors import ServerError
from kestrel_cli.model.birth import Birth
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.execution import History
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.history import Summary
from kestrel_cli.model.state import TERMINAL, State
from kestrel_cli.model.task import Metric
from kestrel_cli.server.moments import micros

Document = dict[str, Any]  # an execution, or a part of one, as the server shows it
_OF_TRIGGER: Final = ("id", "type", "logFile")


def birth_of(document: Document, flow: Flow) -> Birth:
    """What an execution was born with."""
    metadata = document.get("metadata") or {}
    created = metadata.get("originalCreatedDate")
    item = document.get("loopRun")
    parent, original = document.get("parentId"), document.get("originalId")
    return Birth(
        0,
        str(document.get("id")),
        history_of(document)[0][1],
        0,
        flow.namespace,
        flow.id,
        flow.where.file,
        inputs=document.get("inputs") or {},
        labels=labels_of(document),
        trigger=trigger_of(document.get("trigger")),
        kind=document.get("kind"),
        item=item if isinstance(item, dict) else None,
        parent_id=parent if isinstance(parent, str) else None,
        original_id=original if isinstance(original, str) else None,
        original_at=micros(created) if isinstance(created, str) else None,
    )


def summary_of(document: Document, host: str) -> Summary:
    """What a list of executions tells of one. Raises ServerError."""
    history = history_of(document)
    runs = document.get("taskRunList")
    state, at = history[-1]
    return Summary(
        str(document.get("id")),
        str(document.get("namespace")),
        str(document.get("flowId")),
        str(state),
        history[0][1],
        at if state in TERMINAL else None,
        len(runs) if isinstance(runs, list) else None,  # some versions leave them out of lists
        host,
    )


def history_of(timed: Document) -> History:
    """The states of an execution, a task run or an attempt. Raises ServerError for none."""
    listed = (timed.get("state") or {}).get("histories")
    if not isinstance(listed, list) or not listed:
        raise ServerError("the server shows an execution without states")
    return [(_state(one.get("state")), micros(str(one.get("date")))) for one in listed]


def metrics_of(attempt: Document) -> list[Metric] | tuple[()]:
    """What an attempt has reported, where the server shows it."""
    listed = attempt.get("metrics")
    return [_metric(one) for one in listed] if listed else ()


def _metric(shown: Document) -> Metric:
    kind, value = shown.get("type"), shown.get("value")
    tags = {str(name): str(text) for name, text in (shown.get("tags") or {}).items()}
    name = str(shown.get("name"))
    if kind == "timer":
        return Metric("timer", name, Duration.parse(value).seconds, tags)
    number = float(value) if isinstance(value, (int, float)) else 0.0
    return Metric("gauge" if kind == "gauge" else "counter", name, number, tags)


def _state(name: object) -> State:
    if name not in State.__members__:
        raise ServerError(
            f"the server shows a state that is not known here: {str(name)[:40]!r}",
            "a newer version of this program may know it",
        )
    return State(str(name))


def labels_of(document: Document) -> list[tuple[str, str]]:
    """The labels of an execution, in their order."""
    listed = document.get("labels") or ()
    if isinstance(listed, dict):  # as older versions wrote them
        return [(str(name), str(value)) for name, value in listed.items()]
    return [(str(one.get("key")), str(one.get("value"))) for one in listed]


def trigger_of(value: object) -> dict[str, Any] | None:
    """As expressions see it: its variables beside its own fields."""
    if not isinstance(value, dict):
        return None
    own = {name: value[name] for name in _OF_TRIGGER if value.get(name) is not None}
    return own | (value.get("variables") or {})


def parents_first(listed: Sequence[Document]) -> list[Document]:
    """Task runs in their order, each behind the one around it."""
    done: set[str] = set()
    found: list[Document] = []
    waiting = list(listed)
    names = {str(one.get("id")) for one in listed}
    while waiting:
        later = []
        for one in waiting:
            parent = one.get("parentTaskRunId")
            if parent is None or parent in done or parent not in names:
                found.append(one)
                done.add(str(one.get("id")))
            else:
                later.append(one)
        if len(later) == len(waiting):  # a circle: not a tree at all
            return found + later
        waiting = later
    return found
