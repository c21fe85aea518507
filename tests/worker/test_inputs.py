import pytest

from kestrel_cli.errors import InputError, RenderError
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.flow import Flow
from kestrel_cli.worker.inputs import ResolvedInputs, resolve_inputs
from tests.support.inputs import declared


def flow(*inputs):
    made = [declared(one) for one in inputs]
    return made_of(Flow, {"id": "f", "namespace": "team", "inputs": made})


def render(value, inputs):
    """A stand-in for expressions: `<a.b>` is the input of that name, `<!>` fails."""
    if value == "<!>":
        raise RenderError("Unable to find `x`", hint="there is `y`")
    if isinstance(value, str) and value.startswith("<"):
        found = inputs
        for part in value.strip("<>").split("."):
            found = found[part]
        return found
    return value


def resolved(inputs, given=None, **more):
    return resolve_inputs(flow(*inputs), given or {}, render=render, **more)


def problems(inputs, given=None, **more):
    with pytest.raises(InputError) as failure:
        resolved(inputs, given, **more)
    return failure.value.problems


def test_a_flow_without_inputs_has_none():
    assert resolved([]) == ResolvedInputs({}, [], {})


def test_values_are_typed():
    inputs = [{"id": "n", "type": "INT"}, {"id": "f", "type": "FLOAT"}, {"id": "s"}]

    assert resolved(inputs, {"n": "42", "f": "42.42", "s": 1}).values == {
        "f": 42.42,
        "n": 42,
        "s": "1",
    }


def test_a_default_is_used_when_nothing_or_null_was_passed():
    inputs = [{"id": "a", "type": "INT", "defaults": 7}, {"id": "b", "defaults": "x"}]

    assert resolved(inputs, {"b": None}).values == {"a": 7, "b": "x"}


def test_an_empty_text_is_a_value():
    assert resolved([{"id": "a", "defaults": "x"}], {"a": ""}).values == {"a": ""}


def test_a_default_may_be_an_expression_over_earlier_inputs():
    inputs = [{"id": "a", "type": "INT"}, {"id": "b", "type": "INT", "defaults": "<a>"}]

    assert resolved(inputs, {"a": "3"}).values == {"a": 3, "b": 3}


def test_an_optional_input_without_value_is_null():
    assert resolved([{"id": "a", "required": False}]).values == {"a": None}


def test_a_missing_required_input_is_a_problem_with_a_hint():
    (problem,) = problems([{"id": "a"}])

    assert problem == "Missing required input:a"
    assert problem.hint == "pass it with `-i a=VALUE`"


def test_a_value_that_does_not_fit_is_a_problem_with_a_hint():
    (problem,) = problems([{"id": "n", "type": "INT"}], {"n": "many"})

    assert problem == 'Invalid value for input `n`. Cause: For input string: "many"'
    assert problem.hint == "INT wants a whole number from -2147483648 to 2147483647"


def test_all_problems_of_all_inputs_are_told_in_the_order_of_the_flow():
    inputs = [
        {"id": "a", "dependsOn": {"inputs": ["d"]}, "type": "INT"},
        {"id": "b"},
        {"id": "c", "type": "MULTISELECT", "values": ["A", "B"]},
        {"id": "d"},
    ]

    assert problems(inputs, {"a": "x", "c": ["F", "H"], "d": "1"}) == (
        'Invalid value for input `a`. Cause: For input string: "x"',
        "Missing required input:b",
        "Invalid value for input `c`. Cause: value `F` doesn't match the values `[A, B]`",
        "Invalid value for input `c`. Cause: value `H` doesn't match the values `[A, B]`",
    )


def test_java_patterns_validate():
    inputs = [{"id": "a", "validator": r"\p{Upper}[a-z&&[^x]]+"}]

    assert resolved(inputs, {"a": "Abc"}).values == {"a": "Abc"}
    assert problems(inputs, {"a": "Axc"}) == (
        r"Invalid value for input `a`. Cause: it must match the pattern `\p{Upper}[a-z&&[^x]]+`",
    )


def test_a_validator_without_an_end_is_given_up():
    inputs = [{"id": "a", "validator": "(a|aa)+$"}]
    (problem,) = problems(inputs, {"a": "a" * 100 + "!"})
    assert problem.startswith(
        "Invalid value for input `a`. Cause: the regular expression `(a|aa)+$` "
    )
    assert "takes too long" in problem
    (problem,) = problems([{"id": "a", "validator": "(a+)+$"}], {"a": "a" * 100 + "!"})
    assert problem.endswith("it must match the pattern `(a+)+$`")


