"""What rehearsals of flows have reached: tasks, branches, expressions."""

from typing import NamedTuple

from kestrel_cli.app.coverage.coverage import Coverage
from kestrel_cli.app.coverage.measure import measured
from kestrel_cli.app.coverage.ways import Way
from kestrel_cli.app.rehearsal.branches import Branch, is_walked
from kestrel_cli.model.coverage import Kind, Point
from kestrel_cli.model.flow import Flow


class Never(NamedTuple):
    """Something that no run has reached, and where it stands."""

    kind: str
    what: str
    file: str
    line: int


class Covered(NamedTuple):
    """Reached and all, of each kind; what never was, in file order."""

    tasks: tuple[int, int]
    branches: tuple[int, int]
    expressions: tuple[int, int]
    never: list[Never]


def covered(coverage: Coverage, flows: list[Flow]) -> Covered:
    """How much of these flows was reached, of what a rehearsal walks."""
    found = [measured(flow, "", coverage.of(flow), is_walked) for flow in flows]
    points = [(flow, point) for flow, one in zip(flows, found, strict=True) for point in one.points]
    never = [
        Never(point.kind, _what(flow, point), flow.where.file, point.line)
        for flow, point in points
        if not point.hits and (point.known or point.kind == "branch")
    ]

    def share(kind: Kind) -> tuple[int, int]:
        shares = [one.share(kind) for one in found]
        return sum(one.reached for one in shares), sum(one.whole for one in shares)

    return Covered(share("task"), share("branch"), share("expression"), never)


def took(coverage: Coverage, flow: Flow, branch: Branch) -> bool:
    """Whether a run has gone this way."""
    return Way(branch.task, branch.way) in coverage.of(flow).ways


def _what(flow: Flow, point: Point) -> str:
    if point.kind == "branch":
        return str(Branch((flow.namespace, flow.id), point.task, point.what))
    shown = " ".join(point.what.split())
    return f"`{shown[:80]}`"
