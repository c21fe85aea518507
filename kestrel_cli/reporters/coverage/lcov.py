"""Coverage in the tracefile format of lcov, which most services and editors read.

Tasks are its functions, ways are its branches, and a line of a task was executed as often as the
task was.
"""

from collections import Counter
from collections.abc import Iterator

from kestrel_cli.model.coverage import CoverageReport, FlowCoverage, Point, Share
from kestrel_cli.reporters.clean import one_line


def lcov(report: CoverageReport) -> str:
    """A record for each flow file."""
    return "".join(f"{line}\n" for one in report.flows for line in _record(one))


def _record(one: FlowCoverage) -> Iterator[str]:
    yield "TN:"
    yield f"SF:{one_line(one.file)}"
    tasks = [point for point in one.points if point.kind == "task"]
    yield from (f"FN:{point.line},{point.what}" for point in tasks)
    yield from (f"FNDA:{point.hits},{point.what}" for point in tasks)
    yield from _found("FN", one.share("task"))
    yield from _branches([point for point in one.points if point.kind == "branch"])
    yield from _found("BR", one.share("branch"))
    yield from (f"DA:{line},{hits}" for line, hits in sorted(one.lines.items()))
    yield from _found("L", one.line_share)
    yield "end_of_record"


def _branches(points: list[Point]) -> Iterator[str]:
    decided = {point.task for point in points if point.hits}
    numbers: Counter[int] = Counter()
    for point in points:
        looked_at = point.known or point.task in decided
        taken = str(point.hits) if looked_at else "-"
        yield f"BRDA:{point.line},0,{numbers[point.line]},{taken}"
        numbers[point.line] += 1


def _found(kind: str, share: Share) -> Iterator[str]:
    yield f"{kind}F:{share.whole}"
    yield f"{kind}H:{share.reached}"
