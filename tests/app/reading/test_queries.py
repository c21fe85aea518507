"""jq programs, read for the shape of what they are given."""

import pytest

from kestrel_cli.app.reading.queries import Query, steps_of
from kestrel_cli.app.reading.shape import Shape
from kestrel_cli.app.rehearsal.values import Maker


def asked(tmp_path, program):
    value = Shape("value")
    Query(lambda _: None).of(program, value)
    return Maker(tmp_path).value(value)


@pytest.mark.parametrize(
    ("program", "value"),
    [
        (".a.b", {"a": {"b": "made-up"}}),
        ('.a["b c"]', {"a": {"b c": "made-up"}}),
        (".[0].a", [{"a": "made-up"}, {"a": "made-up-2"}]),
        (".a[].b | .c", {"a": [{"b": {"c": "made-up"}}, {"b": {"c": "made-up-2"}}]}),
        ("map(.a)", [{"a": "made-up"}, {"a": "made-up-2"}]),
        ("[.[] | .price * .qty] | add", [{"price": 1, "qty": 1}, {"price": 2, "qty": 2}]),
        (
            '.items[] | select(.state == "ON") | {id, name: .who.name}',
            {"items": [{"state": "ON", "id": "made-up", "who": {"name": "made-up"}}] * 2},
        ),
        ("group_by(.a) | map(.[0].b)", [{"a": "made-up", "b": "made-up"}] * 2),
        (".n > 3", {"n": 4}),
        ("3 > .n", {"n": 2}),
        ('"a | b"', "made-up"),
        ("reduce .[] as $x (0; . + $x)", "made-up"),
    ],
)
def test_a_program_says_what_it_reads(tmp_path, program, value):
    def plain(one):
        if isinstance(one, dict):
            return {name: plain(below) for name, below in one.items()}
        if isinstance(one, list):
            return [plain(below) for below in one]
        return "made-up" if one == "made-up-2" else one

    found = asked(tmp_path, program)
    assert plain(found) == plain(value)


@pytest.mark.parametrize("text", [".[", "..a b", "a.b", ".a[1:2]", "$x.a"])
def test_what_is_no_path_has_no_steps(text):
    assert steps_of(text) is None
