import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kestrel_cli.reporters.clean import clean, one_line

SGR = "\x1b[1;31m"


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("plain [/x] [link=http://x]text", "plain [/x] [link=http://x]text"),
        ("\x1b[2Jgone", "gone"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b2Jgone", "gone"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;AAAA\x07copied", "copied"),
        ("\x1bP1;2|data\x1b\\text", "text"),
        ("\x1b]0;never ended", "0;never ended"),
        ("\x1bcreset", "reset"),
        ("\x1b(Bset", "set"),
        ("a\x08b\x07c\x00d\x7fe", "abcde"),
        ("a\tb\nc", "a\tb\nc"),
        ("over\rwritten", "over\nwritten"),
        ("windows\r\nlines", "windows\nlines"),
        ("\u202eevil", "\\u202eevil"),
        ("\u2066a\u2069", "\\u2066a\\u2069"),
        ("line\u2028break", "line break"),
        ("lone \udc80", "lone \\udc80"),
        ("family 👨\u200d👩\u200d👧", "family 👨\u200d👩\u200d👧"),
        ("##vso[task.setvariable]x ##[add-mask]y", "## vso[task.setvariable]x ## [add-mask]y"),
        ("##teamcity[x]", "## teamcity[x]"),
        ("## Heading", "## Heading"),
    ],
)
def test_what_acts_is_taken_out(hostile, harmless):
    assert clean(hostile) == harmless


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{SGR}red\x1b[0m", f"{SGR}red\x1b[0m"),
        ("\x1b[38;5;8mgrey", "\x1b[38;5;8mgrey"),
        ("\x1b[4:3mcurly", "\x1b[4:3mcurly"),
        (f"\x1b[2J{SGR}x\x1b[H", f"{SGR}x"),
        ("\x1b[?25lx", "x"),
        ("\x1b[ mx", "x"),
    ],
)
def test_colours_alone_survive_where_wanted(text, kept):
    assert clean(text, colours=True) == kept


NASTY = st.text(
    st.one_of(
        st.sampled_from("\x1b[]()P0;31mKJ?\x07\x9b\x9c\x9d\x90\\\r\n\t\x85\u202e\u2028#:v"),
        st.characters(),
        st.integers(0xD800, 0xDFFF).map(chr),
    )
)


@given(NASTY, st.booleans())
@example("\x1b\x1b[31m", True)
@example("\x1b\x00[2J", False)
def test_nothing_that_acts_is_left_whatever_comes(text, colours):
    result = clean(text, colours)
    result.encode("utf-8")
    left = result.replace("\t", "").replace("\n", "")
    if not colours:
        assert all(character >= " " and not "\x7f" <= character <= "\x9f" for character in left)
        assert clean(result) == result
    assert "\u202e" not in left
    assert "\r" not in left


@given(st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126)))
def test_printable_text_stays_as_it_is(text):
    assert clean(text, colours=True) == text


@pytest.mark.parametrize(
    "piece",
    ["\x1b]", "\x9d", "\x1b[", "\x1b[1", "\x9b;", "\x1b", "\x1bP\x1b", "##", "\r", "\udc80"],
)
def test_much_of_anything_costs_linear_time(piece):
    text = piece * (300_000 // len(piece))
    clean(text)
    clean(text, colours=True)


def test_one_line_joins_what_was_several():
    assert one_line("a\r\nb\tc\rd") == "a b c d"
