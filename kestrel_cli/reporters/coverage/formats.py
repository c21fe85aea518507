"""The formats that reports of coverage have, by the names that people type."""

from collections.abc import Callable
from typing import Final, NamedTuple

from kestrel_cli.model.coverage import CoverageReport
from kestrel_cli.reporters.coverage.cobertura import cobertura
from kestrel_cli.reporters.coverage.document import coverage_json
from kestrel_cli.reporters.coverage.lcov import lcov
from kestrel_cli.reporters.coverage.page import coverage_page


class Format(NamedTuple):
    """The file that is written when no other is named, and what is in it. The second argument is
    the moment, in microseconds since 1970.
    """

    file: str
    text: Callable[[CoverageReport, int], str]


FORMATS: Final = {
    "lcov": Format("coverage.lcov", lambda report, _: lcov(report)),
    "cobertura": Format("coverage.xml", lambda report, at: cobertura(report, at=at)),
    "html": Format("coverage.html", lambda report, _: coverage_page(report)),
    "json": Format("coverage.json", lambda report, _: coverage_json(report)),
}
