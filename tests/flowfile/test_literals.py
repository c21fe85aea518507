"""Values without expression that cannot be what their type says."""

import pytest

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import load_bytes
from tests.flowfile.loading import CORE, HEAD, task

TASKS = "tasks:\n" + task("t")


def found(text, compat=1, *, closely=True):
    """Severity and message of every finding, as `validate` sees them, or as `run` does."""
    check = (lambda _: ()) if closely else None
    data = (HEAD + text + TASKS).encode()
    try:
        diagnostics = load_bytes(data, "x", compat=compat, check_template=check).warnings
    except FlowFileError as problem:
        diagnostics = problem.diagnostics
    return [(one.severity, one.message, one.hint) for one in diagnostics]


@pytest.mark.parametrize(
    ("declared", "problem", "hint"),
    [
        (
            "type: INT, defaults: abc",
            'For input string: "abc"',
            "INT wants a whole number from -2147483648 to 2147483647",
        ),
        ("type: INT, defaults: 12, max: 10", "it must be less than `10`", "INT wants"),
        (
            "type: SELECT, values: [red, green], defaults: gren",
            "it must match the values `[red, green]`",
            "did you mean `green`?",
        ),
        (
            "type: ENUM, values: [red, green], defaults: blue",
            "it must match the values `[red, green]`",
            None,
        ),
        (
            "type: MULTISELECT, values: [a, b], defaults: [a, c]",
            "value `c` doesn't match the values `[a, b]`",
            "MULTISELECT wants",
        ),
        (
            "type: STRING, validator: '[0-9]+', defaults: x1",
            "it must match the pattern `[0-9]+`",
            None,
        ),
        ("type: EMAIL, defaults: nobody", "The input must be a valid email", "EMAIL wants"),
    ],
)
def test_a_default_that_does_not_fit_is_a_warning_and_an_error_for_kestra_2(
    declared, problem, hint
):
    text = f"inputs:\n  - {{id: x, {declared}}}\n"
    ((severity, message, said),) = found(text)
    assert (severity, message) == ("warning", f"the default of `x` cannot be used: {problem}")
    assert said == hint or (hint and said.startswith(hint))
    ((severity, message, _),) = found(text, compat=2)
    assert (severity, message) == ("error", f"Invalid default for input 'x': {problem}")


@pytest.mark.parametrize(
    "declared",
    [
        "type: INT, defaults: 5, min: 1",
        "type: SELECT, values: [a], defaults: b, allowCustomValue: true",
        "type: SELECT, expression: '{{ 1 }}', defaults: b",
        "type: SELECT, values: [1, 2], defaults: 1",
        "type: MULTISELECT, options: [a, b], defaults: '[\"a\"]'",
        "type: STRING, validator: '[a', defaults: x",
        "type: BOOLEAN, defaults: true",
        "type: BOOL, defaults: 'False'",
        "type: JSON, defaults: {a: 1}",
        "type: FILE, defaults: 'file:///x'",
        "type: DATETIME, defaults: 2024-01-31T18:27:49Z",
        "type: INT, defaults: '{{ 1 }}'",
        "type: YAML, defaults: 'a: 1'",
    ],
)
def test_a_default_that_fits_or_cannot_be_judged_is_left_alone(declared):
    told = found(f"inputs:\n  - {{id: x, {declared}}}\n")
    assert [message for _, message, _ in told if "default" in message] == []


def test_words_for_booleans_that_are_none_count_as_false():
    assert found("inputs:\n  - {id: x, type: BOOLEAN, defaults: maybe}\n") == [
        ("warning", "the default of `x` counts as false: only `true` is true", None)
    ]


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        ("type: INT, value: hello", 'For input string: "hello"'),
        ("type: INT, value: 1.5", 'For input string: "1.5"'),
        ("type: DURATION, value: soon", "Text cannot be parsed to a Duration"),
        ("type: ARRAY, itemType: INT, value: [a]", None),
    ],
)
def test_an_output_that_never_fits_is_an_error_of_validate_only(declared, problem):
    text = f"outputs:\n  - {{id: o, {declared}}}\n"
    ((severity, message, _),) = found(text)
    assert severity == "error"
    assert message.startswith("Invalid value for output 'o': ")
    assert problem is None or message.endswith(problem)
    assert [severity for severity, *_ in found(text, closely=False)] == ["warning"]


@pytest.mark.parametrize(
    "declared",
    [
        "type: INT, value: 5",
        "type: INT, value: '5'",
        "type: STRING, value: 5",
        "type: BOOLEAN, value: maybe",
        "type: INT, value: '{{ 1 }}'",
        "type: JSON, value: {a: 1}",
        "type: FILE, value: somewhere",
    ],
)
def test_an_output_that_fits_is_left_alone(declared):
    assert found(f"outputs:\n  - {{id: o, {declared}}}\n") == []


def test_what_a_trigger_gives_has_to_fit_too():
    text = (
        "inputs:\n  - {id: n, type: INT}\ntriggers:\n"
        f"  - {{id: s, type: {CORE}.trigger.Schedule, cron: '@daily', inputs: {{n: few}}}}\n"
    )
    message = (
        "Invalid value for input 'n' supplied by Schedule Trigger 's': For input string: \"few\""
    )
    assert [one[:2] for one in found(text)] == [("warning", message)]
    assert [one[:2] for one in found(text, compat=2)] == [("error", message)]


def test_kestra_2_refuses_a_trigger_that_leaves_a_required_input_out():
    text = (
        "inputs:\n  - {id: n, type: INT}\n"
        f"triggers:\n  - {{id: s, type: {CORE}.trigger.Schedule, cron: '@daily'}}\n"
    )
    assert [one[0] for one in found(text)] == ["warning"]
    assert [one[0] for one in found(text, compat=2)] == ["error"]
