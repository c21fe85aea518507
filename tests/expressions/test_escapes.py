"""Attempts to reach Python from a template: an error or plain text comes out, never code."""

import builtins

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import render

CONTEXT = {"s": "text", "n": 5, "l": [1, 2], "m": {"a": 1}, "null_": None, "f": 1.5, "b": True}

REFUSED = [
    # attributes of Python's objects
    "{{ s.__class__ }}",
    "{{ s['__class__'] }}",
    "{{ s['__cl' ~ 'ass__'] }}",
    "{{ s.__class__() }}",
    "{{ n.__class__.__mro__ }}",
    "{{ l.__len__ }}",
    "{{ l['__class__'] }}",
    "{{ m.__class__ }}",
    "{{ m['__init__'] }}",
    "{{ b.real }}",
    "{{ n.bit_length() }}",
    "{{ f.hex() }}",
    "{{ null_.__class__ }}",
    "{{ null.__class__ }}",
    "{{ [].__class__ }}",
    "{{ ('a').__class__ }}",
    # methods of Python's objects
    "{{ m.keys }}",
    "{{ m.keys() }}",
    "{{ m.items() }}",
    "{{ m.pop('a') }}",
    "{{ m.update({'a': 2}) }}",
    "{{ l.append(3) }}",
    "{{ s.format }}",
    "{{ s.format(1) }}",
    "{{ '{0.__class__}'.format(s) }}",
    "{{ s.format_map(m) }}",
    "{{ s.encode() }}",
    "{{ s.upper() }}",
    "{{ (1..3).count(1) }}",
    "{{ range(1, 3).start }}",
    "{{ range(1, 3).__class__ }}",
    "{{ now().__class__ }}",
    "{{ now().replace(year=1) }}",
    "{{ now().year }}",
    # names of Python and of Jinja
    "{{ __builtins__ }}",
    "{{ __import__('os') }}",
    "{{ __file__ }}",
    "{{ open('/etc/passwd') }}",
    "{{ eval('1') }}",
    "{{ exec('1') }}",
    "{{ getattr(s, 'x') }}",
    "{{ type(s) }}",
    "{{ self }}",
    "{{ self._TemplateReference__context }}",
    "{{ super }}",
    "{{ super() }}",
    "{{ caller }}",
    "{{ caller() }}",
    "{{ varargs }}",
    "{{ kwargs }}",
    "{{ cycler('a') }}",
    "{{ joiner() }}",
    "{{ namespace(a=1) }}",
    "{{ lipsum }}",
    "{{ lipsum() }}",
    "{{ lipsum.__globals__ }}",
    "{{ dict(a=1) }}",
    "{{ range }}",
    "{{ environment }}",
    "{{ context }}",
    "{{ resolve }}",
    "{{ missing }}",
    "{{ undefined }}",
    "{{ Markup('x') }}",
    "{{ root }}",
    "{{ blocks }}",
    "{{ loop }}",
    "{{ loop_state }}",
    "{{ loop_item }}",
    "{{ v_s }}",
    "{{ l_0_v_s }}",
    "{{ t_1 }}",
    "{{ uuid.__globals__ }}",
    "{{ now.__self__ }}",
    # filters and tests of Jinja
    "{{ s | attr('__class__') }}",
    "{{ l | map('upper') }}",
    "{{ l | map(attribute='__class__') }}",
    "{{ l | groupby('__class__') }}",
    "{{ l | selectattr('x') }}",
    "{{ s | safe }}",
    "{{ s | pprint }}",
    "{{ s is callable }}",
    "{{ s is sameas(s) }}",
    # tags of Jinja
    "{% import 'os' as os %}",
    "{% from 'os' import x %}",
    "{% include '/etc/passwd' %}",
    "{% extends 'x' %}",
    "{% call q() %}{% endcall %}",
    "{% do l.append(1) %}",
    "{% with a = 1 %}{% endwith %}",
    "{% autoescape true %}{% endautoescape %}",
    # syntax of Python
    "{{ s if s else 1 }}",
    "{{ [x for x in l] }}",
    "{{ lambda: 1 }}",
    "{{ l[0:1] }}",
    "{{ (1, 2) }}",
    "{{ s[0] }}",
    "{{ s; import os }}",
    "{{ s := 1 }}",
    # objects of the generated code
    "{% macro q() %}x{% endmacro %}{{ q }}",
    "{% macro q() %}x{% endmacro %}{{ q.name }}",
    "{% macro q() %}x{% endmacro %}{{ macro_q }}",
    "{% macro q() %}x{% endmacro %}{{ q().__class__ }}",
    "{% macro q() %}{{ caller() }}{% endmacro %}{{ q() }}",
    "{% macro q() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ q() }}",
    "{% block x %}y{% endblock %}{{ block }}",
    "{% block x %}y{% endblock %}{{ block_x }}",
    "{% block x %}y{% endblock %}{{ block('x').__class__ }}",
    "{% for i in l %}{{ loop.__class__ }}{% endfor %}",
    "{% for i in l %}{{ loop['_iterator'] }}{% endfor %}",
    "{% for i in l %}{{ loop.cycle(1) }}{% endfor %}",
    "{% for i in l %}{{ loop() }}{% endfor %}",
    "{% for e in m %}{{ e.__slots__ }}{% endfor %}",
    "{{ render('{{ s.__class__ }}') }}",
    "{{ m | jq('$ENV') }}",
    "{{ m | jq('env') }}",
    "{{ read('/etc/passwd') }}",
]


@pytest.mark.parametrize("template", REFUSED)
def test_an_attempt_is_refused(template):
    with pytest.raises(RenderError):
        render(template, CONTEXT)


