"""An execution followed together with all that its task runs start, at any depth.

The execution itself is followed by streams; the others, of which there may be hundreds, are asked
for now and then, and once more at the end. Those that nobody waits for may run on after it.
"""

import time
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

from kestrel_cli.errors import Unreachable
from kestrel_cli.model.execution import Execution
from kestrel_cli.server.called import FlowOf, started_by, task_run_of
from kestrel_cli.server.connection import Connection
from kestrel_cli.server.documents import Document
from kestrel_cli.server.executions import get
from kestrel_cli.server.following import Following, Pace, Told, in_order
from kestrel_cli.server.logs import Heard, entries
from kestrel_cli.server.mirror import Mirror
from kestrel_cli.server.progress import Newest


class Happening(NamedTuple):
    """Something about an execution. `told` is None when it begins: then `parent` has started it, in
    its task run number `run`.
    """

    execution: Execution
    told: Told | None
    parent: Execution | None = None
    run: int | None = None


class _Member:
    """An execution that another one has started."""

    def __init__(self, server: Connection, mirror: Mirror) -> None:
        self.mirror = mirror
        self._server = server
        self._newest = Newest()
        self._newest.passes(mirror.picture)
        self._heard = Heard()
        self.is_done = False  # looked at once more after its end, for the rest of its log

    def look(self) -> list[Told]:
        """What has happened since the last look. Raises ServerError."""
        name, mirror = self.mirror.execution.id, self.mirror
        had_ended = mirror.has_ended
        document = get(self._server, name)
        # The log first: it says why attempts of the picture failed.
        found: list[Told] = [*mirror.hear(self._heard.of_all(entries(self._server, name)))]
        if self._newest.passes(document):
            found += mirror.take(document)
        found += mirror.freed()
        self.is_done = had_ended
        return in_order(found)


class Family:
    """Follows `root` and what it starts; used like a Following. `flow_of` gives our flow of a
    namespace and id.
    """

    def __init__(
        self,
        server: Connection,
        root: Mirror,
        pace: Pace | None = None,
        flow_of: FlowOf = lambda *_: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.is_over = False
        self.root = Following(server, root, pace, clock)
        self._server = server
        self._pace = pace or Pace()
        self._flow_of = flow_of
        self._clock = clock
        self._members: dict[str, _Member] = {}
        self._next_look = clock() + self._pace.poll

    def __enter__(self) -> Self:
        self.root.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.root.__exit__(kind, error, traceback)

    def news(self, within: float) -> list[Happening]:
        """What has happened; nothing when the time is over. Raises as `Following.news`."""
        execution = self.root.mirror.execution
        told = self.root.news(min(within, self._pace.poll))
        found = [Happening(execution, one) for one in told]
        if self.root.is_over:
            found += self._look()
            self.is_over = True
        elif self._clock() >= self._next_look:
            self._next_look = self._clock() + self._pace.poll
            try:
                found += self._look()
            except Unreachable as error:
                self.root.note_away(error)  # the end asks again
        return found

    def _look(self) -> list[Happening]:
        found: list[Happening] = []
        callers = [self.root.mirror, *(one.mirror for one in self._members.values())]
        while callers:
            caller = callers.pop(0)
            for document in started_by(self._server, caller):
                if str(document.get("id")) not in self._members:
                    new = self._born(document, caller)
                    if new is not None:
                        found.append(new)
                        callers.append(self._members[new.execution.id].mirror)
        for member in self._members.values():
            if not member.is_done:
                execution = member.mirror.execution
                found += [Happening(execution, one) for one in member.look()]
        return found

    def _born(self, document: Document, caller: Mirror) -> Happening | None:
        flow = self._flow_of(str(document.get("namespace")), str(document.get("flowId")))
        mirror = Mirror(_beginning(document), flow, caller.execution.masker)
        name = task_run_of(document, caller)
        if not caller.adopt(name, mirror):
            return None
        self._members[mirror.execution.id] = _Member(self._server, mirror)
        number = caller.execution.ids_of_runs.index(name)
        return Happening(mirror.execution, None, caller.execution, number)


def _beginning(document: Document) -> Document:
    """An execution as it was at first: what happened then is told with the log beside it."""
    histories = (document.get("state") or {}).get("histories") or []
    first = {"state": {"current": "CREATED", "histories": histories[:1]}, "outputs": None}
    return {name: one for name, one in document.items() if name != "taskRunList"} | first
