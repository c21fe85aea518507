"""The options of `kestrel test` about coverage: what cases reach is counted, shown and written."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from kestrel_cli.app.coverage.coverage import Coverage
from kestrel_cli.app.testing.collect import Collected
from kestrel_cli.cli.files import whole_file
from kestrel_cli.cli.test_output import Shown
from kestrel_cli.errors import UsageError
from kestrel_cli.model.test_results import CaseResult

_FORMATS: Final = ("lcov", "cobertura", "html", "json")


class Covering:
    """Counts what cases reach, when somebody asks for it. Raises UsageError for a report that there
    is not.
    """

    def __init__(self, *, wanted: bool, least: float | None, reports: Sequence[str]) -> None:
        self._least = least
        self._reports = [_report(one) for one in reports]
        self.coverage = Coverage() if wanted or least is not None or reports else None

    def recording(self) -> AbstractContextManager[None]:
        """While this lasts, what is rendered counts."""
        return nullcontext() if self.coverage is None else self.coverage.recording()

    def heard(self, _: Collected, result: CaseResult) -> None:
        """A case has ended."""
        if self.coverage is not None:
            self.coverage.add(result.execution)

    def end(self, collected: Sequence[Collected], shown: Shown) -> bool:
        """Show and write it; whether it is less than was asked for. Raises UsageError, StoreError
        for a file that can't be written.
        """
        if self.coverage is None:
            return False
        from kestrel_cli.app.testing.covered import coverage_of
        from kestrel_cli.reporters.coverage.formats import FORMATS
        from kestrel_cli.reporters.coverage.table import coverage_text

        report = coverage_of(collected, self.coverage)
        if shown.quiet < 2:
            shown.section(coverage_text(report, never=shown.quiet == 0))
        for name, file in self._reports:
            form = FORMATS[name]
            with whole_file(file or form.file, "--cov-report") as stream:
                assert stream is not None  # it has a name
                stream.write(form.text(report, time.time_ns() // 1000))
        if self._least is None or report.percent >= self._least:
            return False
        shown.lines(
            [[("failed", f"coverage is {report.percent:g} %, less than {self._least:g} %")]]
        )
        return True


def _report(said: str) -> tuple[str, str | None]:
    """`lcov`, or `lcov:FILE`."""
    name, colon, file = said.partition(":")
    if name not in _FORMATS:
        raise UsageError(f"`--cov-report {said}`: there are {', '.join(_FORMATS)}")
    return name, file if colon and file else None
