"""How much of flows was reached, for people: a table, and below each flow what nothing reached."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from kestrel_cli.model.coverage import CoverageReport, FlowCoverage, Share
from kestrel_cli.reporters.cells import cells
from kestrel_cli.reporters.clean import one_line

Line = list[tuple[str, str]]  # (role, text), left to right

_HEADS: Final = ("flow", "tasks", "branches", "expressions", "%")
_GAP: Final = "  "
_MOST: Final = 100  # things of a flow that nothing reached
_GOOD: Final = 80.0


def coverage_text(report: CoverageReport, *, never: bool = True) -> Iterator[Line]:
    """The lines of the table, and with `never` those below each flow: line, and what stands there.
    A percentage is 100 only when nothing is missing.
    """
    rows = [_row(one) for one in report.flows]
    total = ["total", *_shares(report), _whole(report.percent)]
    widths = [max(map(cells, column)) for column in zip(_HEADS, *rows, total, strict=True)]
    yield _line(_HEADS, ["dim"] * len(_HEADS), widths)
    for one, row in zip(report.flows, rows, strict=True):
        yield _line(row, ["name", "plain", "plain", "plain", _role(one.share())], widths)
        if never:
            yield from _never(one)
    if len(report.flows) != 1:
        yield _line(total, ["name", "plain", "plain", "plain", _role(report.share())], widths)


def _row(one: FlowCoverage) -> list[str]:
    return [one_line(f"{one.namespace}.{one.id}"), *_shares(one), _whole(one.share().percent)]


def _shares(of: FlowCoverage | CoverageReport) -> Iterator[str]:
    tasks = _share(of.share("task"))
    yield f"{tasks} ({of.mocked} only mocked)" if of.mocked else tasks
    yield _share(of.share("branch"))
    yield _share(of.share("expression"))


def _share(one: Share) -> str:
    return f"{one.reached}/{one.whole}" if one.whole else "-"


def _whole(percent: float) -> str:
    return f"{int(percent)}"  # downwards, so that 99.9 is no 100


def _role(one: Share) -> str:
    if one.reached == one.whole:
        return "ok"
    return "warning" if one.percent >= _GOOD else "failed"


def _line(texts: Sequence[str], roles: Sequence[str], widths: Sequence[int]) -> Line:
    line: Line = []
    last = len(texts) - 1
    for at, (text, role, width) in enumerate(zip(texts, roles, widths, strict=True)):
        pad = " " * (width - cells(text))
        line.append((role, f"{_GAP if at else ''}{pad + text if at == last else text + pad}"))
    return line


def _never(one: FlowCoverage) -> Iterator[Line]:
    found = one.never()
    width = len(str(max((point.line for point in one.points), default=0)))
    for number, point in enumerate(islice(found, _MOST)):
        head = "  never: " if not number else "         "
        place = f"{point.line:>{width}}"
        yield [("dim", head), ("path", place), ("plain", f" {one_line(point.label)}")]
    if more := sum(1 for _ in found):
        yield [("dim", f"         and {more} more")]
