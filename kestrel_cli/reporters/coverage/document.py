"""Coverage as JSON: all that is known, for programs."""

import json
from typing import Any, Final

from kestrel_cli.model.coverage import CoverageReport, FlowCoverage, Point, Share


def coverage_json(report: CoverageReport) -> str:
    """The whole document."""
    return json.dumps(coverage_data(report), indent=2, ensure_ascii=False) + "\n"


def coverage_data(report: CoverageReport) -> dict[str, Any]:
    """The same as data."""
    return {
        "schemaVersion": 1,
        "percent": report.percent,
        **_shares(report),
        "flows": [_flow(one) for one in report.flows],
    }


def _flow(one: FlowCoverage) -> dict[str, Any]:
    return {
        "file": one.file,
        "namespace": one.namespace,
        "flow": one.id,
        "percent": one.share().percent,
        **_shares(one),
        "never": [
            {"line": point.line, "kind": point.kind, "what": point.label} for point in one.never()
        ],
        "points": [_point(point) for point in one.points],
        "lineHits": {str(line): hits for line, hits in sorted(one.lines.items())},
    }


def _shares(of: FlowCoverage | CoverageReport) -> dict[str, Any]:
    return {
        "tasks": {**_share(of.share("task")), "onlyMocked": of.mocked},
        "branches": _share(of.share("branch")),
        "expressions": _share(of.share("expression")),
        "lines": _share(of.line_share),
    }


def _share(one: Share) -> dict[str, Any]:
    return {"reached": one.reached, "all": one.whole, "percent": one.percent}


_NAMES: Final = {"branch": "way", "expression": "template"}


def _point(point: Point) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": point.kind, "line": point.line, "hits": point.hits}
    if point.kind == "task":
        return {**shown, "task": point.what, "mocked": point.mocked}
    return {**shown, "task": point.task, _NAMES[point.kind]: point.what}
