"""Tests for people: a line for each suite, then what went wrong, then the counts."""

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from kestrel_cli.model.suite import Suite
from kestrel_cli.model.test_results import (
    AssertionResult,
    CaseError,
    CaseResult,
    SuiteResult,
    TestState,
)
from kestrel_cli.reporters.cells import folded
from kestrel_cli.reporters.clean import clean, one_line
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.spans import span_text
from kestrel_cli.reporters.tree import Line
from kestrel_cli.reporters.wording import counted

_MOST_DIFF: Final = 40  # rows
_BELOW: Final = " " * 9  # where the text of a numbered line begins
_OF_NULL: Final = ("isNull", "isNotNull")
_LONGEST: Final = 4000  # characters of a value that is compared line by line


class Mark(NamedTuple):
    """How a state looks: its role, its letter among dots, its glyph, in ASCII too."""

    role: str
    letter: str
    glyph: str
    ascii: str


MARKS: Final = {
    TestState.SUCCESS: Mark("ok", ".", "✔", "ok"),
    TestState.FAILED: Mark("failed", "F", "✘", "FAIL"),
    TestState.ERROR: Mark("failed", "E", "✘", "ERROR"),
    TestState.SKIPPED: Mark("skipped", "s", "↷", "skip"),
}
_COUNTED: Final = (
    (TestState.FAILED, "failed"),
    (TestState.ERROR, "in error"),
    (TestState.SUCCESS, "passed"),
    (TestState.SKIPPED, "skipped"),
)


def case_line(case: CaseResult, style: Style) -> Line:
    """`  ✔ few (12ms)`"""
    mark = MARKS[case.state]
    glyph = mark.glyph if style.unicode else mark.ascii
    line = [(mark.role, f"  {glyph} "), ("plain", one_line(case.case.id))]
    if case.state is not TestState.SKIPPED:
        line.append(("dim", f" ({_span(case.seconds)})"))
    return line


def wrong_lines(suite: SuiteResult, style: Style, *, notes: bool) -> Iterator[Line]:
    """What went wrong in each case of a suite; `notes`: of all cases what should be known."""
    for case in suite.cases:
        if case.state in (TestState.FAILED, TestState.ERROR):
            yield []
            yield from _wrong(suite.suite, case, style)
        elif notes and case.notes:
            yield []
            yield from _headed(suite.suite, case, style)
            yield from _notes(case, style)


def _headed(suite: Suite, case: CaseResult, style: Style) -> Iterator[Line]:
    mark = MARKS[case.state]
    is_good = case.state is TestState.SUCCESS
    words = [] if style.unicode and is_good else [mark.ascii if is_good else case.state.value]
    head = " ".join([*([mark.glyph] if style.unicode else []), *words])
    yield [
        (mark.role, f"{head} "),
        ("name", f"{suite.id} > {one_line(case.case.id)}"),
        ("dim", f"  {clean(str(case.case.where))}"),
    ]


def _wrong(suite: Suite, case: CaseResult, style: Style) -> Iterator[Line]:
    yield from _headed(suite, case, style)
    for error in case.errors:
        if not error.follows:
            yield from _error(error, style)
    if following := sum(error.follows for error in case.errors):
        rest = "so " if following < len(case.errors) else ""
        text = f"{rest}{counted(following, 'assertion')} could not be evaluated"
        yield from _rows("", "dim", text, style)
    for result in case.failed:
        yield from _assertion(result, style)
    yield from _notes(case, style)
    for line in case.lines:
        yield [("plain", "  "), *line] if line else line


def _error(error: CaseError, style: Style) -> Iterator[Line]:
    yield from _rows("error: ", "error", error.message, style)
    if error.details:
        yield from _rows("  ", "dim", error.details, style)
    if error.where is not None:
        yield [("dim", f"    {clean(str(error.where))}")]
    if error.hint:
        yield from _rows("hint: ", "value", error.hint, style)


def _assertion(one: AssertionResult, style: Style) -> Iterator[Line]:
    """The assertion's own lines, then what was expected and what came."""
    place = one.assertion.where
    number = f"{place.line:>6}"
    margin = "│" if style.unicode else "|"
    yield [("guide", f"{number} {margin} "), ("plain", clean(one.assertion.source.strip()))]
    if one.whole:
        yield from _rows("  ", "error", one.error_message or "", style)
        return
    below = _BELOW[2:]
    if one.description:
        yield from _rows(below, "plain", one.description, style)
    if not one.assertion.source.strip().startswith(("- value:", "-  value:", "- {")):
        yield from _rows(below, "dim", one.assertion.texts["value"], style)
    if one.assertion.errorMessage is not None or one.operator in _OF_NULL:
        yield from _rows(below, "error", one.error_message or "", style)
    yield from _compared(one.operator, one.expected, one.actual, style)
    if one.note:
        yield from _rows(below, "dim", one.note, style)


