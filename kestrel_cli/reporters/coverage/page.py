"""Coverage as one page of HTML that needs nothing else: the files of the flows, line by line."""

from collections import defaultdict
from collections.abc import Iterator
from html import escape
from typing import Final

from kestrel_cli.model.coverage import CoverageReport, FlowCoverage, Point, Share
from kestrel_cli.reporters.clean import one_line

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; }
.sums td, .sums th { padding: .15rem 1rem .15rem 0; text-align: left; }
.sums td:last-child, .sums th:last-child { text-align: right; }
.file { font: 13px/1.45 ui-monospace, monospace; width: 100%; }
.file td { padding: 0 .6rem; white-space: pre-wrap; overflow-wrap: anywhere; vertical-align: top; }
.file td:first-child, .file td:nth-child(2) { text-align: right; opacity: .65; width: 1%; \
white-space: nowrap; }
.file td:last-child { opacity: .8; width: 25%; }
.hit { background: #2da44e22; }
.part { background: #d4a72c33; }
.miss { background: #cf222e2e; }
"""


def coverage_page(report: CoverageReport, title: str = "Coverage of flows") -> str:
    """The whole page. Nothing in it is fetched, nothing runs."""
    return "\n".join(_page(report, title)) + "\n"


def _page(report: CoverageReport, title: str) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{_text(title)}: {_percent(report.share())}</h1>"
    yield '<table class="sums">'
    heads = ("flow", "file", "tasks", "only mocked", "branches", "expressions", "lines", "%")
    yield f"<tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>"
    for number, one in enumerate(report.flows):
        name = f'<a href="#flow-{number}">{_text(_name(one))}</a>'
        yield _sums(name, _text(one.file), one)
    yield f"{_sums('total', '', report)}\n</table>"
    for number, one in enumerate(report.flows):
        yield from _flow(number, one)
    yield "</body>\n</html>"


def _name(one: FlowCoverage) -> str:
    return f"{one.namespace}.{one.id}"


def _sums(name: str, file: str, of: FlowCoverage | CoverageReport) -> str:
    cells = (
        name,
        file,
        _share(of.share("task")),
        str(of.mocked),
        _share(of.share("branch")),
        _share(of.share("expression")),
        _share(of.line_share),
        _percent(of.share()),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _share(one: Share) -> str:
    return f"{one.reached}/{one.whole}"


def _percent(one: Share) -> str:
    return f"{one.percent:g} %"


def _flow(number: int, one: FlowCoverage) -> Iterator[str]:
    yield f'<h2 id="flow-{number}">{_text(_name(one))}: {_percent(one.share())}</h2>'
    yield f'<p>{_text(one.file)}</p>\n<table class="file">'
    points: dict[int, list[Point]] = defaultdict(list)
    for point in one.points:
        points[point.line].append(point)
    for line, text in enumerate(one.text.splitlines(), 1):
        yield _row(line, text, one.lines.get(line), points[line])
    yield "</table>"


def _row(line: int, text: str, hits: int | None, points: list[Point]) -> str:
    never = [point for point in points if not point.hits and point.known]
    told = [f"never: {point.label}" for point in never]
    told += [f"only mocked: {point.label}" for point in points if point.only_mocked]
    counted = "" if hits is None else f"{hits}x"
    look = _look(hits, never)
    said = "; ".join(told)
    kind = f' class="{look}"' if look else ""
    return (
        f"<tr{kind}><td>{line}</td><td>{counted}</td><td>{_text(text)}</td>"
        f"<td>{_text(said)}</td></tr>"
    )


def _look(hits: int | None, never: list[Point]) -> str:
    if hits:
        return "part" if never else "hit"
    return "miss" if hits == 0 or never else ""


def _text(text: str) -> str:
    return escape(one_line(text))
