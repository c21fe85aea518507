"""Executions that the task runs of an execution have started, put below them at any depth."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from kestrel_cli.model.flow import Flow
from kestrel_cli.server.connection import Connection
from kestrel_cli.server.documents import Document
from kestrel_cli.server.executions import Wanted, get, search
from kestrel_cli.server.logs import entries
from kestrel_cli.server.mirror import Mirror, mirrored

_PAGE: Final = 100
_MOST: Final = 10_000  # executions below one: a ForEachItem may start as many


FlowOf = Callable[[str, str], Flow | None]  # our flow of a namespace and id


def with_called(
    server: Connection, root: Mirror, flow_of: FlowOf = lambda *_: None
) -> list[Mirror]:
    """Fetch what an execution has started and put it where it belongs; those that were found, each
    behind the one that started it. `flow_of` gives our flow of a namespace and id.

    Raises ServerError.
    """
    found: list[Mirror] = []
    known = {root.execution.id}
    todo = [root]
    while todo:
        caller = todo.pop(0)
        for document in started_by(server, caller):
            name = str(document.get("id"))
            if name in known or len(found) >= _MOST:
                continue
            known.add(name)
            flow = flow_of(str(document.get("namespace")), str(document.get("flowId")))
            masker = root.execution.masker
            one = mirrored(get(server, name), entries(server, name), flow, masker)
            if caller.adopt(task_run_of(document, caller), one):
                found.append(one)
                todo.append(one)
    return found


def started_by(server: Connection, caller: Mirror) -> Iterator[Document]:
    """The executions that task runs of an execution have started, the first ones first. Raises
    ServerError.
    """
    if not _may_call(caller):
        return
    for page in range(1, _MOST // _PAGE + 1):
        wanted = Wanted(
            started_by=caller.execution.id, size=_PAGE, page=page, sort="state.startDate:asc"
        )
        listed = search(server, wanted)
        yield from listed
        if len(listed) < _PAGE:
            return


def _may_call(caller: Mirror) -> bool:
    """Whether a task of it starts executions, as far as is known."""
    execution = caller.execution
    if not execution.flow.by_id:
        return bool(execution.runs)
    return any(run.task.executable for run in execution.runs)


def task_run_of(document: Document, caller: Mirror) -> str:
    """The id of the task run that started an execution; an empty one when that can't be told."""
    execution = caller.execution
    trigger = document.get("trigger") or {}
    variables: dict[str, Any] = trigger.get("variables") or {}
    told = variables.get("taskRunId")
    if told in execution.ids_of_runs:
        return str(told)
    named = [run for run in execution.runs if run.task.id == trigger.get("id")]
    for run in named:
        if (run.outputs or {}).get("executionId") == document.get("id"):
            return execution.run_id(run.number)
    return execution.run_id(named[0].number) if len(named) == 1 else ""