def test_a_value_with_a_validator_has_a_longest_length():
    (problem,) = problems([{"id": "a", "validator": "x*"}], {"a": "x" * 10_001})

    assert problem.endswith("a value with a validator may have 10000 characters at most")


def test_a_pattern_that_is_none_is_a_problem():
    (problem,) = problems([{"id": "a", "validator": "(["}], {"a": "x"})

    assert problem.startswith("Invalid value for input `a`. Cause: invalid regular expression")


def test_dotted_ids_are_nested_and_keys_sorted():
    inputs = [{"id": "z"}, {"id": "nested.more.int", "type": "INT"}, {"id": "nested.bool"}]
    values = resolved(inputs, {"z": "1", "nested.more.int": "2", "nested.bool": "3"}).values

    assert values == {"nested": {"bool": "3", "more": {"int": 2}}, "z": "1"}
    assert list(values) == ["nested", "z"]
    assert list(values["nested"]) == ["bool", "more"]


def test_inputs_of_an_earlier_execution_can_be_passed_as_they_are():
    inputs = [{"id": "a.b", "type": "INT"}, {"id": "a.c.d", "type": "DATE"}, {"id": "e"}]
    values = resolved(inputs, {"a.b": "1", "a.c.d": "2019-10-06", "e": "x"}).values

    assert resolved(inputs, values).values == values


def test_of_colliding_names_the_first_is_kept_with_a_warning():
    result = resolved([{"id": "a"}, {"id": "a.b"}], {"a": "1", "a.b": "2"})

    assert result.values == {"a": "1"}
    assert result.warnings == [
        "Input a.b is left out: its name collides with that of an earlier input"
    ]


def test_a_name_cannot_end_where_others_go_on():
    result = resolved([{"id": "a.b"}, {"id": "a"}], {"a.b": "1", "a": "2"})

    assert result.values == {"a": {"b": "1"}}
    assert len(result.warnings) == 1


def test_of_equal_ids_the_first_counts():
    assert resolved([{"id": "a", "type": "INT"}, {"id": "a"}], {"a": "1"}).values == {"a": 1}


def test_unknown_names_are_ignored_with_a_warning():
    result = resolved([{"id": "name", "required": False}], {"nmae": "x"})
    (warning,) = result.warnings

    assert result.values == {"name": None}
    assert warning == (
        "Input nmae was provided for workflow team.f but isn't declared in the workflow inputs"
    )
    assert warning.hint == "did you mean `name`?"


@pytest.mark.parametrize(("condition", "is_asked"), [(True, True), (False, False), ("true", False)])
def test_an_input_counts_only_if_its_condition_is_the_boolean_true(condition, is_asked):
    inputs = [
        {"id": "a", "type": "JSON"},
        {"id": "b", "defaults": "x", "dependsOn": {"inputs": ["a"], "condition": "<a.flag>"}},
    ]

    assert ("b" in resolved(inputs, {"a": {"flag": condition}}).values) is is_asked


def test_an_input_switched_off_has_no_value_no_default_and_no_problem():
    inputs = [
        {"id": "a", "type": "BOOL"},
        {"id": "b", "dependsOn": {"inputs": ["a"], "condition": "<a>"}},
    ]
    result = resolved(inputs, {"a": False, "b": "x"})

    assert result.values == {"a": False}
    assert result.warnings == ["Input b is ignored: what it depends on is not met"]


def test_what_depends_on_a_null_or_on_an_input_switched_off_is_switched_off():
    inputs = [
        {"id": "c", "dependsOn": {"inputs": ["b"]}},
        {"id": "b", "dependsOn": {"inputs": ["a"]}},
        {"id": "a", "required": False},
    ]

    assert resolved(inputs).values == {"a": None}


def test_dependencies_come_first_and_unknown_ones_are_ignored():
    inputs = [
        {"id": "b", "defaults": "<a>", "dependsOn": {"inputs": ["a", "b", "nothing"]}},
        {"id": "a"},
    ]

    assert resolved(inputs, {"a": "x"}).values == {"a": "x", "b": "x"}


def test_what_depends_on_a_wrong_input_adds_no_problem():
    inputs = [{"id": "a", "type": "INT"}, {"id": "b", "dependsOn": {"inputs": ["a"]}}]

    assert len(problems(inputs, {"a": "x"})) == 1


