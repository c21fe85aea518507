"""Operators of assertions, as Kestra evaluates them: all is text."""

from pathlib import Path

import pytest

from kestrel_cli.model.test_results import TestState
from tests.app.testing.suites import CORE, case, flow

FLOW = flow(
    f"""
    - id: a
      type: {CORE}.output.OutputValues
      values: {{word: hello, number: 12, list: [1, "b"], map: {{k: v}}, empty: "", flag: true}}
    """
)


def value(name: str) -> str:
    return "{{ outputs.a.values." + name + " }}"


def judged(folder: Path, name: str, said: str):
    return case(folder, FLOW, f'assertions: [{{value: "{value(name)}", {said}}}]\n')


@pytest.mark.parametrize(
    ("name", "said", "state"),
    [
        ("word", "equalTo: hello", "SUCCESS"),
        ("word", "equalTo: Hello", "FAILED"),
        ("number", "equalTo: 12", "SUCCESS"),
        ("number", "equalTo: '12'", "SUCCESS"),
        ("number", "equalTo: 12.0", "FAILED"),
        ("flag", "equalTo: true", "SUCCESS"),
        ("list", "equalTo: [1, b]", "SUCCESS"),
        ("map", "equalTo: {k: v}", "SUCCESS"),
        ("word", "notEqualTo: world", "SUCCESS"),
        ("word", "notEqualTo: hello", "FAILED"),
        ("word", "contains: ell", "SUCCESS"),
        ("list", "contains: b", "SUCCESS"),
        ("word", "startsWith: he, endsWith: lo", "SUCCESS"),
        ("word", "startsWith: lo", "FAILED"),
        ("number", "startsWith: 1", "SUCCESS"),
        ("number", "greaterThan: 11.9", "SUCCESS"),
        ("number", "greaterThan: 12", "FAILED"),
        ("number", "greaterThanOrEqualTo: 12", "SUCCESS"),
        ("number", "lessThan: 12", "FAILED"),
        ("number", "lessThanOrEqualTo: '12'", "SUCCESS"),
        ("word", "greaterThan: 1", "ERROR"),
        ("number", "greaterThan: '{{ flow.id }}'", "ERROR"),
        ("number", "in: [11, 12]", "SUCCESS"),
        ("word", "in: [a, b]", "FAILED"),
        ("word", "notIn: [a, b]", "SUCCESS"),
        ("word", "in: '{{ flow.id }}'", "ERROR"),
        ("empty", "isNotNull: true", "SUCCESS"),
        ("empty", "isNull: true", "FAILED"),
        ("empty", "isNull: false", "SUCCESS"),
        ("empty", "equalTo: ''", "SUCCESS"),
        ("nothing", "isNull: true", "ERROR"),
        ("word", 'equalTo: "{{ outputs.a.values.word }}"', "SUCCESS"),
    ],
)
def test_operators(tmp_path: Path, name: str, said: str, state: str) -> None:
    found = judged(tmp_path, name, said)
    assert found.state is TestState(state), (found.results, found.errors)


def test_each_operator_has_a_result_in_kestras_order(tmp_path: Path) -> None:
    found = judged(
        tmp_path, "word", "in: [hello], contains: x, equalTo: \"{{ 'hello' }}\", isNotNull: true"
    )
    assert [(one.operator, one.is_success) for one in found.results] == [
        ("isNotNull", True),
        ("equalTo", True),
        ("contains", False),
        ("in", True),
    ]


def test_the_type_of_a_value_is_the_one_that_it_is_written_with(tmp_path: Path) -> None:
    said = "assertions: [{value: 4.0, equalTo: 4}, {value: [1, 2], equalTo: '[1, 2]'}]\n"
    assert [one.note for one in case(tmp_path, FLOW, said).results] == [
        "both are equal, but they are compared as texts",
        "expected is a text, actual is a list; they are compared as texts",
    ]


def test_messages_are_kestras_and_tell_of_types_that_differ(tmp_path: Path) -> None:
    (one,) = judged(tmp_path, "number", "equalTo: 13").results
    assert one.error_message == f"expected '{value('number')}' to equal '13' but was '12'"
    assert (one.expected, one.actual) == ("13", "12")
    assert one.note is None
    (one,) = judged(tmp_path, "number", "equalTo: twelve").results
    assert one.note == "expected is a text, actual is a number; they are compared as texts"
    (one,) = judged(tmp_path, "number", "equalTo: 12.0").results
    assert one.note == "both are equal, but they are compared as texts"
    (one,) = judged(tmp_path, "number", "lessThan: 5").results
    assert one.error_message == f"expected '{value('number')}' to be less than '5.0' but was '12'"
    (one,) = judged(tmp_path, "number", "in: [1, 2]").results
    assert one.error_message == f"expected '{value('number')}' to contain '[1, 2]' but was '12'"


def test_own_messages_are_rendered(tmp_path: Path) -> None:
    found = case(
        tmp_path,
        FLOW,
        """
        assertions:
          - value: a
            equalTo: b
            taskId: a
            description: "about {{ outputs.a.values.word }}"
            errorMessage: "no {{ outputs.a.values.word }}"
        """,
    )
    (one,) = found.results
    assert (one.description, one.error_message) == ("about hello", "no hello")
    assert one.task_id == "a"


def test_what_cannot_be_rendered_is_an_error_with_a_hint(tmp_path: Path) -> None:
    found = case(
        tmp_path, FLOW, 'assertions: [{value: "{{ outputs.a.values.wrd }}", equalTo: x}]\n'
    )
    (error,) = found.errors
    shown = '{"value":"{{ outputs.a.values.wrd }}","equalTo":"x"}'
    assert error.message == f"Could not evaluate assertion: `{shown}`"
    assert (error.details or "").startswith("error was: ")
    assert "word" in (error.hint or "")


def test_the_operators_before_an_error_have_their_results(tmp_path: Path) -> None:
    found = judged(tmp_path, "word", "equalTo: \"{{ 'hello' }}\", greaterThan: 3")
    assert [one.operator for one in found.results] == ["equalTo"]
    assert found.state is TestState.ERROR


def test_outputs_of_the_flow_are_those_of_the_execution(tmp_path: Path) -> None:
    text = FLOW + 'outputs: [{id: o, type: STRING, value: "{{ outputs.a.values.word }}!"}]\n'
    asserted = 'assertions: [{value: "{{ execution.outputs.o }}", equalTo: hello!}]\n'
    assert case(tmp_path, text, asserted).state is TestState.SUCCESS


def test_no_secret_is_shown(tmp_path: Path) -> None:
    text = flow(f"- {{id: a, type: {CORE}.debug.Return, format: \"{{{{ secret('T') }}}}\"}}")
    found = case(
        tmp_path,
        text,
        'assertions: [{value: "{{ outputs.a.value }}", equalTo: x}]\n',
        stub="very-secret-text",
    )
    (one,) = found.results
    assert one.actual == "******"
    assert "very-secret-text" not in str(one.error_message)
