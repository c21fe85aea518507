"""Kinds of templates, their cache, typed and recursive rendering."""

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import render, template
from kestrel_cli.expressions.template import MapScope, render_text, render_value

CONTEXT = {
    "n": 5,
    "x": "X",
    "t": True,
    "null_": None,
    "l": [1, None],
    "m": {"k": "v", "none": None, "1": "one"},
    "f": 2.0,
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("plain } %} text", "plain } %} text"),
        ("{", "{"),
        ("{ x }", "{ x }"),
        ("{{ x }}", "X"),
        ("{{x}}-{{ n }}", "X-5"),
        ("a {{ m.k }} b", "a v b"),
        ("{{ m.none }}|", "|"),
        ("{{ l }}", "[1,null]"),
        ("{{ m }}", '{"k":"v","1":"one"}'),
        ("{{ f }} {{ t }}", "2.0 true"),
        ("{{ true }}", "true"),
        ("{{false}}", "false"),
        ("{{ null }}|", "|"),
        ("{{ l.size }}", "2"),
        ("{{ x.length }}", "1"),
        ("{{ m['1'] }}", "one"),
        ("{# c #}{{ x }}", "X"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("{{ '{% raw %}a{% endraw %}' }}", "a"),
    ],
)
def test_a_template_renders_to_text(source, text):
    assert render(source, CONTEXT) == text


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ n }}", 5),
        ("{{ l }}", [1, None]),
        ("{{ m }}", CONTEXT["m"]),
        ("{{ t }}", True),
        ("{{ true }}", True),
        ("{{ null_ }}", None),
        ("{{ null_ }}{{ n }}", 5),
        ("{{ n }} ", "5 "),
        (" {{ n }}", " 5"),
        ("a{{ n }}", "a5"),
        ("{{ n }}{{ n }}", "55"),
        ("{{ t }}{{ n }}", "true5"),
        ('{"a": {{ l }} }', {"a": [1, None]}),
        ("{{ l }}x", [1, None]),
        ("x{{ l }}", "x[1,null]"),
        ("{# c #}{{ n }}", 5),
        ("{% set y = n %}{{ y }}", 5),
        ("{% if t %}{{ l }}{% endif %}", [1, None]),
        ("{% if not t %}{{ l }}{% endif %}", None),
        ("plain", "plain"),
        ("{% raw %}{{ n }}{% endraw %}", "{{ n }}"),
        ("", ""),
    ],
)
def test_a_value_that_stands_alone_keeps_its_type(source, value):
    found = render(source, CONTEXT, typed=True)
    assert found == value
    assert type(found) is type(value)


def test_lists_beside_something_that_is_no_json_are_text():
    assert render("{{ l }}{", CONTEXT, typed=True) == [1, None]
    assert render("{ {{ l }}", CONTEXT, typed=True) == "{ [1,null]"


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("{{ nope }}", "Unable to find `nope` used in the expression `{{ nope }}` at line 1", 1),
        (
            "{{ x }}\n{{ m.zzz }}",
            "Unable to find `zzz` used in the expression `{{ x }}\n{{ m.zzz }}` at line 2",
            2,
        ),
        (
            "{{ null_.k }}",
            "Unable to find `null_` used in the expression `{{ null_.k }}` at line 1",
            1,
        ),
        (
            "{{ m.none.k }}",
            "Unable to find `k` used in the expression `{{ m.none.k }}` at line 1",
            1,
        ),
        (
            "{{ (nope) }}",
            "Unable to find `nope` used in the expression `{{ (nope) }}` at line 1",
            1,
        ),
        ("\n{{ l[7] }}", "Unable to find `7` used in the expression `\n{{ l[7] }}` at line 2", 2),
    ],
)
def test_a_missing_value_is_told_with_template_and_line(source, message, line):
    with pytest.raises(RenderError) as failure:
        render(source, CONTEXT)
    assert str(failure.value) == message
    assert (failure.value.line, failure.value.missing) == (line, True)


