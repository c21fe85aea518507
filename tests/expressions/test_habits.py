"""Habits of Jinja and Python, and a missing brace: the hint is what works here."""

import pytest

from kestrel_cli.expressions.check import problems


def hints(template):
    return [problem.hint for problem in problems(template)]


@pytest.mark.parametrize(
    ("template", "hint"),
    [
        ("{{ inputs.x in ['a', 'b'] }}", "write `['a', 'b'] contains inputs.x`"),
        ("{% if inputs.x in ['a', '}}'] %}1{% endif %}", "write `['a', '}}'] contains inputs.x`"),
        ("{{ inputs.x not in [1] }}", "write `not ([1] contains inputs.x)`"),
        ("{{ a and b in c }}", "write `[...] contains x`"),
        ("{{ 'a' if inputs.x else 'b' }}", "write `inputs.x ? 'a' : 'b'`"),
        ("{{ 'a' if inputs.x }}", "write `b ? a : c`"),
        ("{{ 'a' if x and y else 'b' }}", "write `b ? a : c`"),
        ("{{ f(a if b else c) }}", "write `b ? a : c`"),
        ("{{ a }", "an expression is closed with `}}`"),
        ("hi {{ inputs.x", "close it with `}}`: `{{ inputs.x }}`"),
        ("hi {{ inputs.x and more words", "close it with `}}`: `{{ inputs.x and more }}`"),
        ("{{", "close it with `}}`"),
        ("{{ a b }}", None),
    ],
)
def test_the_hint_says_what_to_write(template, hint):
    assert hints(template) == [hint]


@pytest.mark.parametrize(
    "template", ["{% for one in m.items() %}{% endfor %}", "{% for k, v in m %}{% endfor %}"]
)
def test_a_loop_over_a_map_gives_entries(template):
    assert ["one.key" in hint for hint in hints(template)] == [True]


@pytest.mark.parametrize("template", ["{{ a.keys() ?? 1 }}", "{{ a.size() }}", "{{ a.get('b') }}"])
def test_methods_that_may_be_there_or_be_caught_are_left_alone(template):
    assert hints(template) == []


@pytest.mark.parametrize(
    "template", ["{{ a in b", "{{ , in", "{% for , in %}", "{{ a if }}", "{{ a not in }}"]
)
def test_no_mistake_breaks_the_hint(template):
    assert len(hints(template)) == 1
