"""Starting an execution once, whatever the network does.

Each start has a label of its own. When the answer is lost the execution is looked for by it, and
only when the server, asked several times, has none is it started again, with the same label. When
the server can't be asked either, or was silent and may still begin, nothing is started: the error
names the label.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kestrel_cli.errors import NothingMatched, ServerError, Unreachable, UsageError
from kestrel_cli.model.record import fresh, record
from kestrel_cli.server.answers import map_of
from kestrel_cli.server.asking import Asking, Query
from kestrel_cli.server.connection import Connection
from kestrel_cli.server.documents import Document
from kestrel_cli.server.executions import Wanted, search
from kestrel_cli.server.forms import form_of

LABEL: Final = "kestrel-run"
_STARTS: Final = 3
_LOOKS: Final = (0.2, 0.5, 1.0, 2.0, 2.0)  # seconds before each look for what may have begun
_SILENT: Final = "does not answer"  # how the wire says that time is over
_SYSTEM: Final = "system."


@record
class Start:
    """What is to be started. A Path among the inputs is a file that is sent."""

    namespace: str
    flow: str
    inputs: Mapping[str, object] = fresh(factory=dict)
    labels: Sequence[tuple[str, str]] = ()
    revision: int | None = None
    breakpoints: Sequence[str] = ()
    kind: str | None = None
    mark: str = ""  # the value of its own label; made when it is empty


def start(server: Connection, wanted: Start) -> Document:
    """The execution that was started, as the server has it at first: its `url` is in there only.

    Raises ServerError, InputError; UsageError for labels that a server refuses.
    """
    mark = wanted.mark or secrets.token_hex(8)
    query = _query(wanted, mark)
    path = server.path("executions", wanted.namespace, wanted.flow)
    form = form_of(wanted.inputs)
    for tried in range(1, _STARTS + 1):
        try:
            return map_of(server.form("POST", path, form, query), server.context)
        except Unreachable as error:
            found = _found(server.asking, server, wanted, mark, error)
            if found is not None:
                return found
            if tried == _STARTS or _SILENT in str(error):
                raise _unknown(error, mark) from None
    raise AssertionError("the last try returns or raises")


def _query(wanted: Start, mark: str) -> Query:
    for name, _ in wanted.labels:
        if name.startswith(_SYSTEM):
            raise UsageError(f"the label `{name}`: a server refuses labels that begin with system.")
        if not name or ":" in name:
            raise UsageError(f"the label `{name}`: a server takes no name with a colon in it")
    labels = [*wanted.labels, (LABEL, mark)]
    query = [("labels", f"{name}:{value}") for name, value in labels]
    if wanted.revision is not None:
        query.append(("revision", str(wanted.revision)))
    if wanted.breakpoints:
        query.append(("breakpoints", ",".join(wanted.breakpoints)))
    if wanted.kind is not None:
        query.append(("kind", wanted.kind))
    return tuple(query)


def _found(
    asking: Asking, server: Connection, wanted: Start, mark: str, lost: ServerError
) -> dict[str, Any] | None:
    """What has begun although its answer was lost: the first one, should there be more."""
    for wait in _LOOKS:
        asking.pause(wait)
        try:
            found = search(server, _marked(wanted, mark))
        except ServerError:
            raise _unknown(lost, mark) from None
        if found:
            return found[-1]
    return None


def _marked(wanted: Start, mark: str) -> Wanted:
    return Wanted(wanted.namespace, wanted.flow, labels={LABEL: mark})


def _unknown(error: ServerError, mark: str) -> Unreachable:
    return Unreachable(
        f"{error}; whether the execution has begun is not known",
        f"before it is started again: has the server one with the label `{LABEL}: {mark}`?",
        error.status,
    )


def by_mark(server: Connection, wanted: Start) -> Document:
    """The execution of a start that was made before. Raises NothingMatched, ServerError."""
    found = search(server, _marked(wanted, wanted.mark))
    if not found:
        raise NothingMatched(f"{server.host} has no execution with `{LABEL}: {wanted.mark}`")
    return found[-1]
