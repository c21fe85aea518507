import pytest

from tests.flowfile.loading import errors, findings, task

INPUTS = "inputs:\n  - {id: a-b, type: INT}\n  - {id: plain, type: INT}\n"
FORM = "Invalid {0} reference: use {0}s[key-name] instead of {0}s.key-name, offending {1}"


def messages(expression):
    text = INPUTS + "tasks:\n" + task("x-y") + task("t", f'message: "{expression}"')
    return [message for _, message in errors(text)]


@pytest.mark.parametrize(
    "expression", ["{{ inputs.a-b }}", "see {{inputs.a-b}}.", "{{- inputs.a-b -}}"]
)
def test_an_input_that_would_be_subtracted_is_found(expression):
    assert messages(expression) == [FORM.format("input", "tasks: [t]")]


@pytest.mark.parametrize(
    "expression", ["{{ outputs.x-y.value }}", "{{ outputs.x-y.value | upper }}"]
)
def test_an_output_that_would_be_subtracted_is_found(expression):
    assert messages(expression) == [FORM.format("output", "tasks: [t]")]


@pytest.mark.parametrize("expression", ["{{ outputs.x-y }}", "{{ inputs.a-b.c }}"])
def test_what_kestra_does_not_look_for_is_a_warning(expression):
    text = INPUTS + "tasks:\n" + task("x-y") + task("t", f'message: "{expression}"')
    assert [(one.severity, one.code) for one in findings(text)] == [("warning", "dashed-reference")]


def test_kestra_does_not_search_the_properties_of_all_tasks():
    text = INPUTS + "tasks:\n" + task("t", 'runIf: "{{ inputs.a-b }}"')
    assert [(one.severity, one.code) for one in findings(text)] == [("warning", "dashed-reference")]


@pytest.mark.parametrize(
    "expression",
    [
        "{{ inputs.plain-1 }}",
        "{{ inputs['a-b'] }}",
        "inputs.a-b",
        "{{ inputs.plain - inputs.plain }}",
    ],
)
def test_real_subtraction_and_right_spelling_are_left_alone(expression):
    assert messages(expression) == []


def test_a_part_of_an_expression_is_a_warning():
    text = INPUTS + "tasks:\n" + task("t", 'message: "{{ inputs.a-b | abs }}"')
    (found,) = findings(text)
    assert (found.severity, found.message) == ("warning", "`inputs.a-b` is a subtraction")
    assert (found.where.column, found.length) == (18, len("inputs.a-b"))
    assert found.hint == "write `inputs['a-b']`"


def test_outputs_of_the_flow_are_searched_too():
    text = (
        "tasks:\n"
        + task("x-y")
        + "outputs:\n  - {id: o, type: STRING, value: '{{ outputs.x-y.z }}'}\n"
    )
    assert errors(text) == [(6, FORM.format("output", "outputs: [o]"))]


def test_the_place_is_inside_of_a_text_over_several_lines():
    text = "tasks:\n" + task("x-y") + task("t", "message: |", "  one", "  two {{ outputs.x-y.z }}")
    (found,) = [one for one in findings(text) if one.severity == "error"]
    assert found.where[1:] == (11, 11)
    assert found.length == len("{{ outputs.x-y.z }}")


def test_a_child_with_the_fault_is_reported_once():
    inner = task("t", 'message: "{{ inputs.a-b }}"', indent=6)
    text = (
        INPUTS + "tasks:\n  - id: s\n    type: io.kestra.plugin.core.flow.Sequential\n    tasks:\n"
    )
    assert [message for _, message in errors(text + inner)] == [FORM.format("input", "tasks: [t]")]
