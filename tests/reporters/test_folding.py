"""Sentences in rows of a terminal's width."""

import re

import pytest

from kestrel_cli.reporters.cells import cells
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.folding import folded_lines

LINE = [("plain", "flow `a.b` "), ("failed", "FAILED"), ("plain", " in 2s: 12 task runs, 1 failed")]
HINT = [("plain", "hint: `kestrel restart last` runs it; `kestrel replay last --task fetch` too")]


def rows(line, width, wraps=True):
    lines = folded_lines([line], Style(width=width, wraps=wraps))
    return ["".join(text for _, text in row) for row in lines]


def test_rows_break_between_words_and_keep_their_roles():
    assert list(folded_lines([LINE], Style(width=20, wraps=True))) == [
        [("plain", "flow `a.b` "), ("failed", "FAILED")],
        [("plain", "  "), ("plain", "in 2s: 12 task")],
        [("plain", "  "), ("plain", "runs, 1 failed")],
    ]


def test_a_command_is_not_broken():
    assert rows(HINT, 50) == [
        "hint: `kestrel restart last` runs it;",
        "  `kestrel replay last --task fetch` too",
    ]


@pytest.mark.parametrize("line", [LINE, HINT, [("plain", "an odd ` here, and 漢字漢字 漢字")]])
def test_nothing_is_lost_at_any_width(line):
    text = "".join(part for _, part in line)
    for width in range(8, 100):
        assert "".join("".join(rows(line, width)).split()) == "".join(text.split())
        assert all(cells(row) <= width or re.search("`|in ", row) for row in rows(line, width))


def test_in_a_pipe_a_line_stays_whole():
    assert list(folded_lines([LINE], Style(width=20))) == [LINE]
