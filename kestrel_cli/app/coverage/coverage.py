"""What executions have reached, flow by flow. It grows with every run, and can be put together
from what several processes saw.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from kestrel_cli.app.coverage.ways import Way, begun, ways_gone
from kestrel_cli.expressions.scope import Scope
from kestrel_cli.expressions.template import renderings_told
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.task import Task

FlowKey = tuple[str, str]  # namespace and id
Rendered = tuple[str | None, str]  # the task (None: the flow itself), and the template


@record
class Hits:
    """How often each part of a flow was reached. `mocked` counts those runs of a task that a
    fixture stood in for, `concluded` how often the outputs of the flow (None) or of a Loop were
    rendered.
    """

    key: FlowKey
    tasks: dict[str, int] = fresh(factory=dict)
    mocked: dict[str, int] = fresh(factory=dict)
    ways: dict[Way, int] = fresh(factory=dict)
    rendered: dict[Rendered, int] = fresh(factory=dict)
    concluded: dict[str | None, int] = fresh(factory=dict)

    def merge(self, other: "Hits") -> None:
        """Add what another one counted."""
        for name in _COUNTED:
            mine, theirs = getattr(self, name), getattr(other, name)
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count


_COUNTED: Final = ("tasks", "mocked", "ways", "rendered", "concluded")


class Coverage:
    """What was reached. Two flows of the same name in two files are two flows.

    Runs take place within `recording()`, which hears of every expression that is rendered; each
    execution is added when it has ended.
    """

    def __init__(self) -> None:
        self.flows: dict[str, Hits] = {}  # by the absolute path of the file
        self._places: dict[str, str] = {}

    def recording(self) -> AbstractContextManager[None]:
        """While this lasts, expressions that are rendered count."""
        return renderings_told(self._hear)

    def place(self, flow: Flow) -> str:
        """By what the flow is known here."""
        file = flow.where.file
        found = self._places.get(file)
        if found is None:
            found = self._places[file] = os.path.abspath(file)  # noqa: PTH100  not a link's target
        return found

    def of(self, flow: Flow) -> Hits:
        """What was reached of a flow."""
        place = self.place(flow)
        hits = self.flows.get(place)
        if hits is None:
            hits = self.flows[place] = Hits((flow.namespace, flow.id))
        return hits

    def add(self, execution: Execution | None) -> None:
        """What an execution has reached, and those that it started or follows. None: nothing."""
        waiting: list[tuple[Execution, Task | None]] = [(execution, None)] if execution else []
        while waiting:
            one, caller = waiting.pop()
            hits = self.of(one.flow)
            for run in one.runs:
                waiting += ((below, run.task) for below in one.called.get(run.number, ()))
                if begun(run):
                    _count(hits.tasks, run.task.id)
                    if run.stood_in:
                        _count(hits.mocked, run.task.id)
            for way in ways_gone(one, caller):
                _count(hits.ways, way)
            if one.outputs is not None:
                of_loop = one.owner is not None and caller is not None
                _count(hits.concluded, caller.id if of_loop and caller else None)
            waiting += ((before, caller) for before in one.earlier)

    def _hear(self, template: str, scope: Scope) -> None:
        around = getattr(scope, "around", None)
        if around is None:  # of no flow
            return
        run = getattr(scope, "run", None)
        task = None
        if run is not None:  # a part of a ForEachItem renders what that one says
            task = run.task.__dict__.get("owner", run.task).id
        _count(self.of(around.execution.flow).rendered, (task, template))

    # -- from one process to another

    def merge(self, other: "Coverage") -> None:
        """Add what another one has seen."""
        for place, hits in other.flows.items():
            known = self.flows.get(place)
            if known is None:
                known = self.flows[place] = Hits(hits.key)
            known.merge(hits)

    def take(self) -> "Coverage":
        """What was seen so far, for another process; here it begins anew, still recording."""
        taken = Coverage()
        taken.flows, self.flows = self.flows, {}
        return taken

    def as_data(self) -> dict[str, Any]:
        """All of it as JSON can hold it."""
        return {place: dict(_as_data(hits)) for place, hits in self.flows.items()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Coverage":
        """What `as_data` was made of."""
        made = cls()
        made.flows = {place: _from_data(one) for place, one in data.items()}
        return made


def _count(counted: dict[Any, int], key: object) -> None:
    counted[key] = counted.get(key, 0) + 1


def _as_data(hits: Hits) -> Iterator[tuple[str, Any]]:
    yield "key", list(hits.key)
    for name in _COUNTED:
        counted: dict[Any, int] = getattr(hits, name)
        yield (
            name,
            [
                [*(key if isinstance(key, tuple) else [key]), count]
                for key, count in counted.items()
            ],
        )


def _from_data(data: Mapping[str, Any]) -> Hits:
    namespace, flow = data["key"]
    made = Hits((namespace, flow))
    made.tasks = dict(data["tasks"])
    made.mocked = dict(data["mocked"])
    made.ways = {Way(task, name): count for task, name, count in data["ways"]}
    made.rendered = {(task, text): count for task, text, count in data["rendered"]}
    made.concluded = dict(data["concluded"])
    return made
