"""Results of tests for people: what a line holds, at every width, with and without colours."""

from typing import Any

import pytest

from kestrel_cli.diagnostic import Position
from kestrel_cli.model.suite import Assertion, Suite, TestCase
from kestrel_cli.model.test_results import (
    AssertionResult,
    CaseError,
    CaseResult,
    SuiteResult,
    TestState,
)
from kestrel_cli.reporters.cells import cells
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.testing.text import (
    case_line,
    notes_line,
    slowest_lines,
    summary_line,
    wrong_lines,
)

WHERE = Position("a.test.yaml", 9, 9)
UNICODE = Style()


def asserted(source: str = '- value: "{{ x }}"', **said: Any) -> Assertion:
    one = Assertion(value="{{ x }}", **said)
    texts = {"value": "{{ x }}", "equalTo": "a"}
    one.__dict__.update(where=WHERE, source=f"      {source}", texts=texts, written=texts)
    return one


def result(expected: Any, actual: str, operator: str = "equalTo", **more: Any) -> AssertionResult:
    assertion = more.pop("assertion", None) or asserted()
    said = more.pop("message", None)
    return AssertionResult(
        operator, expected, actual, False, None, more.pop("description", None), said, assertion
    )


def case(name: str = "one", state: TestState = TestState.FAILED, **more: Any) -> CaseResult:
    made = TestCase(id=name, type="x", assertions=[])
    made.__dict__["where"] = Position("a.test.yaml", 5, 5)
    return CaseResult(made, state, seconds=0.012, **more)


def suite(*cases: CaseResult) -> SuiteResult:
    made = Suite(id="s", namespace="a.b", flowId="f", testCases=[])
    return SuiteResult("1", made, "a.test.yaml", "f.yaml", 0, 0, list(cases))


def lines(*cases: CaseResult, style: Style = UNICODE, notes: bool = False) -> list[str]:
    found = wrong_lines(suite(*cases), style, notes=notes)
    return ["".join(text for _, text in line).rstrip() for line in found]


def test_a_failure_has_its_line_and_both_sides() -> None:
    assert lines(case(results=[result("a", "b", description="about it")])) == [
        "",
        "✘ FAILED s > one  a.test.yaml:5:5",
        '     9 │ - value: "{{ x }}"',
        "         about it",
        "         - equalTo  a",
        "         + actual   b",
    ]


def test_what_does_not_stand_on_the_line_is_added() -> None:
    one = asserted("- taskId: a", errorMessage="own words")
    found = lines(case(results=[result(["a", 1], "b", "in", assertion=one, message="own words")]))
    assert found[2:] == [
        "     9 │ - taskId: a",
        "         {{ x }}",
        "         own words",
        "         - in      [a, 1]",
        "         + actual  b",
    ]


def test_of_null_only_the_message_is_told() -> None:
    found = lines(case(results=[result("isNull", "b", "isNull", message="to be null")]))
    assert found[3:] == ["         to be null"]


def test_long_texts_are_a_diff_that_ends() -> None:
    wanted, came = ("\n".join(f"{word}{n}" for n in range(100)) for word in ("a", "b"))
    found = lines(case(results=[result(wanted, came)]))
    assert found[3] == "         - equalTo, + actual"
    assert found[-1] == "         ... 160 more lines"
    assert len(found) == 45


@pytest.mark.parametrize(("wanted", "came"), [("", "a"), ("a ", "a"), ("a\n", "a"), ("a", " a")])
def test_texts_that_look_alike_are_quoted(wanted: str, came: str) -> None:
    found = lines(case(results=[result(wanted, came)]))
    assert [line for line in found if '"' in line and "value" not in line][-1].endswith(f'"{came}"')


def test_what_follows_from_another_error_is_counted() -> None:
    errors = [
        CaseError("no fixture", hint="write\n  one", where=WHERE),
        CaseError("a", follows=True),
        CaseError("b", follows=True),
    ]
    assert lines(case(state=TestState.ERROR, errors=errors))[1:] == [
        "✘ ERROR s > one  a.test.yaml:5:5",
        "  error: no fixture",
        "    a.test.yaml:9:9",
        "  hint: write",
        "          one",
        "  so 2 assertions could not be evaluated",
    ]


def test_notes_of_cases_that_passed_are_counted_or_shown() -> None:
    good = case(state=TestState.SUCCESS, notes=["n1", "n2"])
    assert lines(good) == []
    assert lines(good, notes=True)[1:] == ["✔ s > one  a.test.yaml:5:5", "  note: n1", "  note: n2"]
    line = notes_line([suite(good, case(notes=["n3"]))])
    assert line is not None
    assert line[0][1] == "2 notes on cases that passed: `-vv` shows what"
    assert notes_line([suite(case(notes=["n3"]))]) is None


def test_ascii_has_words_for_glyphs() -> None:
    style = Style(unicode=False)
    cases = [case(state=one, notes=["n"], results=[result("a", "b")]) for one in TestState]
    text = "\n".join(lines(*cases, style=style, notes=True))
    assert text.isascii()
    assert "\nERROR s > one" in text
    assert "\nFAILED s > one" in text
    assert "\nok s > one" in text
    shown = ["".join(text for _, text in case_line(one, style)) for one in cases]
    assert shown == ["  ERROR one (12ms)", "  FAIL one (12ms)", "  ok one (12ms)", "  skip one"]


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_prose_is_folded_where_somebody_reads_along(width: int) -> None:
    words = "many words " * 30
    errors = [CaseError(words, words, words, WHERE), CaseError(words, follows=True)]
    one = case(
        errors=errors, notes=[words], results=[result("a", "b", description=words, message=words)]
    )
    folded = lines(one, style=Style(width=width, wraps=True))
    assert max(cells(line) for line in folded) <= width
    assert max(cells(line) for line in lines(one)) > 300


def test_control_characters_do_not_reach_the_terminal() -> None:
    evil = "\x1b[31mred\x07"
    one = case(results=[result(evil, evil + "x")], errors=[CaseError(evil)], notes=[evil])
    assert "\x1b" not in "".join(lines(one))
    assert "\x07" not in "".join(lines(one))


def test_the_last_line_counts() -> None:
    found = [suite(case(), case(state=TestState.SUCCESS)), suite(case(state=TestState.SKIPPED))]
    text = "".join(text for _, text in summary_line(found, 0.04))
    assert text == "2 suites, 3 cases: 1 failed, 1 passed, 1 skipped in 40ms"
    assert "".join(text for _, text in summary_line([], 0.04)) == "no case has ended in 40ms"


@pytest.mark.parametrize(("most", "shown"), [(1, 1), (0, 2), (9, 2)])
def test_the_slowest_come_first(most: int, shown: int) -> None:
    slow = case("slow")
    slow.seconds = 2.0
    found = list(slowest_lines([suite(case(), slow)], most))[2:]
    assert len(found) == shown
    assert found[0][-1][1] == "s > slow"
