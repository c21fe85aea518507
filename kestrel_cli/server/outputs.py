"""Outputs of executions on servers that keep them apart, put back where older ones have them.

From 2.0 on an execution comes without the outputs of the flow and of its task runs, and its task
runs without what they share with it. A list says which task runs have outputs; each is asked for.
"""

from typing import Any

from kestrel_cli.errors import NotThere
from kestrel_cli.server.connection import Connection


def with_outputs(server: Connection, document: dict[str, Any]) -> dict[str, Any]:
    """The execution in the one shape that all versions have here. Raises ServerError."""
    runs = [one for one in document.get("taskRunList") or () if isinstance(one, dict)]
    if not server.surface.outputs_apart and not (_is_unknown(server) and _lack_outputs(runs)):
        return document
    execution = str(document.get("id"))
    for run in runs:
        run.setdefault("executionId", execution)
        run.setdefault("namespace", document.get("namespace"))
        run.setdefault("flowId", document.get("flowId"))
    if not document.get("outputs"):
        found = _first(server, ("executions", execution), (execution,))
        if isinstance(found, dict) and found:
            document["outputs"] = found
    having = _having(server, execution)
    for run in runs:
        name = str(run.get("id"))
        if run.get("outputs"):
            continue
        if having is None or name in having:
            found = _first(server, ("tasks", execution, name), (execution, name))
            run["outputs"] = found if isinstance(found, dict) else {}
        else:
            run["outputs"] = {} if run.get("attempts") else None
    return document


def _is_unknown(server: Connection) -> bool:
    return server.surface.version is None


def _lack_outputs(runs: list[dict[str, Any]]) -> bool:
    """Whether they were left out: older versions always write them, null too."""
    return any("outputs" not in run for run in runs)


def _having(server: Connection, execution: str) -> set[str] | None:
    """The ids of the task runs that have outputs; None when the server does not say."""
    try:
        listed = server.fetch_list(server.path("outputs", "tasks", execution))
    except NotThere:
        return None
    return {str(one.get("taskRunId")) for one in listed if isinstance(one, dict)}


def _first(server: Connection, *places: tuple[str, ...]) -> object:
    """What stands at the first of these places that there is: they moved before the release."""
    for place in places:
        try:
            return server.fetch_map(server.path("outputs", *place))
        except NotThere:
            continue
    return None
