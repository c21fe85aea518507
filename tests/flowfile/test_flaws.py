import pytest

from kestrel_cli.flowfile.flaws import dotted, model_at
from kestrel_cli.model.flow import DependsOn, Flow, Input
from tests.flowfile.loading import CORE, errors, findings, task


def hints(text):
    return [one.hint for one in findings(text) if one.severity == "error"]


def test_every_problem_of_a_file_is_found_at_once_in_file_order():
    text = (
        "id: a b\nnamespace: X\nlabls: {}\ninputs:\n  - id: i\n    type: INTT\n    requird: false\n"
        "concurrency:\n  limit: 0\nretry:\n  type: constant\n  interval: x\n  maxAttempts: 0\n"
        "tasks:\n"
        + task("t", "level: [1]", "timeout: soon", "x: 1")
        + "  - id: t\n    type: no.X\n"
    )
    assert [line for line, _ in errors(text, head="")] == [1, 2, 3, 6, 7, 9, 12, 13, 17, 18, 19, 21]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("levle: INFO", "did you mean `level`?"),
        ("inputs: []", "`inputs` is a property of the flow, not of a task: check the indentation"),
        ("zzzzzz: 1", None),
    ],
)
def test_an_unknown_property_of_a_task_says_what_was_meant(line, hint):
    text = "tasks:\n" + task("a", line)
    assert errors(text) == [(4, f"unknown property `{line.partition(':')[0]}`")]
    assert hints(text) == [hint]


def test_a_property_of_the_flowable_around_is_recognised():
    text = f"tasks:\n  - id: s\n    type: {CORE}.flow.ForEach\n    values: [1]\n    tasks:\n"
    assert hints(text + task("a", "concurrencyLimit: 1", indent=6)) == [
        "`concurrencyLimit` is a property of the ForEach around this task: check the indentation"
    ]


def test_a_property_of_tasks_in_the_flow_is_recognised():
    assert hints("timeout: PT1S\ntasks:\n" + task("a")) == [
        "`timeout` is a property of a task, not of the flow: check the indentation"
    ]


def test_merge_keys_are_explained():
    text = "variables: &v {a: 1}\n<<: *v\ntasks:\n" + task("a")
    assert hints(text) == ["Kestra does not read merge keys"]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("disabled: maybe", 1, 11, "`disabled` must be true or false"),
        ("labels: 5", 1, 9, "`labels` must be a map"),
        ("inputs: {}", 1, 9, "`inputs` must be a list"),
        ("inputs:\n  - 5", 2, 5, "`inputs[0]` must be a map"),
        (
            "inputs:\n  - id: a\n    type: INT\n    required: x",
            4,
            15,
            "`inputs[0].required` must be",
        ),
        ("inputs:\n  - type: INT\n    required: true", 2, 5, "missing property `inputs[0].id`"),
        ("concurrency: {limit: 0}", 1, 22, "`concurrency.limit` must be at least 1"),
        ("retry: {type: never}", 1, 15, "`retry.type` must be one of `constant`,"),
        ("retry: {interval: PT1S}", 1, 8, "`retry.type` must be one of `constant`,"),
        ("sla:\n  - id: a\n    type: X\n    behavior: FAIL", 3, 11, "`sla[0].type` must be one of"),
        ("variables: [1]", 1, 12, "`variables` must be a map"),
    ],
)
def test_a_wrong_value_is_one_message_at_the_value(text, line, column, message):
    (found,) = [one for one in findings(f"{text}\ntasks:\n{task('a')}") if one.severity == "error"]
    assert (found.where.line - 2, found.where.column) == (line, column)
    assert found.message.startswith(message)


def test_an_expression_where_none_can_stand_is_explained():
    assert hints("tasks:\n" + task("a", "disabled: '{{ x }}'")) == [
        "this property is read before anything runs: it cannot hold an expression"
    ]


def test_a_choice_spelled_wrongly_is_corrected():
    assert hints("tasks:\n" + task("a", "level: info")) == ["did you mean `INFO`?"]


def test_paths_are_written_as_people_write_them():
    assert dotted(("inputs", 2, "id")) == "inputs[2].id"


def test_the_model_at_a_path_is_found():
    assert model_at(Flow, ("inputs", 0)) is Input
    assert model_at(Flow, ("inputs", 0, "dependsOn")) is DependsOn
    assert model_at(Flow, ("id", "x")) is Flow


def test_nothing_is_nothing_where_a_task_wants_anything():
    text = "tasks:\n" + task("l", "labels:", type_name=f"{CORE}.execution.Labels")
    assert errors(text) == [(2, "missing property `labels`")]
