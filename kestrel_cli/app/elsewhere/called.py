"""Executions that the task runs of an execution start, and what these start, shown below them.

They are looked for from time to time while the first one is followed, and once more at its end:
what they log stands a moment later than it would here.
"""

import time
from collections.abc import Callable
from typing import Final

from kestrel_cli.app.elsewhere.place import Place
from kestrel_cli.app.elsewhere.showing import Showing, Told
from kestrel_cli.errors import NotThere, Unreachable
from kestrel_cli.model.flow import Flow
from kestrel_cli.server.called import calling_run, may_call, started_by
from kestrel_cli.server.documents import Document
from kestrel_cli.server.executions import get
from kestrel_cli.server.logs import Heard, entries
from kestrel_cli.server.mirror import Mirror
from kestrel_cli.server.progress import Newest

FlowOf = Callable[[str, str], Flow | None]

_EVERY: Final = 2.0  # seconds between two looks
_AT_ONCE: Final = 20  # executions that are asked for at one look
_MOST: Final = 10_000


class _Child:
    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self.heard = Heard()
        self.newest = Newest()
        self.newest.passes(mirror.picture)
        self.is_whole = False


class Called:
    """What an execution has started. `flow_of` gives our flow of a namespace and id."""

    def __init__(
        self,
        place: Place,
        root: Mirror,
        showing: Showing,
        flow_of: FlowOf = lambda *_: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._place = place
        self._root = root
        self._showing = showing
        self._flow_of = flow_of
        self._clock = clock
        self._children: dict[str, _Child] = {}
        self._looked = clock()

    def look(self) -> None:
        """Look for news when it is time; a server in trouble is left alone."""
        now = self._clock()
        if now - self._looked < _EVERY or not may_call(self._root):
            return
        self._looked = now
        try:
            self._find(most=_AT_ONCE)
        except Unreachable:
            return  # the end asks again

    def finish(self) -> None:
        """All there is to know. Raises ServerError."""
        self._find(most=_MOST)

    def _find(self, most: int) -> None:
        """New ones, and what is new of those that run, each behind the one that started it."""
        callers = [self._root]
        left = most
        while callers:
            caller = callers.pop(0)
            if not may_call(caller):
                continue
            for document in started_by(self._place.server, caller):
                child = self._children.get(str(document.get("id")))
                if child is None:
                    child = self._adopted(document, caller)
                if child is None:
                    continue
                callers.append(child.mirror)
                if not child.is_whole and left > 0:
                    left -= 1
                    self._refresh(child)

    def _adopted(self, document: Document, caller: Mirror) -> _Child | None:
        """A new one in its place; None when the task run that started it is not known yet."""
        name = str(document.get("id"))
        if name == self._root.execution.id or len(self._children) >= _MOST:
            return None
        flow = self._flow_of(str(document.get("namespace")), str(document.get("flowId")))
        try:
            whole = get(self._place.server, name)
        except NotThere:  # it was deleted meanwhile
            return None
        mirror = Mirror(whole, flow, self._root.execution.masker)
        mirror.execution.elsewhere = self._place.options
        if not caller.adopt(calling_run(document, caller), mirror):
            return None
        child = self._children[name] = _Child(mirror)
        above = caller.execution
        number = next(run for run, below in above.called.items() if mirror.execution in below)
        self._showing.started(mirror.execution, above, number)
        self._tell(child, list(mirror.first))
        return child

    def _refresh(self, child: _Child) -> None:
        """Its newest picture and its log."""
        mirror = child.mirror
        told: list[Told] = []
        had_ended = mirror.has_ended
        try:
            document = get(self._place.server, mirror.execution.id)
        except NotThere:
            child.is_whole = True
            return
        if child.newest.passes(document):
            told += mirror.take(document)
        self._tell(child, told)
        child.is_whole = had_ended or mirror.has_ended

    def _tell(self, child: _Child, told: list[Told]) -> None:
        mirror = child.mirror
        listed = entries(self._place.server, mirror.execution.id)
        told += mirror.hear(child.heard.of_all(listed))
        told += mirror.freed(last=mirror.has_ended)
        self._showing.tell(mirror.execution, told)
