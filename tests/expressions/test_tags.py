"""The tags and their scopes."""

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import render

CONTEXT = {"n": 5, "l": [1, 2, 3], "m": {"a": 1, "b": 2}, "null_": None, "x": "X"}

RENDERED = [
    # if
    ("{% if n == 5 %}a{% endif %}", "a"),
    ("{% if n == 6 %}a{% endif %}", ""),
    ("{% if false %}a{% else %}b{% endif %}", "b"),
    ("{% if false %}a{% elseif true %}b{% else %}c{% endif %}", "b"),
    ("{% if false %}a{% elseif false %}b{% elseif true %}c{% endif %}", "c"),
    ("{% if false %}a{% elseif false %}b{% else %}c{% endif %}", "c"),
    ("{% if true %}{% if false %}a{% else %}b{% endif %}{% endif %}", "b"),
    ("{% if true %}{% set y = 1 %}{% endif %}{{ y }}", "1"),
    # for
    ("{% for i in l %}{{ i }},{% endfor %}", "1,2,3,"),
    ("{% for i in [] %}{{ i }}{% else %}none{% endfor %}", "none"),
    ("{% for i in l %}{{ i }}{% else %}none{% endfor %}", "123"),
    ("{% for i in null %}{{ i }}{% else %}none{% endfor %}", ""),
    ("{% for i in null_ %}{{ i }}{% endfor %}", ""),
    ("{% for e in m %}{{ e.key }}={{ e.value }};{% endfor %}", "a=1;b=2;"),
    (
        "{% for i in l %}{{ loop.index }}{{ loop.revindex }}{{ loop.length }} {% endfor %}",
        "023 113 203 ",
    ),
    (
        "{% for i in l %}{{ loop.first }}{{ loop.last }} {% endfor %}",
        "truefalse falsefalse falsetrue ",
    ),
    (
        "{% for i in l %}{% for j in [7, 8] %}{{ i }}{{ j }}{{ loop.index }} {% endfor %}"
        "{{ loop.index }};{% endfor %}",
        "170 181 0;270 281 1;370 381 2;",
    ),
    ("{% for x in l %}{{ x }}{% endfor %}{{ x }}", "123X"),
    ("{% for i in l %}{% for i in [9] %}{{ i }}{% endfor %}{{ i }}{% endfor %}", "919293"),
    ("{% for i in 1..3 %}{{ i }}{% endfor %}", "123"),
    # set
    ("{% set y = 1 %}{{ y }}", "1"),
    ("{% set y = 1 %}{% set y = y + 1 %}{{ y }}", "2"),
    ("{% set x = 1 %}{{ x }}", "1"),
    ("{{ x }}{% set x = 1 %}{{ x }}", "X1"),
    ("{% set t = 0 %}{% for i in l %}{% set t = t + i %}{% endfor %}{{ t }}", "6"),
    ("{% for i in l %}{% set x = i %}{% endfor %}{{ x }}", "3"),
    ("{% for i in l %}{% set y = i %}{{ y }}{% endfor %}{{ y ?? 'gone' }}", "123gone"),
    (
        "{% for i in l %}{% for j in l %}{% set s = (s ?? 0) + 1 %}{% endfor %}"
        "{{ s ?? '-' }}{% endfor %}",
        "---",
    ),
    (
        "{% set s = 0 %}{% for i in l %}{% for j in l %}{% set s = s + 1 %}{% endfor %}"
        "{% endfor %}{{ s }}",
        "9",
    ),
    ("{% set y = null %}{{ y ?? 'null' }}", "null"),
    # macro
    ("{% macro q(a) %}<{{ a }}>{% endmacro %}{{ q(1) }}", "<1>"),
    ("{{ q(1) }}{% macro q(a) %}<{{ a }}>{% endmacro %}", "<1>"),
    (
        "{% macro q(a, b='d') %}{{ a }}{{ b }}{% endmacro %}"
        "{{ q(1) }}{{ q(1, 2) }}{{ q(b=3, a=4) }}",
        "1d1243",
    ),
    ("{% macro q(a) %}{{ a ?? 'none' }}{% endmacro %}{{ q() }}", "none"),
    ("{% macro q() %}{{ x ?? 'hidden' }}{% endmacro %}{{ q() }}", "hidden"),
    ("{% set y = 1 %}{% macro q() %}{{ y ?? 'hidden' }}{% endmacro %}{{ q() }}", "hidden"),
    ("{% macro q() %}{% set y = 1 %}{{ y }}{% endmacro %}{{ q() }}{{ y ?? 'gone' }}", "1gone"),
    (
        "{% macro q(a) %}{% for i in a %}{{ i }}{{ loop.index }}{% endfor %}"
        "{% endmacro %}{{ q(l) }}",
        "102132",
    ),
    (
        "{% macro q(a) %}{% if a > 0 %}{{ a }}{{ q(a - 1) }}{% endif %}{% endmacro %}{{ q(3) }}",
        "321",
    ),
    ("{% macro q(a) %}{{ a }}{% endmacro %}{{ q(1) | upper ~ q(2) }}", "12"),
    ("{% macro q() %}{{ l }}{{ null }}{% endmacro %}{{ q() ?? 'failed' }}", "failed"),
    ("{% macro q(a) %}{{ a }}{% endmacro %}{{ q([1, 'b']) }}{{ [1, 'b'] }}", '[1, b][1,"b"]'),
    ("{% macro q(a) %}{% set a = a + 1 %}{{ a }}{% endmacro %}{{ q(1) }}{{ q(1) }}", "22"),
    ("{% for i in l %}{% macro q(a) %}[{{ a }}]{% endmacro %}{{ q(i) }}{% endfor %}", "[1][2][3]"),
    # block
    ("{% block b %}x{% endblock %}{{ block('b') }}", "xx"),
    ("{% set y = 1 %}{% block b %}{{ y }}{% endblock %}{{ block('b') }}", "11"),
    ("{% block b %}{{ [1, 'c'] }}{% endblock %}|{{ block('b') }}", '[1,"c"]|[1, c]'),
    # filter
    ("{% filter upper %}a{{ x }}b{% endfilter %}", "AXB"),
    ("{% filter upper | lower %}aB{% endfilter %}", "ab"),
    ("{% filter replace({'a': 'z'}) %}abc{% endfilter %}", "zbc"),
    # whitespace
    ("a {%- if true -%} b {%- endif -%} c", "abc"),
    ("{% if true %}\na\n{% endif %}\n", "\na\n\n"),
]