def test_a_long_template_is_shortened_in_the_message():
    with pytest.raises(RenderError) as failure:
        render("x" * 600 + "{{ nope }}", CONTEXT)
    assert (
        str(failure.value)
        == f"Unable to find `nope` used in the expression `{'x' * 500}...` at line 1"
    )


@pytest.mark.parametrize(
    "name",
    [
        "true",
        "TRUE",
        "false",
        "null",
        "none",
        "equals",
        "isIn",
        "is",
        "contains",
        "and",
        "or",
        "not",
    ],
)
def test_words_of_the_language_are_no_paths(name):
    try:
        found = render(f"{{{{ m.{name} ?? 'missing' }}}}", CONTEXT)
    except RenderError as error:
        found = str(error)
    assert "missing" in found or "Unexpected token" in found


def test_a_template_is_compiled_once_for_each_generation():
    one = template.template("{{ 1 + 1 }} once", 1)
    assert template.template("{{ 1 + 1 }} once", 1) is one
    assert template.template("{{ 1 + 1 }} once", 2) is not one


def test_the_cache_does_not_grow_forever(monkeypatch):
    monkeypatch.setattr(template, "_cache", {})
    monkeypatch.setattr(template, "_MOST_CACHED", 10)
    for n in range(100):
        assert render(f"{{{{ n }}}} {n}", CONTEXT) == f"5 {n}"
    assert len(template._cache) <= 10


def test_a_template_that_cannot_be_read_fails_every_time():
    for _ in range(2):
        with pytest.raises(RenderError, match="Unexpected end of expression"):
            render("{{ 1 + }}", CONTEXT)


def test_a_template_may_not_be_too_long():
    with pytest.raises(RenderError, match="the template is longer than the limit"):
        render("{" + "x" * 10_000_001, CONTEXT)


@pytest.mark.parametrize("source", ["{{ a }}{{ a }}", "{{ a ~ a }}", "{{ a }}{{ a | upper }}"])
def test_a_result_may_not_be_too_long(source):
    with pytest.raises(RenderError, match="is longer than the limit"):
        render(source, {"a": "x" * 6_000_000})


def test_a_value_that_is_too_deep_is_an_error():
    deep = []
    for _ in range(1_000):
        deep = [deep]
    with pytest.raises(RenderError, match="nested deeper than the limit"):
        render("{{ x }}", {"x": deep})


# -- recursive rendering


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain", "plain"),
        ("{{ a }}", "X"),
        ("{{ a }} {% raw %}{{ a }}{% endraw %}", "X {{ a }}"),
        ("{{ quoted }}", "{{ a }}"),
    ],
)
def test_recursive_rendering_goes_on_until_nothing_changes(source, text):
    context = {"a": "{{ b }}", "b": "{{ c }}", "c": "X", "quoted": "{% raw %}{{ a }}{% endraw %}"}
    assert render(source, context, recursive=True) == text


def test_recursive_rendering_gives_up_after_a_while():
    with pytest.raises(RenderError, match=r"^Too many rendering attempts$"):
        render("{{ a }}", {"a": "{{ a }}x"}, recursive=True)


# -- the scope over a map


def test_a_map_is_a_scope():
    scope = MapScope({"a": 1, "b": "{{ a }}", "c": "{{ b }}"})
    assert scope.variables() == {"a": 1, "b": "{{ a }}", "c": "{{ b }}"}
    assert scope.render("{{ a }}") == 1
    assert scope.render("{{ c }}", recursive=True) == "1"
    assert (render_text("{{ b }}", scope), render_value("{{ a }}", scope)) == ("{{ a }}", 1)


def test_the_line_of_a_bare_path_is_that_of_its_first_use():
    with pytest.raises(RenderError) as failure:
        render("{{ x }}\n\n{{ m.k }} {{ m.zz }}\n{{ m.zz }}", CONTEXT)
    assert failure.value.line == 3
