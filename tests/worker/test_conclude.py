import pytest

from kestrel_cli.expressions.variables import RunScope
from kestrel_cli.model.event import Concluded
from kestrel_cli.model.fields import accept_all
from kestrel_cli.model.flow import Output
from kestrel_cli.model.masker import Origin
from kestrel_cli.worker.conclude import conclude, rendered
from tests.support.flows import leaf
from tests.worker.working import Work


def work(*outputs, **inputs):
    made = [
        accept_all(Output, {"id": f"o{n}", "type": "STRING", **output})
        for n, output in enumerate(outputs)
    ]
    return Work(leaf("t"), inputs=inputs, outputs=made)


def concluded(one):
    return conclude(one.around, one.now, one.lines.append)


def test_a_flow_without_outputs_has_none():
    assert concluded(work()) == Concluded(2)


def test_outputs_are_rendered_and_typed():
    one = work(
        {"value": "{{ inputs.n }}", "type": "INT"},
        {"value": "{{ inputs.n }}"},
        {"value": {"k": "{{ inputs.n }}"}, "type": "JSON"},
        n=5,
    )
    assert concluded(one) == Concluded(2, {"o0": 5, "o1": "5", "o2": {"k": "5"}})


def test_an_output_that_renders_to_null_is_left_out():
    assert concluded(work({"value": "{{ inputs.n }}"}, n=None)) == Concluded(2, None)


def test_an_output_that_names_something_unknown_fails_the_execution():
    one = work({"value": "{{ inputs.nope }}"}, name=1)
    found = concluded(one)
    assert found.outputs is None
    assert found.error.startswith("Failed to render output values: ")
    assert "Unable to find `nope`" in found.error
    assert one.logs() == [("ERROR", found.error)]
    assert [line.run for line in one.lines] == [None]


def test_an_output_that_is_not_required_is_left_out_with_a_warning():
    one = work({"value": "{{ nope }}", "required": False}, {"value": "x"})
    assert concluded(one).outputs == {"o1": "x"}
    assert one.logs() == [
        ("WARN", "Failed to render optional flow output 'o0'. Output is ignored."),
    ]


def test_an_output_that_does_not_fit_its_type_fails_the_execution():
    one = work({"value": "many", "type": "INT"})
    assert concluded(one).error.startswith(
        "Failed to render output values: Invalid value for output `o0`."
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("{{ inputs.n }}", "5"),
        ("{{ inputs.null }}", None),
        ("{{ inputs.list }}", "[1]"),
        ("n={{ inputs.n }}", "n=5"),
        ({"{{ inputs.n }}": ["{{ inputs.n }}", 1, None]}, {"5": ["5", 1, None]}),
        ({"{{ inputs.n }}": 1, "5": 2}, {"5": 1}),
        (2.5, 2.5),
        (None, None),
    ],
)
def test_every_text_inside_is_rendered_to_text(value, shown):
    one = work(n=5, null=None, list=[1])
    assert rendered(value, RunScope(one.around)) == shown


def test_a_secret_output_is_hidden_from_now_on():
    one = work({"value": "{{ inputs.token }}", "type": "SECRET"}, token="hunter2-hunter2")
    assert concluded(one).outputs == {"o0": "hunter2-hunter2"}
    masker = one.around.execution.masker
    assert masker.mask("it is hunter2-hunter2") == "it is ******"
    assert masker.origin_of("hunter2-hunter2") == Origin("output", "o0")


def test_a_file_output_is_stored():
    one = work({"value": "out.csv", "type": "FILE"})
    found = conclude(
        one.around, one.now, one.lines.append, lambda name, path: f"kestra:///{name}/{path}"
    )
    assert found.outputs == {"o0": "kestra:///o0/out.csv"}