def _compared(operator: str, expected: Any, actual: Any, style: Style) -> Iterator[Line]:
    """Both sides, below each other; long ones as a diff."""
    if operator in _OF_NULL:
        return
    wanted, came = _shown(expected), _shown(actual)
    if _look_alike(wanted, came):
        wanted, came = (json.dumps(one, ensure_ascii=False) for one in (wanted, came))
    is_long = "\n" in wanted + came
    if operator == "equalTo" and is_long and len(wanted) + len(came) <= 2 * _LONGEST:
        yield from _diff(wanted, came)
        return
    width = max(len(operator), len("actual"))
    for role, sign, what, text in (
        ("ok", "-", operator, wanted),
        ("error", "+", "actual", came),
    ):
        cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
        yield [
            ("guide", f"{_BELOW}{sign} {what:<{width}}  "),
            (role, clean(cut).replace("\n", " ")),
        ]


def _diff(wanted: str, came: str) -> Iterator[Line]:
    yield [("guide", f"{_BELOW}- equalTo, + actual")]
    rows = [row for row in difflib.ndiff(wanted.splitlines(), came.splitlines()) if row[0] != "?"]
    for row in rows[:_MOST_DIFF]:
        role = {"-": "ok", "+": "error"}.get(row[0], "dim")
        yield [("guide", _BELOW), (role, behind(clean(row.rstrip())))]
    if (more := len(rows) - _MOST_DIFF) > 0:
        yield [("dim", f"{_BELOW}... {counted(more, 'more line')}")]


def _look_alike(wanted: str, came: str) -> bool:
    """Whether only quotes can show where they differ: in white space, or one is empty."""
    rows = [[row.rstrip() for row in text.splitlines()] for text in (wanted, came)]
    return rows[0] == rows[1] or not wanted or not came or wanted.strip() == came.strip()


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return str(value)


def _notes(case: CaseResult, style: Style) -> Iterator[Line]:
    for note in case.notes:
        yield from _rows("note: ", "dim", note, style)


def _rows(head: str, role: str, text: str, style: Style) -> Iterator[Line]:
    """A text below a case, folded where somebody reads along."""
    margin = "  "
    rows = clean(text).rstrip("\n").split("\n")
    if style.wraps:
        room = max(style.width - len(margin) - len(head), 20)
        rows = [part for row in rows for part in folded(row, room)]
    for number, row in enumerate(rows):
        lead = head if number == 0 else " " * len(head)
        text = row if lead.strip() else behind(row)
        yield [(role if head.strip() else "plain", margin + lead), (role, text)]


def behind(text: str) -> str:
    """A text that may stand at the start of a line: GitHub takes blanks and `::` for a command."""
    return f"| {text}" if text.lstrip().startswith("::") else text


def summary_line(results: Sequence[SuiteResult], seconds: float) -> Line:
    """`2 suites, 5 cases: 1 failed, 4 passed in 40ms`"""
    cases = [case for suite in results for case in suite.cases]
    if not cases:
        return [("plain", f"no case has ended in {_span(seconds)}")]
    line: Line = [("plain", f"{counted(len(results), 'suite')}, {counted(len(cases), 'case')}: ")]
    found = [
        (MARKS[state].role, f"{number} {word}")
        for state, word in _COUNTED
        if (number := sum(case.state is state for case in cases))
    ]
    for place, part in enumerate(found):
        line += [("plain", ", "), part] if place else [part]
    line.append(("plain", f" in {_span(seconds)}"))
    return line


def notes_line(results: Sequence[SuiteResult]) -> Line | None:
    """That there is more to know of cases that passed, and how one sees it."""
    passed = (case for suite in results for case in suite.cases if case.state is TestState.SUCCESS)
    number = sum(len(case.notes) for case in passed)
    if not number:
        return None
    return [("dim", f"{counted(number, 'note')} on cases that passed: `-vv` shows what")]


def slowest_lines(results: Sequence[SuiteResult], most: int) -> Iterator[Line]:
    """The cases that took longest; 0: all."""
    timed = sorted(
        ((case.seconds, suite, case) for suite in results for case in suite.cases),
        key=lambda one: -one[0],
    )
    yield []
    yield [("name", "slowest cases")]
    for seconds, suite, case in timed[: most or None]:
        yield [
            ("time", f"  {_span(seconds):>8}  "),
            ("plain", f"{suite.suite.id} > {one_line(case.case.id)}"),
        ]


def _span(seconds: float) -> str:
    return span_text(round(seconds * 1_000_000))
