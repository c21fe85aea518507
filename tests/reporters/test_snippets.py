from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.diagnostic import Position
from kestrel_cli.flowfile.diagnostics import excerpt
from kestrel_cli.reporters.cells import cells
from kestrel_cli.reporters.snippets import fitted, narrowed, widest
from kestrel_cli.reporters.wording import worded

LINE = "    message: loading everything for {{ inputs.day }} from {{ vars.baseurl }} and so on"


def snippet(source, column, length):
    place = Position("flow.yaml", 15, column)
    return [f"  {place}", *excerpt(place, source, length)]


def marked(rows):
    """What stands above the caret."""
    source, caret = rows[1], rows[2]
    return source[caret.index("^") : caret.rindex("^") + 1]


def test_a_line_above_a_caret_is_cut_around_it():
    lines = snippet(LINE, LINE.index("baseurl") + 1, len("baseurl"))
    assert fitted(lines, 50) == [
        "  flow.yaml:15:67",
        "   15 | ...from {{ vars.baseurl }} and so on",
        "      |                 ^^^^^^^",
    ]
    assert marked(fitted(lines, 30)) == "baseurl"
    assert fitted(lines, 120) == lines


@given(st.text("abc {}|^é漢\t", min_size=1, max_size=120), st.data(), st.integers(24, 110))
def test_the_caret_points_at_the_same_at_every_width(source, data, room):
    at = data.draw(st.integers(0, len(source) - 1))
    lines = snippet(source, at + 1, 1)
    rows = fitted(lines, room)
    assert len(rows) == 3
    assert all(cells(row) <= room for row in rows[1:]), rows

    def pointed(rows):
        columns, shown = cells(rows[2]) - 1, ""
        for character in rows[1]:
            if cells(shown) >= columns and cells(character):
                return character
            shown += character
        return ""

    assert pointed(rows) == pointed(lines)


def test_what_scripts_print_is_folded_not_cut():
    lines = ["  other.rs:3:4", "   15 | a word and another word", "      |   ^"]
    assert " ".join(fitted(lines, 20)).count("word") == 2
    assert widest(lines) == cells(lines[1])


def test_a_template_of_several_lines_is_not_quoted_whole():
    message = "Unable to find `x` used in the expression `a\n{{ x }}\n` at line 2\n  f.yaml:3:4"
    assert worded(message) == "Unable to find `x` at line 2\n  f.yaml:3:4"
    single = "Unable to find `x` used in the expression `{{ x }}` at line 1\n  f.yaml:3:4"
    assert worded(single) == single


def test_errors_are_cut_at_their_snippets_only():
    text = "\n".join(["error: " + "word " * 20, *snippet(LINE, 67, 7), "hint: " + "word " * 20])
    rows = narrowed(text, 40).split("\n")
    assert len(rows) == 5
    assert [cells(row) <= 40 for row in rows] == [False, True, True, True, False]
