"""Random templates: only RenderError comes out, and the quick ways agree with the long one."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import render

NAMES = ("a", "b", "m", "l", "s", "n", "nope", "self", "loop", "é")
CONTEXT: dict[str, Any] = {
    "a": 1,
    "b": {"a": 2, "b": [3, None, {"a": "deep"}], "s": "text"},
    "m": {"a": None, "n": 1.5, "t": True},
    "l": [1, "two", None, [4], {"a": 5}],
    "s": "text",
    "n": None,
    "self": "me",
}


def outcome(template: str, **options: Any) -> tuple[str, object]:
    """What a template gives, or the words of its error; anything else is raised."""
    try:
        return "value", render(template, CONTEXT, **options)
    except RenderError as error:
        return "error", str(error)


names = st.sampled_from(NAMES)
literals = st.one_of(
    st.integers(0, 10**18).map(str),
    st.decimals(0, 999, places=2).map(str),
    st.sampled_from(["true", "null", "''", "'a'", '"b#{a}"', "'%s'", "[]", "{}", "'é'"]),
)
# ruff: noqa: SIM905  words are easier to read than a column of quotes
binary = st.sampled_from(
    "+ - * / % ~ == != < <= > >= and or contains isIn ?? ??? .. equals".split()
)
filters = st.sampled_from(
    "upper length first last join(',') default('d') keys sort reverse abs toJson trim nope".split()
)
tests = st.sampled_from(["defined", "null", "empty", "map", "iterable", "even", "nope"])


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, binary, inner).map(" ".join),
        st.tuples(inner, filters).map(" | ".join),
        st.tuples(inner, st.sampled_from([" is ", " is not "]), tests).map("".join),
        st.tuples(inner, inner, inner).map(lambda p: f"{p[0]} ? {p[1]} : {p[2]}"),
        st.tuples(st.sampled_from(["not ", "-", "+"]), inner).map("".join),
        st.tuples(names, names).map(".".join),
        st.tuples(names, inner).map(lambda p: f"{p[0]}[{p[1]}]"),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(inner, inner).map(lambda p: f"{{{p[0]}: {p[1]}}}"),
        inner.map(lambda one: f"({one})"),
        st.tuples(st.sampled_from(["range", "max", "q", "block", "nope"]), inner).map(
            lambda p: f"{p[0]}({p[1]})"
        ),
    )


expressions = st.recursive(st.one_of(names, literals), compound, max_leaves=6)


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(expressions, inner, inner).map(
            lambda p: f"{{% if {p[0]} %}}{p[1]}{{% else %}}{p[2]}{{% endif %}}"
        ),
        st.tuples(names, expressions, inner).map(
            lambda p: f"{{% for {p[0]} in {p[1]} %}}{p[2]}{{{{ loop.index }}}}{{% endfor %}}"
        ),
        st.tuples(names, expressions).map(lambda p: f"{{% set {p[0]} = {p[1]} %}}"),
        st.tuples(names, inner).map(
            lambda p: f"{{% macro q({p[0]}) %}}{p[1]}{{% endmacro %}}{{{{ q(1) }}}}"
        ),
        st.tuples(names, inner).map(
            lambda p: f"{{% block {p[0]} %}}{p[1]}{{% endblock %}}{{{{ block('{p[0]}') }}}}"
        ),
        inner.map(lambda one: f"{{% filter upper %}}{one}{{% endfilter %}}"),
        st.tuples(inner, inner).map("".join),
    )


prints = st.tuples(st.sampled_from(["{{ ", "{{- "]), expressions, st.sampled_from([" }}", " -}}"]))
templates = st.recursive(
    st.one_of(prints.map("".join), st.sampled_from([" text ", "\n", "{# c #}", ""])),
    nested,
    max_leaves=5,
)
BITS = (
    "{{ }} {% %} {# #} {{- -}} {%- -%} ' \" #{ } ( ) [ ] { . , | ? : = ~ .. ?? is not if endif for"
    " in endfor set macro endmacro block endblock filter endfilter raw endraw verbatim endverbatim"
    " else a l 1 1.5 9999999999999999999 é ² ﬁ"
).split()
BITS += ["\\", "\n", " ", "\ue0000\ue001", "\ud800"]
pieces = st.lists(st.sampled_from(BITS) | st.text(max_size=3), max_size=14)


@settings(max_examples=200, deadline=None)
@given(templates)
def test_a_template_gives_a_value_or_an_error_of_the_dialect_and_always_the_same(
    template: str,
) -> None:
    for options in ({}, {"typed": True}, {"compat": 2}):
        first = outcome(template, **options)
        assert repr(outcome(template, **options)) == repr(first)
        if first[0] == "value" and not options:
            assert isinstance(first[1], str)


@settings(max_examples=300, deadline=None)
@given(pieces.map(" ".join) | pieces.map("".join))
@example("{% block 'x = 1; y' %}{% endblock %}")
@example("{{ " + "9" * 400 + ".5 }}")
@example("{{ " + "0" * 5000 + " }}")
@example("{{ 'z' > 'é' }}")
@example("{{ s | format(x=1) }}")
@example("{% macro q(a) %}{% endmacro %}{{ q(1, a=2) }}")
def test_any_text_is_a_template_or_an_error_of_the_dialect(text: str) -> None:
    outcome(text)
    outcome(text, recursive=True)


paths = st.lists(
    st.sampled_from(["a", "b", "m", "l", "s", "n", "nope", "size", "length", "t"]),
    min_size=1,
    max_size=4,
)


@settings(max_examples=300, deadline=None)
@given(paths, st.sampled_from(["", "x", "\n"]))
def test_the_quick_way_of_a_bare_path_agrees_with_the_compiled_one(
    path: list[str], text: str
) -> None:
    head, *rest = path
    quick = f"{text}{{{{ {'.'.join(path)} }}}}"
    compiled = f"{text}{{{{ ({head}){''.join(f'.{part}' for part in rest)} }}}}"
    for options in ({}, {"typed": True}):
        kind, found = outcome(quick, **options)
        other_kind, other = outcome(compiled, **options)
        assert kind == other_kind
        if kind == "value":
            assert found == other
            assert type(found) is type(other)
        else:
            assert str(found).split(" used in")[0] == str(other).split(" used in")[0]
            assert str(found).split(" at line")[1] == str(other).split(" at line")[1]


@settings(max_examples=300, deadline=None)
@given(expressions)
def test_text_is_the_printed_form_of_the_typed_value(expression: str) -> None:
    from kestrel_cli.expressions.text import printed

    kind, typed = outcome(f"{{{{ {expression} }}}}", typed=True)
    text_kind, text = outcome(f"{{{{ {expression} }}}}")
    if text_kind == "value":
        assert kind == "value"
        assert printed(typed) == text
