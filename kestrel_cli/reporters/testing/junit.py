"""Tests as JUnit XML: a `testsuite` for each suite, a `failure` for each assertion that does not
hold, an `error` for each reason why a case could not be judged.
"""

from collections.abc import Iterator, Sequence
from typing import TextIO

from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.test_results import CaseResult, SuiteResult, TestState
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
    shown = "\n".join("".join(text for _, text in line).rstrip() for line in case.lines)
    for error in case.errors:
        told = [error.message, error.details, error.hint and f"hint: {error.hint}", shown]
        text = body("\n".join(one for one in told if one))
        yield f"      <error message={attribute(error.message)}>{text}</error>\n"
    for one in case.failed:
        told = [one.error_message, str(one.assertion.where), one.note, shown]
        text = body("\n".join(each for each in told if each))
        message = attribute((one.error_message or "").partition("\n")[0])
        kind = f"type={attribute(one.operator)} message={message}"
        yield f"      <failure {kind}>{text}</failure>\n"
    if case.notes:
        notes = body("\n".join(case.notes))
        yield f"      <system-out>{notes}</system-out>\n"
