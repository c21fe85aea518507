"""From an offset in a template to the line and column of the file that holds it."""

import pytest

from kestrel_cli.diagnostic import Position
from kestrel_cli.flowfile.pointing import name_length, place_in, pointed

PLAIN = "tasks:\n  - id: a\n    message: Hello {{ nme }}!\n"
QUOTED = 'tasks:\n  - id: a\n    message: "Hello {{ nme }}!"\n'
BLOCK = "tasks:\n  - id: a\n    message: |\n      one\n\n      Hello {{ nme }}!\n"
LITERAL = "tasks:\n  - id: a\n    message: |-\n        deep {{ x }}\n        {{ nme }}\n"


def placed(text: str, template: str, name: str, first: int = 2) -> tuple[str, int] | None:
    """The rest of the file's line where `name` of the template is pointed at."""
    found = place_in(text.splitlines(), first, template, template.index(name))
    if found is None:
        return None
    line, column = found
    return text.splitlines()[line - 1][column - 1 :], line


@pytest.mark.parametrize(
    ("text", "template", "seen"),
    [
        (PLAIN, "Hello {{ nme }}!", ("nme }}!", 3)),
        (QUOTED, "Hello {{ nme }}!", ('nme }}!"', 3)),
        (QUOTED.replace('"', "'"), "Hello {{ nme }}!", ("nme }}!'", 3)),
        (BLOCK, "one\n\nHello {{ nme }}!\n", ("nme }}!", 6)),
        (LITERAL, "deep {{ x }}\n{{ nme }}", ("nme }}", 5)),
        ("a: [x, '{{ nme }}']\n", "{{ nme }}", ("nme }}']", 1)),
        ("é: 😀 {{ nme }}\n", "😀 {{ nme }}", ("nme }}", 1)),
        ("a: {{ nme }} # {{ nme }}\n", "{{ nme }}", ("nme }} # {{ nme }}", 1)),
    ],
)
def test_a_name_is_found_where_it_stands(text: str, template: str, seen: tuple[str, int]) -> None:
    assert placed(text, template, "nme", first=1) == seen


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ('a: "x \\u0041 {{ nme }}"\n', "x A {{ nme }}"),
        ("a: 'it''s {{ nme }}'\n", "it's {{ nme }}"),
        ("a: >\n  one\n  {{ nme }}\n", "one {{ nme }}\n"),
        ("a: one\n  {{ nme }}\n", "one {{ nme }}"),
        ('a: "{{ x[\\"b\\"].nme }}"\n', '{{ x["b"].nme }}'),
    ],
)
def test_what_is_spelled_differently_in_the_file_is_not_guessed_at(
    text: str, template: str
) -> None:
    assert placed(text, template, "nme", first=1) is None


def test_of_equal_lines_the_first_below_the_task_counts() -> None:
    text = "- id: a\n  message: '{{ nme }}'\n- id: b\n  message: '{{ nme }}'\n"
    assert placed(text, "{{ nme }}", "nme", first=1) == ("nme }}'", 2)
    assert placed(text, "{{ nme }}", "nme", first=3) == ("nme }}'", 4)
    assert placed(text, "{{ nme }}", "nme", first=5) is None


def test_an_unknown_offset_and_an_empty_line_have_no_place() -> None:
    assert place_in(["{{ a }}"], 1, "{{ a }}", -1) is None
    assert place_in(["", "x"], 1, "x\n", 2) is None
    assert place_in([], 1, "{{ a }}", 3) is None


def test_a_place_far_below_is_not_looked_for() -> None:
    lines = ["x"] * 5000 + ["{{ nme }}"]
    assert place_in(lines, 1, "{{ nme }}", 3) is None


@pytest.mark.parametrize(
    ("template", "at", "length"),
    [
        ("{{ nme }}", 3, 3),
        ("{{ a_1.b }}", 3, 3),
        ("{{ éa }}", 3, 2),
        ("{{ + }}", 3, 1),
        ("{{ a", 4, 1),
        ("", 0, 1),
    ],
)
def test_the_caret_is_as_long_as_the_name(template: str, at: int, length: int) -> None:
    assert name_length(template, at) == length


def test_the_line_is_shown_with_a_caret() -> None:
    shown = pointed(PLAIN.splitlines(), Position("f.yaml", 2, 5), "Hello {{ nme }}!", 9, 3)
    place, line, caret = shown.splitlines()
    assert place == "  f.yaml:3:23"
    assert line.endswith("message: Hello {{ nme }}!")
    assert caret.index("^") == line.index("nme")
    assert caret.count("^") == 3


def test_without_a_place_the_task_is_shown() -> None:
    shown = pointed(PLAIN.splitlines(), Position("f.yaml", 2, 5), "other", 1, 3)
    assert shown == "  f.yaml:2:5"
