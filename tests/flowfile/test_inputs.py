import pytest

from kestrel_cli.flowfile import load_bytes
from tests.flowfile.loading import errors, task

TASKS = "tasks:\n" + task("t")


def problems(*inputs):
    listed = "".join(f"  - {one}\n" for one in inputs)
    return [message for _, message in errors(f"inputs:\n{listed}{TASKS}")]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("{id: a, type: STRING}", []),
        ("{id: a, type: ARRAY, itemType: INT}", []),
        ("{id: a, type: ARRAY, itemType: SELECT}", ["a: `itemType` cannot be SELECT"]),
        ("{id: a, type: MULTISELECT, itemType: ENUM}", ["a: `itemType` cannot be ENUM"]),
        ("{id: a, type: ARRAY}", ["a: an ARRAY needs an `itemType`"]),
        ("{id: a, type: ENUM}", ["a: an ENUM needs `values` to choose from"]),
        ("{id: a, type: STRNG}", ["unknown input type `STRNG`"]),
        ("{id: a, type: FILE, defaults: 'file:///x'}", []),
        (
            "{id: a, type: FILE, defaults: x}",
            ["a: inputs of type 'FILE' only support `defaults` as local files using a file URI"],
        ),
    ],
)
def test_rules_of_single_inputs(declared, expected):
    assert problems(declared) == expected


def test_two_lists_of_choices_are_a_warning_because_kestra_accepts_the_file():
    data = b"id: a\nnamespace: b\ninputs: [{id: a, type: MULTISELECT, values: [x], options: [y]}]\n"
    data += b"tasks: [{id: t, type: io.kestra.plugin.core.debug.Return}]\n"
    assert [one.message for one in load_bytes(data, "x").warnings] == [
        "a: you can't define both `values` and `options`"
    ]


def test_an_input_may_depend_on_inputs_that_exist():
    assert problems("{id: a, type: INT}", "{id: b, type: INT, dependsOn: {inputs: [a]}}") == []


def test_an_input_that_does_not_exist_is_named():
    assert problems("{id: a, type: INT, dependsOn: {inputs: [b]}}") == [
        "Input with id 'a' depends on a non-existent input 'b'."
    ]


def test_inputs_that_wait_for_each_other_are_named():
    one, other = (
        f"{{id: {name}, type: INT, dependsOn: {{inputs: [{needed}]}}}}"
        for name, needed in (("a", "b"), ("b", "a"))
    )
    assert problems(one, other, "{id: c, type: INT, dependsOn: {inputs: [a]}}") == [
        "Cycle dependency detected for input with id 'a': [b, a]",
        "Cycle dependency detected for input with id 'b': [a, b]",
    ]
