import pytest

from kestrel_cli.flowfile import load_bytes
from tests.flowfile.loading import errors, findings, task

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
        ("{id: a, type: ARRAY}", ["missing property `inputs[0].itemType`"]),
        ("{id: a, type: ENUM}", ["missing property `inputs[0].values`"]),
        ("{id: a, type: STRNG}", ["Invalid type: STRNG"]),
        ("{id: a, type: STRNG, mni: 1}", ["Invalid type: STRNG", "unknown property `mni`"]),
        ("{id: a, type: STRING, min: 1}", ["unknown property `min`"]),
        ("{id: a, type: INT, min: few}", ["`inputs[0].min` must be a whole number"]),
        (
            "{id: a, type: DATE, after: soon}",
            ["`inputs[0].after` must be a date such as `2024-01-31`"],
        ),
        ("{id: a, type: STRING, validator: '[a'}", ["a: invalid pattern [[a]"]),
        (
            "{id: a, type: INT, defaults: 1, required: false}",
            [
                "a: Inputs with a default value must be required, since the default is always "
                "applied."
            ],
        ),
        (
            "{id: a, type: INT, defaults: 1, prefill: 2}",
            ["a: Inputs with a default value cannot also have a prefill."],
        ),
        ("{id: a, type: FILE, defaults: 'file:///x'}", []),
        (
            "{id: a, type: FILE, defaults: x}",
            ["a: inputs of type 'FILE' only support `defaults` as local files using a file URI"],
        ),
    ],
)
def test_rules_of_single_inputs(declared, expected):
    assert problems(declared) == expected


def test_an_input_cannot_be_nested_under_one_that_holds_a_value():
    assert problems("{id: s, type: INT}", "{id: s.t, type: INT}") == [
        "Input path 's' conflicts with 's.t'"
    ]


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


def warned(*inputs):
    listed = "".join(f"  - {one}\n" for one in inputs)
    found = findings(f"inputs:\n{listed}{TASKS}")
    return [one.message for one in found if one.severity == "warning"]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("{id: f, type: FORM, inputs: [{id: a, type: INT}, {id: b, type: FILE}]}", []),
        ("{id: f, type: FORM}", ["missing property `inputs[0].inputs`"]),
        ("{id: f, type: FORM, inputs: []}", ["`inputs[0].inputs` must not be empty"]),
        ("{id: f, type: FORM, inputs: [{id: a, type: IN}]}", ["Invalid type: IN"]),
        ("{id: f, type: FORM, inputs: [{id: a}]}", ["missing property `inputs[0].inputs[0].type`"]),
        (
            "{id: f, type: FORM, inputs: [{id: a, type: INT, mni: 1}]}",
            ["unknown property `mni`"],
        ),
        (
            "{id: f, type: FORM, inputs: [{id: a, type: INT}, {id: a, type: INT}]}",
            ["Duplicate input with name [a]"],
        ),
        (
            "{id: f, type: FORM, inputs: [{id: a, type: FORM, inputs: [{id: b, type: INT}]}]}",
            ["a: a FORM cannot hold another FORM"],
        ),
        (
            "{id: f, type: FORM, inputs: [{id: a, type: INT, dependsOn: {inputs: [b]}}]}",
            ["Input with id 'f.a' depends on a non-existent input 'b'."],
        ),
        (
            "{id: f, type: FORM, inputs: [{id: a, type: INT, dependsOn: {inputs: [b]}}, "
            "{id: b, type: INT}]}",
            [],
        ),
    ],
)
def test_the_children_of_a_form_are_inputs_too(declared, expected):
    assert problems(declared) == expected


def test_a_child_of_a_form_may_depend_on_an_input_of_the_flow_and_the_other_way_round():
    form = "{id: f, type: FORM, inputs: [{id: a, type: INT, dependsOn: {inputs: [b]}}]}"
    assert problems("{id: b, type: INT}", form) == []
    assert (
        problems("{id: c, type: INT, dependsOn: {inputs: [f.a]}}", "{id: b, type: INT}", form) == []
    )


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("{id: a, type: SELECT}", "a: there are no `values` to choose from, so no value fits"),
        (
            "{id: a, type: INT, defaults: many}",
            'the default of `a` cannot be used: For input string: "many"',
        ),
        (
            "{id: a, type: ARRAY, itemType: INT, defaults: [1, x]}",
            "the default of `a` cannot be used: Unable to parse array element as `INT` on `x`",
        ),
    ],
)
def test_what_is_rarely_meant_is_warned_of(declared, expected):
    assert warned(declared) == [expected]


@pytest.mark.parametrize(
    "declared",
    [
        "{id: a, type: INT, defaults: 1}",
        "{id: a, type: INT, defaults: '{{ 1 }}'}",
        "{id: a, type: ARRAY, itemType: INT, defaults: [1, '{{ 2 }}']}",
        "{id: a, type: SELECT, expression: '{{ [1] }}'}",
        "{id: a, type: DATETIME, defaults: 2013-08-09T14:19:00Z}",
    ],
)
def test_defaults_that_fit_or_cannot_be_told_are_left_alone(declared):
    assert warned(declared) == []


@pytest.mark.parametrize("kind", ["SELECT", "MULTISELECT", "ENUM"])
def test_choices_are_patterns_for_kestra_1(kind):
    said = f"inputs:\n  - {{id: a, type: {kind}, values: ['c++', '(no)', '*', '[all']}}\n{TASKS}"
    assert [(one.severity, one.message) for one in findings(said)] == [
        ("warning", "a: Kestra 1.3 refuses `*`: it is no pattern"),
        ("warning", "a: Kestra 1.3 refuses `[all`: it is no pattern"),
    ]


def test_no_choices_at_all_are_told():
    said = f"inputs:\n  - {{id: a, type: SELECT, values: []}}\n{TASKS}"
    (found,) = findings(said)
    assert found.message == "a: there are no `values` to choose from, so no value fits"