def test_a_circle_of_dependencies_is_a_problem():
    inputs = [
        {"id": "a", "dependsOn": {"inputs": ["b"]}},
        {"id": "b", "dependsOn": {"inputs": ["c"]}},
        {"id": "c", "dependsOn": {"inputs": ["b"]}},
    ]

    assert problems(inputs, {"a": "1", "b": "2", "c": "3"}) == (
        "Invalid value for input `b`. Cause: `dependsOn` leads back to itself: b > c > b",
    )


def test_a_chain_of_dependencies_may_be_long():
    inputs = [
        {"id": f"i{n}", "dependsOn": {"inputs": [f"i{n + 1}"]}, "defaults": "x"}
        for n in range(3000)
    ]

    assert len(resolved(inputs).values) == 3000


def test_a_condition_that_fails_switches_off_with_a_warning():
    inputs = [{"id": "a", "dependsOn": {"condition": "<!>"}}]
    result = resolved(inputs)

    assert result.values == {}
    assert result.warnings[0] == "Input a is left out. Invalid condition: Unable to find `x`"


def test_a_default_that_fails_is_a_problem_with_the_hint_of_the_expression():
    (problem,) = problems([{"id": "a", "defaults": "<!>"}])

    assert problem == "Invalid value for input `a`. Cause: Unable to find `x`"
    assert problem.hint == "there is `y`"


def test_the_choices_of_a_select_may_come_from_an_expression():
    inputs = [
        {"id": "all", "type": "ARRAY", "itemType": "STRING"},
        {"id": "one", "type": "SELECT", "expression": "<all>"},
    ]

    assert resolved(inputs, {"all": ["A", "B"], "one": "B"}).values["one"] == "B"
    assert problems(inputs, {"all": ["A", "B"], "one": "C"}) == (
        "Invalid value for input `one`. Cause: it must match the values `[A, B]`",
    )


@pytest.mark.parametrize(
    ("expression", "cause"),
    [
        ("<!>", "Cannot render 'expression'. Cause: Unable to find `x`"),
        ("A", "Invalid expression result. Expected a list of strings, but received str"),
    ],
)
def test_an_expression_that_gives_no_list_is_a_problem(expression, cause):
    inputs = [{"id": "one", "type": "MULTISELECT", "expression": expression}]

    assert problems(inputs, {"one": ["A"]}) == (f"Invalid value for input `one`. Cause: {cause}",)


@pytest.mark.parametrize(("type_name", "value"), [("SELECT", "A"), ("MULTISELECT", ["A"])])
def test_the_first_choice_can_be_the_default(type_name, value):
    one = {"id": "a", "type": type_name, "values": ["A", "B"], "autoSelectFirst": True}

    assert resolved([one]).values == {"a": value}


def test_there_is_no_first_of_no_choices():
    one = {"id": "a", "type": "SELECT", "values": [], "autoSelectFirst": True}

    assert problems([one]) == ("Missing required input:a",)


def test_a_value_outside_an_optional_select_is_taken_with_a_warning():
    inputs = [{"id": "a", "type": "SELECT", "values": ["A"], "required": False}]
    result = resolved(inputs, {"a": "B"})

    assert result.values == {"a": "B"}
    assert result.warnings == [
        "Input a: `B` is none of [A], but accepted because the input is not required"
    ]


def test_a_boolean_that_is_neither_true_nor_false_is_false_with_a_warning():
    result = resolved([{"id": "a", "type": "BOOL"}], {"a": "yes"})

    assert result.values == {"a": False}
    assert result.warnings == ["Input a: `yes` is read as false, only `true` is true"]


def test_the_items_of_a_multiselect_are_text_unless_said():
    inputs = [{"id": "a", "type": "MULTISELECT", "values": [1, 2]}]

    assert resolved(inputs, {"a": "[1]"}).values == {"a": ["1"]}


def test_secrets_are_told_so_that_they_can_be_masked():
    inputs = [{"id": "a.b", "type": "SECRET"}, {"id": "c", "type": "ARRAY", "itemType": "SECRET"}]
    result = resolved(inputs, {"a.b": "pass", "c": ["x"]})

    assert result.values == {"a": {"b": "pass"}, "c": ["x"]}
    assert result.secrets == {"a.b": "pass", "c[0]": "x"}


def test_a_secret_is_not_in_the_message_about_it():
    assert problems([{"id": "a", "type": "SECRET", "validator": "x+"}], {"a": "hush"}) == (
        "Invalid value for input `a`. Cause: a: it must match the pattern `x+`",
    )


def test_files_are_stored_and_their_addresses_kept():
    inputs = [{"id": "a", "type": "FILE"}, {"id": "b", "type": "FILE"}]
    result = resolved(
        inputs, {"a": "x.csv", "b": "kestra:///y"}, store_file=lambda name, path: f"s:{name}:{path}"
    )

    assert result.values == {"a": "s:a:x.csv", "b": "kestra:///y"}


