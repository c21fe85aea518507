"""Tests as JUnit XML: a `testsuite` for each suite; a case has a `failure` with the assertions that
do not hold, or an `error` with these and the reasons why it could not be judged.
"""

from collections.abc import Iterator, Sequence
from typing import TextIO

from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.test_results import (
    AssertionResult,
    CaseError,
    CaseResult,
    SuiteResult,
    TestState,
)
from kestrel_cli.reporters.junit import attribute, body


def write_junit(results: Sequence[SuiteResult], stream: TextIO) -> None:
    """All suites in one document."""
    stream.write('<?xml version="1.0" encoding="utf-8"?>\n')
    cases = [case for suite in results for case in suite.cases]
    stream.write(f"<testsuites {_head(cases)}>\n")
    for suite in results:
        at = iso_instant(suite.started).removesuffix("Z").partition(".")[0]
        name = attribute(suite.suite.id)
        stream.write(f'  <testsuite name={name} {_head(suite.cases)} timestamp="{at}">\n')
        for case in suite.cases:
            stream.writelines(_case(suite, case))
        stream.write("  </testsuite>\n")
    stream.write("</testsuites>\n")


def _head(cases: Sequence[CaseResult]) -> str:
    counted = {
        "tests": len(cases),
        "failures": sum(case.state is TestState.FAILED for case in cases),
        "errors": sum(case.state is TestState.ERROR for case in cases),
        "skipped": sum(case.state is TestState.SKIPPED for case in cases),
    }
    seconds = sum(case.seconds for case in cases)
    return " ".join(f'{name}="{number}"' for name, number in counted.items()) + (
        f' time="{seconds:.6f}"'
    )


def _case(suite: SuiteResult, case: CaseResult) -> Iterator[str]:
    classname = attribute(f"{suite.suite.namespace}.{suite.suite.flowId}")
    place = f'file={attribute(suite.file)} line="{case.case.where.line}"'
    begin = f"    <testcase classname={classname} name={attribute(case.case.id)} {place}"
    begin += f' time="{case.seconds:.6f}"'
    inside = list(_inside(case))
    if not inside:
        yield f"{begin}/>\n"
        return
    yield f"{begin}>\n"
    yield from inside
    yield "    </testcase>\n"


def _inside(case: CaseResult) -> Iterator[str]:
    if case.state is TestState.SKIPPED:
        yield "      <skipped/>\n"
        return
    if case.errors or case.failed:
        yield _wrong(case)
    if case.notes:
        notes = body("\n".join(case.notes))
        yield f"      <system-out>{notes}</system-out>\n"


def _wrong(case: CaseResult) -> str:
    """One element: GitLab and others do not expect several in a case."""
    told = [*map(_error, case.errors), *map(_failure, case.failed)]
    lines = ["".join(text for _, text in line).rstrip() for line in case.lines]
    text = body("\n\n".join([*told, *(["\n".join(lines)] if lines else [])]))
    message = attribute(told[0].partition("\n")[0])
    if case.errors:
        return f"      <error message={message}>{text}</error>\n"
    kind = attribute(case.failed[0].operator)
    return f"      <failure type={kind} message={message}>{text}</failure>\n"


def _error(one: CaseError) -> str:
    told = (one.message, one.details, one.hint and f"hint: {one.hint}")
    return "\n".join(each for each in told if each)


def _failure(one: AssertionResult) -> str:
    told = (one.error_message, str(one.assertion.where), one.note)
    return "\n".join(each for each in told if each)
