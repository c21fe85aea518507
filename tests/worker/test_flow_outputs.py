import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.model.fields import accept_all, made_of
from kestrel_cli.model.flow import Flow, Output
from kestrel_cli.worker.flow_outputs import flow_outputs


def flow(*outputs):
    made = [accept_all(Output, {"type": "STRING", **one}) for one in outputs]
    return made_of(Flow, {"id": "f", "namespace": "team", "outputs": made})


def render(value):
    if value == "<!>":
        raise RenderError("Unable to find `x`", hint="there is `y`", missing=True, line=1)
    return None if value == "<null>" else value


def test_outputs_are_typed_in_the_order_of_the_flow():
    outputs = [
        {"id": "n", "type": "INT", "value": "42"},
        {"id": "a", "type": "ARRAY", "itemType": "FLOAT", "value": "[1]"},
        {"id": "any", "type": "JSON", "value": {"x": [1, "2"]}},
    ]

    values = flow_outputs(flow(*outputs), render)

    assert values == {"n": 42, "a": [1.0], "any": {"x": [1, "2"]}}
    assert list(values) == ["n", "a", "any"]


def test_outputs_without_a_value_are_dropped():
    outputs = [
        {"id": "a", "type": "STRING", "value": "<null>"},
        {"id": "b", "type": "JSON", "value": "null"},
    ]

    assert flow_outputs(flow(*outputs), render) == {}


def test_an_output_that_cannot_be_rendered_is_named():
    with pytest.raises(RenderError) as failure:
        flow_outputs(flow({"id": "a", "value": "<!>"}), render)

    error = failure.value
    assert str(error) == "Failed to render flow output `a`: Unable to find `x`"
    assert (error.hint, error.missing, error.line) == ("there is `y`", True, 1)


def test_an_output_that_does_not_fit_its_type_is_named():
    with pytest.raises(RenderError) as failure:
        flow_outputs(flow({"id": "a", "type": "INT", "value": "x"}), render)

    assert str(failure.value) == 'Invalid value for output `a`. Cause: For input string: "x"'


def test_an_optional_output_that_cannot_be_rendered_is_left_out_with_a_warning():
    warnings = []
    outputs = [{"id": "a", "value": "<!>", "required": False}, {"id": "b", "value": "1"}]

    assert flow_outputs(flow(*outputs), render, warn=warnings.append) == {"b": "1"}
    assert warnings == ["Failed to render optional flow output 'a'. Output is ignored."]


def test_an_optional_output_may_fail_without_anybody_listening():
    assert flow_outputs(flow({"id": "a", "value": "<!>", "required": False}), render) == {}


def test_files_are_stored():
    outputs = [
        {"id": "a", "type": "FILE", "value": "x.csv"},
        {"id": "b", "type": "FILE", "value": "kestra:///y"},
    ]
    stored = flow_outputs(
        flow(*outputs), render, store_file=lambda name, path: f"kestra:///{name}/{path}"
    )

    assert stored == {"a": "kestra:///a/x.csv", "b": "kestra:///y"}
    assert flow_outputs(flow(outputs[0]), render) == {"a": "x.csv"}


def test_yaml_is_read_by_the_reader_that_was_passed():
    output = {"id": "a", "type": "YAML", "value": "k: v"}

    assert flow_outputs(flow(output), render, read_yaml=lambda text: [text]) == {"a": ["k: v"]}


def test_files_in_a_list_are_stored_too():
    output = {"id": "a", "type": "ARRAY", "itemType": "FILE", "value": ["x", "nsfile:///y"]}

    stored = flow_outputs(flow(output), render, store_file=lambda _, path: f"kestra:///{path}")

    assert stored == {"a": ["kestra:///x", "nsfile:///y"]}


def test_a_file_that_cannot_be_read_fails():
    def store_file(name, path):
        raise FileNotFoundError(2, "No such file or directory")

    with pytest.raises(RenderError) as failure:
        flow_outputs(flow({"id": "a", "type": "FILE", "value": "x"}), render, store_file=store_file)

    assert str(failure.value) == (
        "Invalid value for output `a`. Cause: "
        "the file `x` cannot be read: No such file or directory"
    )


def test_secrets_are_told_so_that_they_can_be_hidden():
    outputs = [
        {"id": "a", "type": "SECRET", "value": "s3cret"},
        {"id": "b", "type": "STRING", "value": "plain"},
    ]
    hidden = []

    values = flow_outputs(flow(*outputs), render, hide=lambda *told: hidden.append(told))

    assert values == {"a": "s3cret", "b": "plain"}
    assert hidden == [("a", "s3cret")]


@pytest.mark.parametrize(
    ("type_name", "value", "expected"),
    [
        ("STRING", 5, "5"),
        ("EMAIL", "a@b.c", "a@b.c"),
        ("ENUM", "x", "x"),
        ("SELECT", "x", "x"),
        ("INT", "5", 5),
        ("FLOAT", "1.5", 1.5),
        ("BOOL", "TRUE", True),
        ("BOOLEAN", "no", False),
        ("DATE", "2024-01-31", "2024-01-31"),
        ("TIME", "10:00:00", "10:00"),
        ("DATETIME", "2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"),
        ("DURATION", "PT1M", "PT1M"),
        ("JSON", '{"a": 1}', {"a": 1}),
        ("YAML", "a: [1]", {"a": [1]}),
        ("URI", "https://a.b/c", "https://a.b/c"),
        ("ARRAY", "[1, 2]", [1, 2]),
        ("MULTISELECT", '["a"]', ["a"]),
    ],
)
def test_every_type_is_read(type_name, value, expected):
    assert flow_outputs(flow({"id": "a", "type": type_name, "value": value}), render) == {
        "a": expected
    }
