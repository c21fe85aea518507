"""Template text to parts and tokens."""

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.lexer import parts, raw_cut, raw_restored, without_raw_tags


def shown(source):
    """Text as it is; prints and tags as `{kind a b c}` with their tokens."""
    return [
        part.text
        if part.kind == "text"
        else f"{{{' '.join([part.kind, *(token.value for token in part.tokens)])}}}"
        for part in parts(source)
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("a {{ b }} c", ["a ", "{print b}", " c"]),
        ("{{b}}{{c}}", ["{print b}", "{print c}"]),
        ("{% if a %}\n", ["{tag if a}", "\n"]),
        ("a{# c #}b", ["a", "b"]),
        ("a{# {{ x }} {% y %} #}b", ["a", "b"]),
        ("{ } }} %} #}", ["{ } }} %} #}"]),
        ("a\r\n{{ b }}\r\n", ["a\r\n", "{print b}", "\r\n"]),
        ("{{ '}}' }}", ["{print }}}"]),
        ("{{ {'a': {'b': 1}} }}", ["{print { a : { b : 1 } }}"]),
        # trimming
        ("a {{- 'b' }} c", ["a", "{print b}", " c"]),
        ("a {{ 'b' -}} \n c", ["a ", "{print b}", "c"]),
        ("a {{-1}}", ["a ", "{print - 1}"]),
        (" {{- a }}", ["{print a}"]),
        ("{{- a -}} ", ["{print a}"]),
        ("a {%- if b -%} c", ["a", "{tag if b}", "c"]),
        ("a {#- c -#} b", ["a", "b"]),
        ("a {#-c-#} b", ["a ", "b"]),
        ("{{- a }}", ["{print a}"]),
        ("{{ a - }} b", None),
        # verbatim
        ("{% verbatim %} {{ x }} {% endverbatim %} a", ["{{ x }} ", " a"]),
        ("a {%- verbatim -%} {{ x }} {%- endverbatim -%} b", ["a", "{{ x }}", "b"]),
        ("a {%- verbatim %}{% endverbatim %}", ["a"]),
        # raw
        ("{% raw %}{{ x }}{% endraw %}{{ a }}", ["{{ x }}", "{print a}"]),
        ("{%-  raw -%} {{ x }} {% endraw %}", [" {{ x }} "]),
        ("{{ '{% raw %}{{ x }}{% endraw %}' }}", ["{print {{ x }}}"]),
    ],
)
def test_a_template_is_cut_into_parts(source, expected):
    if expected is None:
        assert next(iter(parts(source))).kind == "print"
    else:
        assert shown(source) == expected


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("a", [("name", "a")]),
        ("_a1", [("name", "_a1")]),
        ("水", [("name", "水")]),
        (
            "order island notx isInX",
            [("name", "order"), ("name", "island"), ("name", "notx"), ("name", "isInX")],
        ),
        ("12", [("integer", "12")]),
        ("007", [("integer", "7")]),
        ("000", [("integer", "0")]),
        ("12L", [("integer", "12")]),
        ("9223372036854775807", [("integer", "9223372036854775807")]),
        ("1.50", [("float", "1.50")]),
        ("00.5", [("float", "0.5")]),
        ("1..3", [("integer", "1"), ("operator", ".."), ("integer", "3")]),
        ("1.5.a", [("float", "1.5"), ("operator", "."), ("name", "a")]),
        ("a.1", [("name", "a"), ("operator", "."), ("integer", "1")]),
        ("'a'", [("string", "a")]),
        ("'a\\'b'", [("string", "a'b")]),
        ("'a\\nb\\d'", [("string", "a\\nb\\d")]),
        ("'a\nb'", [("string", "a\nb")]),
        ('"a\\"b"', [("string", 'a"b')]),
        ("'#{1}'", [("string", "#{1}")]),
        ('"a # b"', [("string", "a # b")]),
        ("''", [("string", "")]),
        ('""', [("string", "")]),
        ("a is not b", [("name", "a"), ("operator", "is not"), ("name", "b")]),
        ("a is  not b", [("name", "a"), ("operator", "is"), ("operator", "not"), ("name", "b")]),
        ("a is nothing", [("name", "a"), ("operator", "is"), ("name", "nothing")]),
        (
            "a???b??c?d",
            [
                ("name", "a"),
                ("operator", "???"),
                ("name", "b"),
                ("operator", "??"),
                ("name", "c"),
                ("operator", "?"),
                ("name", "d"),
            ],
        ),
        (
            "a<=b>=c!=d==e",
            [
                (k, v)
                for k, v in zip(
                    ["name", "operator"] * 4 + ["name"],
                    ["a", "<=", "b", ">=", "c", "!=", "d", "==", "e"],
                    strict=True,
                )
            ],
        ),
    ],
)
def test_tokens(source, kinds):
    (part,) = parts(f"{{{{ {source} }}}}")
    assert [(token.kind, token.value) for token in part.tokens] == kinds


