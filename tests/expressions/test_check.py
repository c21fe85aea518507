"""Mistakes that are seen before a flow runs, with their places and the nearest names."""

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.check import check, near_name, problems
from kestrel_cli.expressions.filters import FILTERS
from kestrel_cli.expressions.functions import FUNCTIONS
from kestrel_cli.expressions.tests import TESTS


def found(template: str, compat: int = 1) -> list[tuple[str, str | None, int, int]]:
    """The mistakes: phrase, hint, offset and line."""
    return [(one.phrase, one.hint, one.at, one.line) for one in problems(template, compat)]


@pytest.mark.parametrize(
    "template",
    [
        "",
        "plain { text",
        "{{ a.b[c].d | upper | default('x') }}",
        "{% for x in y %}{{ loop.index }}{% else %}{% endfor %}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1) }}{% block b %}{% endblock %}",
        "{{ a is defined and b is not empty ? max(1, 2) : min(1, 2) }}",
        "{% raw %}{{ | }}{% endraw %}",
    ],
)
def test_nothing_is_found_where_all_is_well(template: str) -> None:
    assert found(template) == []
    check(template)


@pytest.mark.parametrize("name", [*FILTERS, "default"])
def test_every_filter_is_known(name: str) -> None:
    assert not [one for one in problems(f"{{{{ a | {name} }}}}") if "does not exist" in str(one)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_known(name: str) -> None:
    assert not [one for one in problems(f"{{{{ {name}(1) }}}}") if "does not exist" in str(one)]


@pytest.mark.parametrize("name", [*TESTS, "defined"])
def test_every_test_is_known(name: str) -> None:
    assert found(f"{{{{ a is {name} }}}}") == []


@pytest.mark.parametrize(
    ("template", "phrase", "hint", "at"),
    [
        ("{{ a | uper }}", "Filter [uper] does not exist.", "did you mean `upper`?", 7),
        ("{{ a | defalt(1) }}", "Filter [defalt] does not exist.", "did you mean `default`?", 7),
        ("{{ a | xyzzy }}", "Filter [xyzzy] does not exist.", None, 7),
        (
            "{{ secrt('A') }}",
            "Function or Macro [secrt] does not exist.",
            "did you mean `secret`?",
            3,
        ),
        ("{{ a is emty }}", "Test [emty] does not exist.", "did you mean `empty`?", 8),
        ("{{ a is defind }}", "Test [defind] does not exist.", "did you mean `defined`?", 8),
    ],
)
def test_unknown_names_are_found_at_their_place(
    template: str, phrase: str, hint: str | None, at: int
) -> None:
    assert found(template) == [(phrase, hint, at, 1)]
    with pytest.raises(RenderError) as caught:
        check(template)
    assert caught.value.template == template


def test_all_mistakes_are_found_with_their_lines() -> None:
    template = "{{ a | uper }}\n{% if b is emty %}\n  {{ nop(1) }}{{ c | lwer }}\n{% endif %}"
    lines = sorted((line, template[at : at + 3]) for _, _, at, line in found(template))
    assert lines == [(1, "upe"), (2, "emt"), (3, "lwe"), (3, "nop")]


@pytest.mark.parametrize(
    "template",
    [
        "{{ a | upper(1, 2, nope=3) }}",
        "{{ a | replace(nope='x') }}",
        "{{ range(1) }}",
        "{{ secret() }}",
        "{{ a | date(nope='x') }}",
        "{{ a | substringBefore }}",
    ],
)
def test_wrong_arguments_are_found_or_left_to_the_run(template: str) -> None:
    """Whatever is said of them, it is said at a place in the template."""
    for _, _, at, line in found(template):
        assert 0 <= at < len(template)
        assert line == 1


@pytest.mark.parametrize(
    "template",
    [
        "{{ a",
        "{{ a }",
        "{{ (a }}",
        "{{ a + }}",
        "{% if a %}",
        "{% nope %}",
        "{{ 'a }}",
        "{# a",
        "{{ a b }}",
        "{% for x %}{% endfor %}",
        "{% set true = 1 %}",
        "x\ny {{ 99999999999999999999 }}",
    ],
)
def test_what_cannot_be_parsed_is_one_mistake_with_a_place(template: str) -> None:
    ((_, _, at, line),) = found(template)
    assert 0 <= at <= len(template)
    assert line == template.count("\n", 0, at) + 1


def test_a_template_that_nests_too_deeply_is_one_mistake() -> None:
    assert len(found("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}")) == 1
    assert len(found("{{ 'a'" + " | upper" * 5000 + " }}")) <= 1
    assert len(found("{% if a %}" * 3000)) == 1


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("Filter [uppr] does not exist.", "did you mean `upper`?"),
        ("Test [nul] does not exist.", "did you mean `null`?"),
        ("Function or Macro [nw] does not exist.", "did you mean `now`?"),
        ("Function or Macro [blok] does not exist.", "did you mean `block`?"),
        ("Filter [] does not exist.", None),
        ("Something [upper] else", None),
        ("upper", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_of_the_same_kind(message: str, hint: str | None) -> None:
    assert near_name(message) == hint


def test_what_runs_however_often_it_stands_there_is_not_refused() -> None:
    assert [*problems("{{ flow.id }} {{ a.b.c }}" * 20_000)] == []
    assert [*problems("{{ flow.id | upper }}" * 20_000)] != []
