"""Executions on a server: found by their id, listed, read as a whole with what they started."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Final

from kestrel_cli.app.elsewhere.place import Place
from kestrel_cli.app.elsewhere.showing import Showing, Told
from kestrel_cli.app.history import LAST
from kestrel_cli.errors import FlowFileError, NothingMatched, NotThere, ServerError
from kestrel_cli.flowfile.loader import load_bytes
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.history import Summary
from kestrel_cli.reporters.base import Reporter
from kestrel_cli.reporters.family import callers
from kestrel_cli.server.called import FlowOf, with_called
from kestrel_cli.server.documents import Document, summary_of
from kestrel_cli.server.executions import Wanted, get, search
from kestrel_cli.server.flows import stored
from kestrel_cli.server.logs import entries
from kestrel_cli.server.mirror import Mirror

_WHOLE: Final = 22  # letters of an id
_PAGE: Final = 100
_ENOUGH: Final = 500  # executions among which the beginning of an id is looked for


def found(place: Place, name: str) -> Document:
    """The execution of this id, or whose id begins so among the latest; `last` and `-` name the one
    that was started last. Raises NothingMatched, ServerError.
    """
    server = place.server
    if name in LAST:
        latest = search(server, Wanted(size=1))
        if not latest:
            raise NothingMatched(f"there is no last execution: nothing ran on {place.host}")
        return get(server, str(latest[0].get("id")))
    if len(name) < _WHOLE:
        begun = [one for one in _ids(place) if one.startswith(name)] if name else []
        if len(begun) > 1:
            names = ", ".join(begun[:5])
            raise NothingMatched(f"more than one execution begins with `{name}`: {names}")
        name = begun[0] if begun else name
    try:
        return get(server, name)
    except NotThere as error:
        hint = f"`kestrel executions list {place.options}` shows those that are there"
        raise NotThere(str(error), error.hint or hint, error.status) from None


def _ids(place: Place) -> list[str]:
    return [str(one.get("id")) for one in _latest(place, None, None, _ENOUGH)]


def listed(place: Place, flow: str | None, limit: int) -> list[Summary]:
    """The latest executions; of a flow, `id` or `namespace.id`. Raises ServerError."""
    namespace, _, name = (flow or "").rpartition(".")
    documents = _latest(place, namespace or None, name or None, limit)
    return [summary_of(one, place.host) for one in documents]


def _latest(place: Place, namespace: str | None, flow: str | None, limit: int) -> list[Document]:
    found: dict[str, Document] = {}
    page = 1
    while len(found) < limit:
        size = min(limit, _PAGE)
        some = search(place.server, Wanted(namespace, flow, size=size, page=page))
        before = len(found)
        found |= {str(one.get("id")): one for one in some}
        if len(some) < size or len(found) == before:
            break
        page += 1
    return list(found.values())[:limit]


def flows_there(place: Place) -> FlowOf:
    """Finds the flows of a server as they are there, each asked for once; None for one that it does
    not have, or that can't be read here.
    """

    @cache
    def flow_of(namespace: str, name: str) -> Flow | None:
        return _flow(place, namespace, name, None)

    return flow_of


def flow_as_it_was(place: Place, document: Document) -> Flow | None:
    """The flow of an execution in its revision, if it can be had and read here."""
    revision = document.get("flowRevision")
    number = revision if isinstance(revision, int) else None
    return _flow(place, str(document.get("namespace")), str(document.get("flowId")), number)


def _flow(place: Place, namespace: str, name: str, revision: int | None) -> Flow | None:
    with suppress(ServerError, FlowFileError):
        there = stored(place.server, namespace, name, revision)
        if there is not None:
            return load_bytes(there.source.encode(), f"{namespace}.{name}").flow
    return None


def told_whole(place: Place, document: Document, reporters: Sequence[Reporter]) -> Mirror:
    """Tell reporters all that an execution did until now, and what it started; nobody is told that
    this was all. Raises ServerError.
    """
    mirror = Mirror(document, flow_as_it_was(place, document))
    execution = mirror.execution
    execution.elsewhere = place.options
    showing = Showing(reporters)
    showing.started(execution, None, None)
    _tell_all(place, mirror, showing)
    below = with_called(place.server, mirror, flows_there(place))
    above = callers(execution)
    for one in below:
        one.execution.elsewhere = place.options
        parent, run = above[one.execution.id]
        showing.started(one.execution, parent, run)
        _tell_all(place, one, showing)
    return mirror


def _tell_all(place: Place, mirror: Mirror, showing: Showing) -> None:
    lines = mirror.hear(entries(place.server, mirror.execution.id))
    told: list[Told] = [*mirror.first, *lines, *mirror.freed(last=True)]
    showing.tell(mirror.execution, told)


def last_moment(place: Place, document: Document) -> int:
    """The moment of the latest thing that is known of an execution. Raises ServerError."""
    mirror = Mirror(document)
    lines = entries(place.server, mirror.execution.id)
    return max([one.at for one in (*mirror.first, *lines)] or [0])
