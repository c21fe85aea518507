"""Executions on a server: read, found, and acted on. Starting one is `starting`'s."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from kestrel_cli.errors import NotThere, RenderError
from kestrel_cli.model.record import fresh, record
from kestrel_cli.server.answers import Answer, map_of
from kestrel_cli.server.asking import Query
from kestrel_cli.server.connection import Connection, is_bare, json_body
from kestrel_cli.server.documents import Document, labels_of
from kestrel_cli.server.forms import form_of
from kestrel_cli.server.outputs import with_outputs
from kestrel_cli.web.bodies import Bytes
from kestrel_cli.web.message import Body

# The first version whose searches take filters; older ones have a parameter for each field.
FILTERS: Final = (0, 23)
_TEXT: Final = "text/plain"


@record
class Wanted:
    """Which executions a search is for. `labels` have all to be there; `started_by` is the
    execution whose tasks have started them.
    """

    namespace: str | None = None
    flow: str | None = None
    states: tuple[str, ...] = ()
    labels: Mapping[str, str] = fresh(factory=dict)
    started_by: str | None = None
    size: int = 50
    page: int = 1
    sort: str = "state.startDate:desc"


def get(server: Connection, execution: str) -> Document:
    """One execution with its outputs. Raises NotThere, ServerError."""
    with _named(server, execution):
        return with_outputs(server, server.fetch_map(server.path("executions", execution)))


def search(server: Connection, wanted: Wanted) -> list[Document]:
    """One page of those that are wanted, the latest first; without task runs on some versions.

    A server that does not know a parameter ignores it, so what comes is looked at again.
    """
    found = server.fetch_map(server.path("executions", "search"), _parameters(server, wanted))
    results = found.get("results")
    documents = results if isinstance(results, list) else []
    return [one for one in documents if isinstance(one, dict) and _fits(one, wanted)]


@contextmanager
def _named(server: Connection, execution: str) -> Iterator[None]:
    """Say which execution is not there, where the server does not."""
    try:
        yield
    except NotThere as error:
        if not is_bare(error):
            raise
        words = f"{server.host} has no execution `{execution}`"
        raise NotThere(words, error.hint, error.status) from None


def _act(
    server: Connection,
    method: str,
    execution: str,
    action: tuple[str, ...],
    query: Query = (),
    body: Body | None = None,
    content_type: str | None = None,
    *,
    safe: bool = False,
) -> Answer:
    with _named(server, execution):
        paths = server.surface.actions(execution, *action)
        return server.act(method, paths, query, body, content_type, safe=safe)


def _parameters(server: Connection, wanted: Wanted) -> Query:
    version = server.surface.version
    fields = [
        ("namespace", wanted.namespace),
        ("flowId", wanted.flow),
        ("triggerExecutionId", wanted.started_by),
    ]
    page = (("page", str(wanted.page)), ("size", str(wanted.size)), ("sort", wanted.sort))
    if version is not None and version < FILTERS:
        old = [(name, value) for name, value in fields if value is not None]
        old += [("state", state) for state in wanted.states]
        old += [("labels", f"{name}:{value}") for name, value in wanted.labels.items()]
        return (*old, *page)
    new = [(f"filters[{name}][EQUALS]", value) for name, value in fields if value is not None]
    if wanted.states:
        new.append(("filters[state][IN]", ",".join(wanted.states)))
    new += [(f"filters[labels][EQUALS][{name}]", value) for name, value in wanted.labels.items()]
    return (*new, *page)


def _fits(document: Document, wanted: Wanted) -> bool:
    labels = dict(labels_of(document))
    state = (document.get("state") or {}).get("current")
    trigger = document.get("trigger") or {}
    starter = (trigger.get("variables") or {}).get("executionId", wanted.started_by)
    return (
        (wanted.flow in (None, document.get("flowId")))
        and wanted.started_by in (None, starter)
        and (not wanted.states or state in wanted.states)
        and all(labels.get(name) == value for name, value in wanted.labels.items())
    )


# -- actions


def kill(server: Connection, execution: str) -> None:
    """Ask for its end, and for that of what it has started; of one that has ended nothing is asked.

    Raises NotThere, Conflict, ServerError.
    """
    _act(server, "DELETE", execution, ("kill",), safe=True)


def restart(server: Connection, execution: str, revision: int | None = None) -> Document:
    """Have what failed run again. Raises NotThere, Conflict, ServerError."""
    asked: Query = () if revision is None else (("revision", str(revision)),)
    answer = _act(server, "POST", execution, ("restart",), asked)
    return map_of(answer, server.context)


def replay(
    server: Connection,
    execution: str,
    *,
    task_run: str | None = None,
    revision: int | None = None,
    inputs: Mapping[str, object] | None = None,
) -> Document:
    """Have it run again as a new execution, from a task run or from the beginning. `inputs` are all
    there are: those of the execution are not taken over. Raises NotThere, Conflict, ServerError.
    """
    fields = (("taskRunId", task_run), ("revision", None if revision is None else str(revision)))
    asked = tuple((name, value) for name, value in fields if value is not None)
    if inputs is None:
        answer = _act(server, "POST", execution, ("replay",), asked)
        return map_of(answer, server.context)
    form = form_of(inputs)
    action = ("replay-with-inputs",)
    answer = _act(server, "POST", execution, action, asked, form, form.content_type)
    return map_of(answer, server.context)


def resume(server: Connection, execution: str, inputs: Mapping[str, object]) -> None:
    """Let a paused execution go on. Raises NotThere, Conflict, ServerError."""
    form = form_of(inputs)
    _act(server, "POST", execution, ("resume",), (), form, form.content_type)


def resume_from_breakpoint(server: Connection, execution: str) -> None:
    """Let one go on that stands at a breakpoint. Raises NotThere, Conflict, ServerError."""
    _act(server, "POST", execution, ("resume-from-breakpoint",))


def pause(server: Connection, execution: str) -> None:
    """Hold it once its task runs have ended. Raises NotThere, ServerError."""
    _act(server, "POST", execution, ("pause",), safe=True)


def label(server: Connection, execution: str, labels: Iterable[tuple[str, str]]) -> None:
    """Give more labels to an execution that has ended. Raises NotThere, ServerError."""
    body = json_body([{"key": key, "value": value} for key, value in labels])
    _act(server, "POST", execution, ("labels",), (), body, "application/json", safe=True)


def evaluate(
    server: Connection, execution: str, expression: str, task_run: str | None = None
) -> str:
    """An expression as it is in an execution, or in a task run of it. Raises RenderError with the
    words of the server, NotThere, ServerError.
    """
    below = ("eval",) if task_run is None else ("eval", task_run)
    body = Bytes(expression.encode())
    answer = _act(server, "POST", execution, below, (), body, _TEXT, safe=True)
    found = map_of(answer, server.context)
    if isinstance(found.get("error"), str):
        raise RenderError(found["error"])
    result = found.get("result")
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)


def check_inputs(
    server: Connection, namespace: str, flow: str, inputs: Mapping[str, object]
) -> list[str]:
    """What the server finds wrong with the inputs of a flow, a sentence for each. Raises
    ServerError.
    """
    path = server.path("executions", namespace, flow, "validate")
    return _problems(server, [path], inputs)


def check_resume(server: Connection, execution: str, inputs: Mapping[str, object]) -> list[str]:
    """The same for the inputs with which a paused execution is to go on."""
    return _problems(server, server.surface.actions(execution, "resume", "validate"), inputs)


def _problems(server: Connection, paths: list[str], inputs: Mapping[str, object]) -> list[str]:
    form = form_of(inputs)
    try:
        answer = server.act("POST", paths, (), form, form.content_type, safe=True)
    except NotThere as error:
        if is_bare(error):
            return []  # versions without this check: the start tells
        raise
    found = map_of(answer, server.context).get("inputs")
    return [
        str(error.get("message"))
        for one in (found if isinstance(found, list) else ())
        if isinstance(one, dict)
        for error in one.get("errors") or ()
        if isinstance(error, dict)
    ]


def flow_of(server: Connection, execution: str) -> Document:
    """The flow as it was for an execution, without what its tasks do. Raises ServerError."""
    return server.fetch_map(server.path("executions", execution, "flow"))