def test_files_in_a_list_are_stored_too():
    declared = {"id": "a", "type": "ARRAY", "itemType": "FILE"}
    given = {"a": '["x.csv", "kestra:///y"]'}
    found = resolved([declared], given, store_file=lambda name, path: f"kestra:///{name}/{path}")
    assert found.values == {"a": ["kestra:///a/x.csv", "kestra:///y"]}


def test_without_a_store_a_file_keeps_its_path():
    assert resolved([{"id": "a", "type": "FILE"}], {"a": "x.csv"}).values == {"a": "x.csv"}


def test_a_file_that_cannot_be_read_is_a_problem():
    def store_file(name, path):
        raise FileNotFoundError(2, "No such file or directory")

    assert problems([{"id": "a", "type": "FILE"}], {"a": "x.csv"}, store_file=store_file) == (
        "Invalid value for input `a`. Cause: "
        "the file `x.csv` cannot be read: No such file or directory",
    )


def test_yaml_text_is_read_and_dates_in_it_stay_text():
    inputs = [{"id": "a", "type": "YAML"}]

    assert resolved(inputs, {"a": "day: 2019-10-06\nlist: [1, yes]"}).values == {
        "a": {"day": "2019-10-06", "list": [1, True]}
    }


def test_yaml_that_cannot_be_read_is_a_problem_with_its_place():
    (problem,) = problems([{"id": "a", "type": "YAML"}], {"a": "a: 1\nb: ]"})

    assert problem.startswith("Invalid value for input `a`. Cause: not valid YAML: ")
    assert problem.endswith("at line 2, column 4")


def test_the_children_of_a_form_are_inputs_of_their_own():
    form = {
        "id": "form",
        "type": "FORM",
        "inputs": [
            {"name": "a", "type": "INT"},
            {"id": "b", "type": "STRING", "defaults": "<form.a>", "dependsOn": {"inputs": ["a"]}},
        ],
    }

    assert resolved([form], {"form.a": "1"}).values == {"form": {"a": 1, "b": "1"}}
    assert resolved([form], {"form": {"a": "1"}}).values == {"form": {"a": 1, "b": "1"}}


def test_a_form_switched_off_switches_off_its_children():
    form = {
        "id": "form",
        "type": "FORM",
        "dependsOn": {"condition": "<on>", "inputs": ["on"]},
        "inputs": [{"id": "a", "type": "INT"}],
    }

    assert resolved([{"id": "on", "type": "BOOL"}, form], {"on": "false"}).values == {"on": False}


def test_properties_of_a_child_of_a_form_may_be_written_as_text():
    child = {"name": "a", "type": "INT", "required": "false"}
    form = {"id": "form", "type": "FORM", "inputs": [child]}
    assert resolved([form]).values == {"form": {"a": None}}


INPUTS = [
    {"id": "enum", "type": "ENUM", "values": ["ENUM_VALUE", "OTHER_ONE"]},
    {"id": "validatedInt", "type": "INT", "min": 10, "max": 20},
    {"id": "validatedDate", "type": "DATE", "after": "2023-01-01", "before": "2023-12-31"},
    {"id": "validatedDuration", "type": "DURATION", "min": "PT10S", "max": "PT20S"},
    {"id": "validatedTime", "type": "TIME", "after": "01:00:00", "before": "11:59:59"},
    {"id": "uri", "type": "URI"},
    {"id": "array", "type": "ARRAY", "itemType": "INT"},
]


@pytest.mark.parametrize(
    ("name", "value", "cause"),
    [
        ("enum", "INVALID", "it must match the values `[ENUM_VALUE, OTHER_ONE]`"),
        ("validatedInt", "9", "it must be more than `10`"),
        ("validatedDate", "2024-01-01", "it must be before `2023-12-31`"),
        ("validatedDuration", "PT30S", "It must be less than `PT20S`"),
        ("validatedTime", "00:00:01", "it must be after `01:00`"),
        ("uri", "justastring", "Invalid URI format."),
        ("array", '["s1", "s2"]', "Unable to parse array element as `INT` on `s1`"),
    ],
)
def test_the_sentences_of_kestras_own_test_of_inputs(name, value, cause):
    (one,) = (declared for declared in INPUTS if declared["id"] == name)

    assert problems([one], {name: value}) == (f"Invalid value for input `{name}`. Cause: {cause}",)