def test_a_text_in_double_quotes_holds_expressions():
    (part,) = parts('{{ "a #{b + "c"} d#{e}" }}')
    (token,) = part.tokens
    assert token.kind == "interpolation"
    assert [
        piece if isinstance(piece, str) else [inner.value for inner in piece]
        for piece in token.pieces
    ] == ["a ", ["b", "+", "c"], " d", ["e"]]


def test_parts_and_tokens_know_where_they_stand():
    text, printed = parts("ab {{ cd + 1 }}")
    assert (text.at, printed.at, [token.at for token in printed.tokens]) == (0, 3, [6, 9, 11])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{# a", "Unclosed comment. ({# a:1)"),
        ("\n{{ a", "Unclosed delimiter: `}}` is missing (\n{{ a:2)"),
        ("{% a", "Unclosed delimiter: `%}` is missing ({% a:1)"),
        ("{{ a %}", 'Unexpected "}" ({{ a %}:1)'),
        ("{{ (a }}", 'Unclosed "(" ({{ (a }}:1)'.replace('"("', '")"')),
        ("{{ (a", 'Unclosed ")" ({{ (a:1)'),
        ("{{ [a) }}", 'Unclosed "]" ({{ [a) }}:1)'),
        ("{{ a) }}", 'Unexpected ")" ({{ a) }}:1)'),
        ("{{ 'a }}", "Unclosed text: its closing quote is missing ({{ 'a }}:1)"),
        ('{{ "a }}', 'Unclosed text: its closing quote is missing ({{ "a }}:1)'),
        ('{{ "a #{b" }}', 'Unclosed text: its closing quote is missing ({{ "a #{b" }}:1)'),
        ("{{ a # b }}", "Unexpected character [#] ({{ a # b }}:1)"),
        ("{{ a & b }}", "Unexpected character [&] ({{ a & b }}:1)"),
        ("{{ a ! b }}", "Unexpected character [!] ({{ a ! b }}:1)"),
        ("{{ a; }}", "Unexpected character [;] ({{ a; }}:1)"),
        (
            "{{ 9223372036854775808 }}",
            "The number 9223372036854775808 is too large ({{ 9223372036854775808 }}:1)",
        ),
    ],
)
def test_what_cannot_be_cut_says_why_and_where(source, message):
    with pytest.raises(RenderError) as failure:
        parts(source)
    assert str(failure.value) == message


@pytest.mark.parametrize(
    "number", ["9" * 20, "9" * 5_000, "1" * 400 + ".5", "009223372036854775808"]
)
def test_numbers_beyond_64_bits_are_refused(number):
    with pytest.raises(RenderError, match="is too large"):
        parts(f"{{{{ {number} }}}}")


def test_leading_zeros_do_not_count():
    (part,) = parts("{{ " + "0" * 5_000 + "1 }}")
    assert part.tokens[0].value == "1"


def test_a_long_template_is_shortened_in_the_message():
    with pytest.raises(RenderError) as failure:
        parts("x" * 1_000 + "\n{{ a")
    assert str(failure.value) == f"Unclosed delimiter: `}}}}` is missing ({'x' * 200}...:2)"
    assert (failure.value.line, failure.value.at) == (2, 1_003)


def test_brackets_may_not_nest_forever():
    with pytest.raises(RenderError, match="nested too deeply: more than 60 brackets"):
        parts("{{ " + "(" * 61 + ")" * 61 + " }}")
    parts("{{ " + "(" * 60 + "a" + ")" * 60 + " }}")


def test_raw_blocks_are_cut_out_and_put_back():
    kept = []
    text = raw_cut("a {% raw %}{{ x }}{% endraw %} b {% raw %}y{% endraw %}", kept)
    assert kept == ["{{ x }}", "y"]
    assert "{{" not in text
    assert raw_restored(text, kept) == "a {{ x }} b y"


@pytest.mark.parametrize(
    "text", ["a \ue0007\ue001 b", "\ue00099999999999999999\ue001", "\ue000x\ue001"]
)
def test_marks_that_nobody_made_stay(text):
    assert raw_restored(text, ["kept"]) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a"),
        ("{% raw %}a{% endraw %}", "a"),
        ("{%- raw -%}a{%-endraw%}", "a"),
        ("{% raw %}\na{% endraw %}", "{% raw %}\na{% endraw %}"),
        ("{% raw %}a", "{% raw %}a"),
    ],
)
def test_tags_of_raw_blocks_on_one_line_are_removed(text, expected):
    assert without_raw_tags(text) == expected
