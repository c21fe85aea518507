"""What `validate` calls an error because every execution fails of it; a run only warns."""

import pytest

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import load_bytes
from tests.flowfile.loading import CORE, HEAD, task

FLOW = f"{CORE}.flow"
FALSE = "'{{ false }}'"


def found(text, *, closely=True):
    check = (lambda _: ()) if closely else None
    try:
        diagnostics = load_bytes((HEAD + text).encode(), "x", check_template=check).warnings
    except FlowFileError as problem:
        diagnostics = problem.diagnostics
    return [(one.severity, one.code) for one in diagnostics if one.code.startswith("unknown-")]


def log(expression, *lines, name="t", indent=2):
    return task(name, f'message: "{expression}"', *lines, indent=indent)


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("{{ outputs.nope }}", "unknown-task"),
        ("{{ outputs.nope.value }}", "unknown-task"),
        ("see {{- outputs.nope['a'] | upper }}", "unknown-task"),
        ("{{ outputs['nope'].x ~ 'a' }}", "unknown-task"),
        ("{{ vars.nope }}", "unknown-variable"),
        ("{{ trigger.date }}", "unknown-trigger-value"),
        ("{{ execution.startdate }}", "unknown-member"),
        ("{{ flow.name }}", "unknown-member"),
        ("{{ taskrun.values }}", "unknown-member"),
        ("{{ task.name }}", "unknown-member"),
    ],
)
def test_what_every_execution_asks_for_and_never_finds_is_an_error(expression, code):
    assert found("tasks:\n" + log(expression)) == [("error", code)]
    assert [severity for severity, _ in found("tasks:\n" + log(expression), closely=False)] in (
        ["warning"],
        [],
    )


@pytest.mark.parametrize(
    "expression",
    [
        "{{ outputs.nope ?? 'x' }}",
        "{{ outputs.nope | default('x') }}",
        "{{ true ? 1 : outputs.nope }}",
        "{% if false %}{{ outputs.nope }}{% endif %}",
        "{{ isNull(outputs.nope) }}",
        "{{ outputs.nope == 1 }}",
        "{{ inputs.nope }}",
    ],
)
def test_what_may_be_there_or_not_be_asked_for_is_a_warning(expression):
    assert [one[0] for one in found("tasks:\n" + log(expression))] == ["warning"]


NOPE = "{{ outputs.nope }}"


@pytest.mark.parametrize(
    "text",
    [
        "tasks:\n" + log(NOPE, "allowFailure: true"),
        "tasks:\n" + log(NOPE, "runIf: '{{ false }}'"),
        "tasks:\n" + log(NOPE, "disabled: true"),
        "tasks:\n" + task("a") + "errors:\n" + log(NOPE),
        "tasks:\n" + log(NOPE) + "  - {id: dynamic, type: io.kestra.plugin.dbt.cli.DbtCLI}\n",
        "tasks:\n  - id: s\n    type: io.kestra.plugin.core.flow.Sequential\n"
        "    allowFailure: true\n    tasks:\n" + log(NOPE, indent=6),
        "tasks:\n  - id: s\n    type: io.kestra.plugin.core.flow.If\n    condition: 'true'\n"
        "    then:\n" + log(NOPE, indent=6),
        "tasks:\n" + task("q", f"sql: '{NOPE}'", type_name="io.kestra.plugin.jdbc.x.Query"),
        "tasks:\n" + task("a") + f"outputs: [{{id: o, type: STRING, value: '{NOPE}'}}]\n",
    ],
)
def test_where_an_execution_may_end_well_it_is_a_warning(text):
    assert found(text) == [("warning", "unknown-task")]


def test_a_task_in_a_sequence_runs_as_certainly_as_one_of_the_flow():
    text = f"tasks:\n  - id: s\n    type: {FLOW}.Sequential\n    tasks:\n" + log(NOPE, indent=6)
    assert found(text) == [("error", "unknown-task")]
