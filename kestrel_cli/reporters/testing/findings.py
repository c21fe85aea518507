"""What went wrong in tests as findings about lines of the suites, for annotations."""

from collections.abc import Iterator, Sequence

from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.model.test_results import CaseResult, SuiteResult


def findings(results: Sequence[SuiteResult]) -> list[Diagnostic]:
    """An error for each assertion that does not hold and each case that could not be judged, at its
    place in the suite.
    """
    return [one for suite in results for case in suite.cases for one in _of(suite.suite.id, case)]


def _of(suite: str, case: CaseResult) -> Iterator[Diagnostic]:
    name = f"{suite} > {case.case.id}"
    for error in case.errors:
        where = error.where or case.case.where
        details = f": {error.details}" if error.details else ""
        yield Diagnostic(
            "error", "test-error", f"{name}: {error.message}{details}", where, error.hint
        )
    for one in case.failed:
        message = f"{name}: {one.error_message}"
        yield Diagnostic("error", "assertion", message, one.assertion.where, one.note)
