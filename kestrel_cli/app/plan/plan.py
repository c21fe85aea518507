"""The use case "plan": the preflight and the tree, executing nothing."""

from typing import Any, Final

from kestrel_cli.app.plan.nodes import Branch, FlowNode, Node, Planner
from kestrel_cli.app.preflight.finding import Finding
from kestrel_cli.app.preflight.gather import what_stops
from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.run import bounded, restricted
from kestrel_cli.model.record import record

SCHEMA_VERSION: Final = 1


@record
class Plan:
    """What stands in the way of a run, what only may, and what would run."""

    stopping: list[Finding]
    possible: list[Finding]
    flow: FlowNode

    @property
    def exit_code(self) -> int:
        """What `run` would end with before anything runs; 0: it would begin."""
        return min((one.exit_code for one in self.stopping), default=0)


def plan(request: RunRequest) -> Plan:
    """The plan of a request. Raises UsageError, CannotStart."""
    covers = restricted(request)
    with bounded(request):
        found = what_stops(request, covers, foresee=True)
        tree = Planner(request, covers).plan()
    stopping = [one for one in found if one.stops]
    return Plan(stopping, [one for one in found if not one.stops], tree)


def document(plan: Plan) -> dict[str, Any]:
    """The plan as data."""
    return {
        **_flow(plan.flow),
        "stopping": [_finding(one) for one in plan.stopping],
        "possible": [_finding(one) for one in plan.possible],
        "exitCode": plan.exit_code,
        "schemaVersion": SCHEMA_VERSION,
    }


def _finding(one: Finding) -> dict[str, Any]:
    where = one.where
    told = {
        "kind": one.kind,
        "message": one.message,
        "file": where.file if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
        "hint": one.hint,
        "mock": one.mock,
    }
    return {name: value for name, value in told.items() if value is not None}


def _flow(node: FlowNode) -> dict[str, Any]:
    flow = node.flow
    return {
        "namespace": flow.namespace,
        "flowId": flow.id,
        "file": flow.where.file,
        "branches": [_branch(one) for one in node.branches],
    }


def _branch(branch: Branch) -> dict[str, Any]:
    told: dict[str, Any] = {"block": branch.block, "taken": branch.taken}
    if branch.value is not None:
        told["value"] = branch.value
    return {**told, "tasks": [_task(one) for one in branch.tasks]}


def _task(node: Node) -> dict[str, Any]:
    task = node.task
    told = {
        "id": task.id,
        "type": task.type,
        "line": task.where.line,
        "properties": node.properties,
        "open": node.open or None,
        "mocked": node.mocked or None,
        "runIf": node.run_if,
        "skipped": node.skipped or None,
        "allowFailure": task.allowFailure or None,
        "timeout": node.timeout,
        "retry": node.retry,
        "values": node.values,
        "branches": [_branch(one) for one in node.branches] or None,
        "flow": None if node.flow is None else _flow(node.flow),
        "notShown": node.cut,
    }
    return {name: value for name, value in told.items() if value is not None}
