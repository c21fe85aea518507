from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.reporters.cells import cells, cut, ending, folded

WORDS = st.text(st.sampled_from("ab 漢é\t"))


def test_columns_are_counted_as_terminals_do():
    assert cells("abc") == 3
    assert cells("漢字") == 4
    assert cells("e\u0301") == 1
    assert cells("\x1b[1;31mred\x1b[0m") == 3
    assert cells("a\tb") == 10


def test_text_is_folded_between_words():
    assert folded("one two three", 7) == ["one two", "three"]
    assert folded("one", 7) == ["one"]
    assert folded("", 7) == [""]
    assert folded("    indented text", 12) == ["    indented", "text"]


def test_a_word_longer_than_the_room_stays_whole():
    url = "https://example.org/" + "x" * 50
    assert folded(f"see {url} now", 20) == ["see", url, "now"]


def test_cut_rows_have_exactly_the_room():
    assert cut("abcdefgh", 3, 5, "…") == ["abc", "def", "gh"]
    assert cut("abcdefgh", 3, 2, "…") == ["abc", "de…"]
    assert cut("abc", 3, 1, "…") == ["abc"]
    assert cut("漢字漢字", 3, 9, "…") == ["漢", "字", "漢", "字"]


@given(WORDS, st.integers(1, 12))
def test_folding_loses_nothing_but_blanks(text, room):
    rows = folded(text, room)
    assert "".join("".join(rows).split()) == "".join(text.split())
    assert all(cells(row) <= room or len(row.split()) == 1 for row in rows if row.strip())


@given(st.text(st.sampled_from("ab漢é")), st.integers(2, 12))
def test_cutting_without_a_limit_loses_nothing(text, room):
    rows = cut(text, room, 10_000, "…")
    assert "".join(rows) == text
    assert all(cells(row) <= room for row in rows)


@given(st.text(st.sampled_from("ab漢é")), st.integers(4, 12))
def test_an_ending_takes_one_row(text, room):
    shown = ending(text, room, "…")
    assert cells(shown) <= room
    assert text.endswith(shown.removeprefix("…"))
    assert shown == text or len(shown) > 1
