import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.model.fields import accept_all, made_of
from kestrel_cli.model.flow import Flow, Output
from kestrel_cli.worker.flow_outputs import flow_outputs


def flow(*outputs):
    made = [accept_all(Output, one) for one in outputs]
    return made_of(Flow, {"id": "f", "namespace": "team", "outputs": made})


def render(value):
    if value == "<!>":
        raise RenderError("Unable to find `x`", hint="there is `y`", missing=True, line=1)
    return None if value == "<null>" else value


def test_outputs_are_typed_in_the_order_of_the_flow():
    outputs = [
        {"id": "n", "type": "INT", "value": "42"},
        {"id": "a", "type": "ARRAY", "itemType": "FLOAT", "value": "[1]"},
        {"id": "any", "value": {"x": [1, "2"]}},
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
