"""Coverage as Cobertura XML, which GitLab, Azure and Jenkins show: a package for each namespace, a
class for each flow.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final
from xml.sax.saxutils import quoteattr

from kestrel_cli.model.coverage import CoverageReport, FlowCoverage, Share
from kestrel_cli.reporters.clean import one_line
from kestrel_cli.version import __version__

_BEYOND: Final = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}  # prints nowhere, and is not XML


def cobertura(report: CoverageReport, *, at: int, root: str = ".") -> str:
    """The whole document. `at` is the moment in microseconds since 1970, `root` the folder that
    names of files are relative to.
    """
    return "".join(f"{line}\n" for line in _document(report, at, root))


def _document(report: CoverageReport, at: int, root: str) -> Iterator[str]:
    lines, branches = report.line_share, report.share("branch")
    counted = (
        f'lines-covered="{lines.reached}" lines-valid="{lines.whole}" '
        f'branches-covered="{branches.reached}" branches-valid="{branches.whole}"'
    )
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield ('<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">')
    yield (
        f'<coverage {_rates([lines], [branches])} {counted} complexity="0" '
        f'version={_attribute(f"kestrel {__version__}")} timestamp="{at // 1000}">'
    )
    yield f"  <sources><source>{_attribute(root)[1:-1]}</source></sources>"
    yield "  <packages>"
    packages: dict[str, list[FlowCoverage]] = defaultdict(list)
    for one in report.flows:
        packages[one.namespace].append(one)
    for namespace, flows in packages.items():
        yield from _package(namespace, flows)
    yield "  </packages>"
    yield "</coverage>"


def _package(namespace: str, flows: list[FlowCoverage]) -> Iterator[str]:
    rates = _rates((one.line_share for one in flows), (one.share("branch") for one in flows))
    yield f'    <package name={_attribute(namespace)} {rates} complexity="0">'
    yield "      <classes>"
    for one in flows:
        rates = _rates([one.line_share], [one.share("branch")])
        named = f"name={_attribute(one.id)} filename={_attribute(one.file)}"
        yield f'        <class {named} {rates} complexity="0">'
        yield "          <methods/>"
        yield "          <lines>"
        yield from _lines(one)
        yield "          </lines>"
        yield "        </class>"
    yield "      </classes>"
    yield "    </package>"


def _lines(one: FlowCoverage) -> Iterator[str]:
    ways: dict[int, list[int]] = defaultdict(list)
    for point in one.points:
        if point.kind == "branch":
            ways[point.line].append(point.hits)
    for line in sorted(one.lines.keys() | ways.keys()):
        hits = one.lines.get(line, sum(ways[line]) if line in ways else 0)
        head = f'            <line number="{line}" hits="{hits}"'
        if line not in ways:
            yield f'{head} branch="false"/>'
            continue
        share = Share(sum(count > 0 for count in ways[line]), len(ways[line]))
        said = f"{int(share.percent)}% ({share.reached}/{share.whole})"
        yield f'{head} branch="true" condition-coverage="{said}"/>'


def _rates(lines: Iterable[Share], branches: Iterable[Share]) -> str:
    return f'line-rate="{_rate(lines)}" branch-rate="{_rate(branches)}"'


def _rate(shares: Iterable[Share]) -> str:
    """Downwards, to four digits: 1 only when nothing is missing."""
    listed = list(shares)
    reached, whole = sum(one.reached for one in listed), sum(one.whole for one in listed)
    return f"{reached * 10_000 // whole / 10_000:g}" if whole else "1"


def _attribute(text: str) -> str:
    return quoteattr(one_line(text).translate(_BEYOND))