HARMLESS = [
    ("{{ '{0.__class__}' | format(s) }}", "{0.__class__}"),
    ("{{ '%s' | format(s) }}", "text"),
    ("{% for i in l %}{{ loop }}{% endfor %}", "[object][object]"),
    ("{% for i in l %}{{ loop ~ '' }}{% endfor %}", "[object][object]"),
    ("{% for i in l %}{{ [loop] }}{% endfor %}", '["[object]"]["[object]"]'),
    ("{% for e in m %}{{ e }}{% endfor %}", "a=1"),
    ("{% for e in m %}{{ {'k': e} }}{% endfor %}", '{"k":"a=1"}'),
    ("{% macro __class__() %}x{% endmacro %}{{ __class__() }}", "x"),
    ("{% macro import(def) %}{{ def }}{% endmacro %}{{ import(def=3) }}", "3"),
    ("{% block class %}y{% endblock %}{{ block('class') }}", "yy"),
    ("{% for __class__ in l %}{{ __class__ }}{% endfor %}", "12"),
    ("{% for self in l %}{{ self }}{% endfor %}", "12"),
    ("{% for environment in l %}{{ s | upper }}{% endfor %}", "TEXTTEXT"),
    ("{% set self = 1 %}{{ self }}", "1"),
    ("{% set environment = 1 %}{{ environment }}{{ 'a' | upper }}", "1A"),
    ("{% set __builtins__ = 1 %}{{ __builtins__ }}", "1"),
    ("{% set import = 1 %}{{ import }}", "1"),
    ("{% set t_1 = 1 %}{{ t_1 }}{{ s | upper }}", "1TEXT"),
    ("{% set l_0_v_s = 1 %}{{ s }}", "text"),
    ("{% set root = 1 %}{% set context = 2 %}{{ root }}{{ context }}", "12"),
]


@pytest.mark.parametrize(("template", "text"), HARMLESS)
def test_what_looks_like_an_attempt_is_plain_text(template, text):
    assert render(template, CONTEXT) == text


CODE = "print('reached')"
INJECTIONS = [
    "{% block NAME %}y{% endblock %}",
    "{{ block(NAME) }}",
    "{% block x %}{% endblock %}{{ block(NAME) }}",
    "{{ NAME }}",
    "{{ s[NAME] }}",
    "{{ m.a | default(NAME) }}",
    "{% set x = NAME %}{{ x }}",
    "{% for i in [NAME] %}{{ i }}{% endfor %}",
    "{% macro q(a=NAME) %}{{ a }}{% endmacro %}{{ q() }}",
    '{% block "#{NAME}" %}{% endblock %}',
    "{% raw %}NAME{% endraw %}{{ s }}",
    "NAME{{ s | upper }}",
]
NAMES = [
    f"x = {CODE}; l_0_y",
    f"x\n    {CODE}\n    y",
    f"x); {CODE}; (y",
    f"'); {CODE}; ('",
    f"\\'); {CODE}; (\\'",
    f"'''\n{CODE}\n'''",
    f"x # \r{CODE}",
    f"{{}}{CODE}",
    "0x",
    "é",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("template", INJECTIONS)
def test_text_of_a_template_never_becomes_code(template, name, monkeypatch):
    called = []
    monkeypatch.setattr(builtins, "print", called.append)
    quoted = "'" + name.replace("'", "\\'") + "'"
    try:
        found = render(template.replace("NAME", quoted), CONTEXT)
    except RenderError as error:
        found = str(error)
    assert isinstance(found, str)
    assert called == []


def test_a_block_may_have_any_text_as_its_name():
    assert render("{% block 'x y; z' %}a{% endblock %}{{ block('x y; z') }}", {}) == "aa"


def test_a_name_that_python_reads_as_another_stays_itself():
    assert render("{% for ﬁ in l %}{{ ﬁ }}{{ fi }}{% endfor %}", {**CONTEXT, "fi": "-"}) == "1-2-"
    assert render("{% macro q(ﬁ, fi) %}{{ ﬁ }}{{ fi }}{% endmacro %}{{ q(ﬁ=1, fi=2) }}", {}) == "12"


def test_nothing_of_the_context_can_be_changed():
    context = {"l": [1], "m": {"a": 1}}
    for template in (
        "{{ l + 2 }}",
        "{% set l = 3 %}",
        "{% for i in l %}{% set m = 4 %}{% endfor %}",
    ):
        render(template, context)
    assert context == {"l": [1], "m": {"a": 1}}


class Opaque:
    """An object that nobody should see anything of."""

    value = "seen"

    def __str__(self):
        return "seen"

    def __len__(self):
        raise AssertionError("called")

    __repr__ = __iter__ = __call__ = __bool__ = __eq__ = __len__
    __hash__ = object.__hash__


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ x }}", "[object]"),
        ("{{ (x) }}", "[object]"),
        ("{{ x ~ '' }}", "[object]"),
        ("{{ [x] }}", '["[object]"]'),
        ("{{ {'k': x} | toJson }}", '{"k":"[object]"}'),
    ],
)
def test_an_object_of_somebody_elses_prints_as_nothing_but_an_object(template, text):
    assert render(template, {"x": Opaque()}) == text


@pytest.mark.parametrize(
    "template",
    [
        "{{ x.value }}",
        "{{ (x).value }}",
        "{{ x() }}",
        "{{ x.value() }}",
        "{{ x['value'] }}",
        "{% for i in x %}{% endfor %}",
        "{{ x + 1 }}",
        "{% if x %}{% endif %}",
        "{{ x ? 1 : 2 }}",
        "{{ -x }}",
        "{{ x < 1 }}",
    ],
)
def test_nothing_can_be_done_with_an_object_of_somebody_elses(template):
    with pytest.raises(RenderError):
        render(template, {"x": Opaque()})
