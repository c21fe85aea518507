"""What expressions ask of the world, and the values that are made up for it."""

import json

import pytest

from kestrel_cli.app.reading.reader import Reader
from kestrel_cli.app.reading.shape import Kind, Read, Shape
from kestrel_cli.app.rehearsal.values import MOMENT, Maker


def made(tmp_path, *templates):
    """The value of `outputs` after these were read."""
    root = Shape("outputs")
    given = {}

    def variable(name):
        if name == "outputs":
            return root
        return given.setdefault(name, Shape(name)) if ":" in name else None

    for template in templates:
        Reader(variable, Read("f.yaml", "t", template)).read(template)
    return Maker(tmp_path).value(root)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ outputs.a.b.c }}", {"a": {"b": {"c": "made-up"}}}),
        ("{{ outputs['a-b'].n > 3 }}", {"a-b": {"n": 4}}),
        ("{{ outputs.a.n + 1 }}", {"a": {"n": 1}}),
        ("{{ outputs.a.day | date('yyyy') }}", {"a": {"day": MOMENT}}),
        ("{{ dayOfWeek(outputs.a.day) }}", {"a": {"day": MOMENT}}),
        ("{{ outputs.a.state == 'DONE' ? 1 : 2 }}", {"a": {"state": "DONE"}}),
        ("{{ outputs.a.mode isIn ['x', 'y'] }}", {"a": {"mode": "x"}}),
        ("{{ outputs.a.list | first }}", {"a": {"list": ["one", "two"]}}),
        ("{{ outputs.a.names contains 'Ada' }}", {"a": {"names": "Ada"}}),
        ("{{ outputs.a.text | upper }}", {"a": {"text": "made-up"}}),
        ("{{ outputs.a.code }}", {"a": {"code": 200}}),
        ("{{ outputs.a is defined }}", {"a": "made-up"}),
        ("{{ outputs.a.b ?? 'x' }}", {"a": {"b": "made-up"}}),
        ("{% if outputs.a.ok %}x{% endif %}", {"a": {"ok": True}}),
        ("no expression", "made-up"),
        ("{{ broken", "made-up"),
    ],
)
def test_a_value_is_what_its_readers_take_it_for(tmp_path, template, value):
    assert made(tmp_path, template) == value


def test_elements_of_a_list_have_the_shape_that_is_read_of_one(tmp_path):
    found = made(tmp_path, "{{ outputs.a.rows[0].name }} {{ outputs.a.rows[1].n * 2 }}")
    assert found == {"a": {"rows": [{"name": "made-up", "n": 1}, {"name": "made-up-2", "n": 2}]}}


def test_a_loop_reads_of_every_element(tmp_path):
    found = made(tmp_path, "{% for r in outputs.a.rows %}{{ r.id }}{% endfor %}")
    assert found == {"a": {"rows": [{"id": "made-up"}, {"id": "made-up-2"}]}}


def test_what_is_read_as_json_is_json(tmp_path):
    body = made(tmp_path, "{{ fromJson(outputs.a.body).items[0].id }}")["a"]["body"]
    assert json.loads(body) == {"items": [{"id": "made-up"}, {"id": "made-up-2"}]}


def test_what_jq_goes_through_is_there(tmp_path):
    found = made(tmp_path, "{{ outputs.a.rows | jq('.[].key') | first }}")
    assert [one["key"] for one in found["a"]["rows"]] == ["made-up", "made-up-2"]


def test_a_file_holds_what_is_read_of_it(tmp_path):
    uri = made(tmp_path, "{{ fromJson(read(outputs.a.uri)).total + 1 }}")["a"]["uri"]
    assert uri.startswith("kestra:///made-up/")
    assert json.loads((tmp_path / uri.removeprefix("kestra:///")).read_text()) == {"total": 1}


def test_several_texts_add_up(tmp_path):
    found = made(tmp_path, "{{ outputs.a.x }}", "{{ outputs.a.y + 1 }}", "{{ outputs.b.z }}")
    assert found == {"a": {"x": "made-up", "y": 1}, "b": {"z": "made-up"}}


def test_what_is_set_is_read_through(tmp_path):
    found = made(tmp_path, "{% set x = outputs.a.v %}{{ x.b | date('y') }}")
    assert found == {"a": {"v": {"b": MOMENT}}}


def test_shapes_that_are_joined_know_what_is_known_of_either():
    one, other = Shape("a"), Shape("b")
    one.part("x").use(Kind.NUMBER)
    other.part("x").compared(7)
    other.part("y")
    one.union(other)
    other.part("z")
    assert set(one.root.parts) == {"x", "y", "z"}
    assert one.part("x").root.examples == [7]
    assert one.root is other.root


def test_what_is_behind_loops_is_reached_by_their_values():
    shelf = Shape("task")
    shelf.levels = 2
    shelf.element().element().part("value").use(Kind.NUMBER)
    assert shelf.innermost().parts["value"].kinds == {Kind.NUMBER}
    assert shelf.part("x").part("y").part("value").kinds == {Kind.NUMBER}