@pytest.mark.parametrize(("template", "expected"), RENDERED)
def test_a_tag_renders(template, expected):
    assert render(template, CONTEXT) == expected


ERRORS = [
    ("{% if true %}", 'Unexpected end of template. Pebble was looking for the "endif" tag'),
    (
        "{% if true %}{% else %}",
        'Unexpected end of template. Pebble was looking for the "endif" tag',
    ),
    (
        "{% if true %}{% elseif true %}",
        'Unexpected end of template. Pebble was looking for the "endif" tag',
    ),
    ("{% for i in l %}", 'Unexpected end of template. Pebble was looking for the "endfor" tag'),
    (
        "{% for i in l %}{% else %}",
        'Unexpected end of template. Pebble was looking for the "endfor" tag',
    ),
    ("{% macro q() %}", 'Unexpected end of template. Pebble was looking for the "endmacro" tag'),
    ("{% block q %}", 'Unexpected end of template. Pebble was looking for the "endblock" tag'),
    (
        "{% filter upper %}",
        'Unexpected end of template. Pebble was looking for the "endfilter" tag',
    ),
    ("{% endif %}", 'Unexpected tag name "endif"'),
    ("{% else %}", 'Unexpected tag name "else"'),
    ("{% if true %}{% endfor %}", 'Unexpected tag name "endfor"'),
    ("{% if true %}{% elif false %}{% endif %}", 'Unexpected tag name "elif"'),
    ("{% nope %}", 'Unexpected tag name "nope"'),
    ("{% raw %}\n{% endraw %}", 'Unexpected tag name "raw"'),
    ("{% %}", "A block must start with a tag name."),
    ("{% 'if' %}", "A block must start with a tag name."),
    ("{% if %}{% endif %}", "Unexpected end of expression: expected an expression"),
    ("{% for in l %}{% endfor %}", "Unexpected token `l`: expected `in`"),
    ("{% for i of l %}{% endfor %}", "Unexpected token `of`: expected `in`"),
    ("{% for k, v in m %}{% endfor %}", "Unexpected token `,`: expected `in`"),
    ("{% for i in l if i %}{% endfor %}", "Unexpected token `if`: nothing may follow here"),
    ("{% for i in 5 %}{% endfor %}", "Not an iterable object. Value = [5]"),
    ("{% for i in x %}{% endfor %}", "Not an iterable object. Value = [X]"),
    ("{% for i in nope %}{% endfor %}", "Unable to find `nope`"),
    ("{% for i in l %}{% endfor %}{{ loop.index }}", "Unable to find `loop`"),
    ("{% for i in l %}{% endfor %}{{ i }}", "Unable to find `i`"),
    ("{% set y %}x{% endset %}", "Unexpected end of expression: expected `=`"),
    ("{% set a, b = 1 %}", "Unexpected token `,`: expected `=`"),
    ("{% set true = 1 %}", "Can not assign a value to true"),
    ("{% set none = 1 %}", "Can not assign a value to none"),
    ("{% set 5 = 1 %}", "Unexpected token `5`: expected a name"),
    ("{% set y = 1 2 %}", "Unexpected token `2`: nothing may follow here"),
    ("{% macro %}{% endmacro %}", "Unexpected end of expression: expected a name"),
    ("{% macro q %}{% endmacro %}", "Unexpected end of expression: expected `(`"),
    ("{% macro q(a b) %}{% endmacro %}", "Unexpected token `b`: expected `,`"),
    ("{% macro q(1) %}{% endmacro %}", "Unexpected token `1`: expected a name"),
    ("{% macro q() x %}{% endmacro %}", "Unexpected token `x`: nothing may follow here"),
    (
        "{% macro q(a) %}{% endmacro %}{{ q(1, 2) }}",
        "The argument at position 2 is not allowed. Only 1 argument(s) are allowed.",
    ),
    (
        "{% macro q(a) %}{% endmacro %}{{ q(b=2) }}",
        "The following named argument does not exist: b",
    ),
    ("{% macro q(a) %}{% endmacro %}{{ q(1, a=2) }}", "The argument 'a' is given more than once."),
    ("{% macro q() %}{{ x }}{% endmacro %}{{ q() }}", "Unable to find `x`"),
    (
        "{% macro q() %}{{ q() }}{% endmacro %}{{ q() }}",
        "The template calls itself too often, or a value is nested too deeply",
    ),
    ("{% block %}{% endblock %}", "Unexpected end of expression: expected a name"),
    ("{% block 5 %}{% endblock %}", "Unexpected token `5`: expected a name"),
    ("{% block a b %}{% endblock %}", "Unexpected token `b`: nothing may follow here"),
    ("{{ block('nope') }}", "Function or Macro [nope] does not exist."),
    ("{{ block(x) }}", "The 'block' function expects an argument 'name'."),
    ("{{ block() }}", "The 'block' function expects an argument 'name'."),
    ("{% filter %}{% endfilter %}", "Unexpected end of expression: expected a name"),
    ("{% filter nope %}a{% endfilter %}", "Filter [nope] does not exist."),
    ("{% filter upper x %}a{% endfilter %}", "Unexpected token `x`: nothing may follow here"),
    ("{% set s = 1 %}{% macro q() %}{{ s }}{% endmacro %}{{ q() }}", "Unable to find `s`"),
    ("{% set s = 1 %}{% for i in l %}{{ nope }}{% endfor %}", "Unable to find `nope`"),
]


@pytest.mark.parametrize(("template", "message"), ERRORS)
def test_a_tag_refuses(template, message):
    with pytest.raises(RenderError) as failure:
        render(template, CONTEXT)
    assert str(failure.value).startswith(message)


@pytest.mark.parametrize(
    "tag",
    "autoescape extends embed flush import include parallel cache from".split(),  # noqa: SIM905
)
def test_tags_that_kestra_took_away_do_not_exist(tag):
    with pytest.raises(RenderError, match=f'^Unexpected tag name "{tag}"'):
        render(f"{{% {tag} 'x' %}}", CONTEXT)


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{{ x }}\n{{ nope }}", 2),
        ("\n\n{% if x == nope.y %}{% endif %}", 0),
        ("{% for i in l %}\n{{ i }}\n{{ nope }}\n{% endfor %}", 3),
    ],
)
def test_a_missing_name_tells_its_line(template, line):
    with pytest.raises(RenderError) as failure:
        render(template, CONTEXT)
    assert failure.value.line == line


def test_loops_without_measure_end_in_an_error():
    with pytest.raises(RenderError):
        render("{% for a in l %}" * 12 + "{% endfor %}" * 12, {"l": list(range(10))})
