"""What a flow reads of the outputs of its tasks."""

import pytest

from kestrel_cli.app.reading.outputs import outputs_read
from tests.support.flows import flow, leaf, task


def read(*texts, **more):
    tasks = [leaf(f"t{nth}", format=text) for nth, text in enumerate(texts)]
    return outputs_read(flow(leaf("a"), leaf("b-c"), *tasks, **more))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ outputs.a.x }} and {{ outputs['a']['y'] }}", {"x": "...", "y": "..."}),
        ("{{ outputs.a.vars.rows }}{{ outputs.a.vars.n }}", {"vars": {"rows": "...", "n": "..."}}),
        ("{{ outputs.a.list[0].name }}", {"list": [{"name": "..."}]}),
        ("{% for row in outputs.a.rows %}{{ row.id }}{% endfor %}", {"rows": [{"id": "..."}]}),
        ("{% set all = outputs.a %}{{ all.x }}", {"x": "..."}),
        ("{{ outputs.a.rows | jq('.[].id') | first }}", {"rows": [{"id": "..."}]}),
        ("{{ json(outputs.a.body).key }}", {"body": "..."}),
        ("{{ outputs.a.x ?? outputs.a.y }}", {"x": "...", "y": "..."}),
        ("the outputs.a.x of a text, {{ 'outputs.a.y' }}, {{ my.outputs.a.z }}", None),
        ("{{ outputs.a }}", None),
        ("{{ outputs[inputs.which].x }}", None),
        ("{{ outputs.a.x | }}", None),
    ],
)
def test_names_and_what_is_below_them_are_found(text, names):
    assert read(text).get("a") == names


def test_it_is_told_by_task():
    assert read("{{ outputs['b-c'].x }}", "{{ outputs.a.y }}{{ outputs.nobody.z }}") == {
        "a": {"y": "..."},
        "b-c": {"x": "..."},
        "nobody": {"z": "..."},
    }


def test_variables_are_looked_at_and_tasks_that_cannot_run_are_not():
    off = leaf("off", format="{{ outputs.a.never }}", disabled=True)
    found = outputs_read(flow(leaf("a"), off, variables={"v": ["{{ outputs.a.late }}"]}))
    assert found == {"a": {"late": "..."}}


@pytest.mark.parametrize(
    "text",
    [
        "{{ outputs.x[taskrun.value].uri }}",
        "{{ outputs.x.one.uri }}",
        "{{ outputs.x['one'].uri }}",
        "{{ currentEachOutput(outputs.x).uri }}",
    ],
)
def test_values_of_loops_are_no_names(text):
    loop = task("flow.ForEach", "loop", values=["one"], tasks=(leaf("x"), leaf("y", format=text)))
    assert outputs_read(flow(loop)) == {"x": {"uri": "..."}}


def test_the_depth_of_an_expression_is_no_matter():
    assert set(read("{{ outputs.a" + ".x" * 5_000 + " }}")) <= {"a"}
    assert set(read("{{ " + "(" * 2_000 + "outputs.a.x" + ")" * 2_000 + " }}")) <= {"a"}
    assert set(read("{{ outputs.a.x" + " ~ 'b'" * 5_000 + " }}")) <= {"a"}
    chain = "{% set v = outputs.a" + ".x" * 200 + " %}" + "{% set v = v" + ".x" * 200 + " %}"
    assert "a" in read(chain + "{{ v.y }}")
