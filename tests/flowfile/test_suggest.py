from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.flowfile.suggest import distance, nearest, nearest_type

TYPES = (
    "io.kestra.plugin.core.log.Log",
    "io.kestra.plugin.core.log.Fetch",
    "io.kestra.plugin.core.flow.ForEach",
    "io.kestra.plugin.scripts.shell.Commands",
    "io.kestra.plugin.scripts.go.Script",
)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("log", "log", 0), ("log", "logg", 1), ("log", "lgo", 1), ("type", "tpye", 1), ("", "ab", 2)],
)
def test_distance_counts_typing_errors(one, other, apart):
    assert distance(one, other, 3) == apart


def test_distance_beyond_the_limit_is_none():
    assert distance("abcdef", "uvwxyz", 3) is None


def test_the_nearest_of_several_names_is_found():
    assert nearest("mesage", ("level", "message", "messages")) == "message"
    assert nearest("INT", ("STRING", "int")) == "int"
    assert nearest("xyz", ("message",)) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("io.kestra.plugin.core.log.Logg", TYPES[0]),
        ("io.kestra.plugin.core.logs.Log", TYPES[0]),
        ("io.kestra.plugin.core.log.log", TYPES[0]),
        ("io.kestra.plugin.core.Log", TYPES[0]),
        ("Log", TYPES[0]),
        ("io.kestra.plugin.scripts.shell.Command", TYPES[3]),
    ],
)
def test_misspelled_types_are_recognised(written, meant):
    assert nearest_type(written, TYPES) == meant


@pytest.mark.parametrize(
    "real",
    [
        "io.kestra.plugin.scripts.r.Script",
        "io.kestra.plugin.aws.s3.List",
        "com.acme.Log",
        "x" * 300,
    ],
)
def test_real_types_of_other_plugins_are_not_taken_for_typing_errors(real):
    assert nearest_type(real, TYPES) is None


WORDS = st.text("abC.e", max_size=9)


def plain_distance(one: str, other: str) -> int:
    """Typing errors between two words, by their definition."""

    @cache
    def between(row: int, column: int) -> int:
        if not row or not column:
            return row + column
        found = min(
            between(row - 1, column) + 1,
            between(row, column - 1) + 1,
            between(row - 1, column - 1) + (one[row - 1] != other[column - 1]),
        )
        if row > 1 < column and one[row - 2 : row] == other[column - 2 : column][::-1]:
            found = min(found, between(row - 2, column - 2) + 1)
        return found

    return between(len(one), len(other))


@given(WORDS, WORDS, st.integers(0, 3))
def test_distance_is_what_it_is_defined_as(one, other, limit):
    plain = plain_distance(one, other)
    assert distance(one, other, limit) == (plain if plain <= limit else None)


@given(WORDS, st.lists(WORDS, max_size=6))
def test_the_nearest_is_the_first_of_those_with_the_fewest_errors(name, known):
    apart = {
        one: errors
        for one in reversed(known)
        if (errors := plain_distance(name.lower(), one.lower()))
        <= min(max(len(name), len(one)) // 3, 3)
    }
    found = nearest(name, known)
    assert (found is None) == (not apart)
    if found is not None:
        assert apart[found] == min(apart.values())
        assert found == next(one for one in known if apart.get(one) == apart[found])
