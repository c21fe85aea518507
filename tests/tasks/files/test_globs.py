"""Java's globs; the rows were chosen after the documentation of FileSystem.getPathMatcher."""

import time
from contextlib import suppress

import pytest

from kestrel_cli import matching
from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.tasks.files.globs import anywhere_matcher, is_glob, name_matcher

ROWS = [
    ("a.txt", ["a.txt"], ["b/a.txt", "aXtxt", "a.txt.bak"]),
    ("./a.txt", ["a.txt"], ["b/a.txt"]),
    ("/a.txt", ["a.txt"], []),
    ("*.txt", ["a.txt", ".txt", "ü.txt"], ["b/a.txt", "a.TXT"]),
    ("**.txt", ["a.txt", "b/c/a.txt"], ["a.csv"]),
    ("**/*.txt", ["b/a.txt", "b/c/a.txt"], ["a.txt"]),
    ("out/*", ["out/a", "out/.a"], ["out/b/a", "out"]),
    ("a?.csv", ["a1.csv"], ["a.csv", "a/.csv", "a12.csv"]),
    ("[ab].csv", ["a.csv", "b.csv"], ["c.csv", "[.csv"]),
    ("[!ab].csv", ["c.csv"], ["a.csv", "/.csv"]),
    ("[0-9]*.csv", ["1.csv", "12.csv"], ["a.csv"]),
    ("*.{csv,json}", ["a.csv", "a.json"], ["a.txt", "a.{csv,json}"]),
    ("a,b", ["a,b"], ["a", "b"]),
    (r"\*.txt", ["*.txt"], ["a.txt"]),
    ("glob:x/**", ["x/a", "x/b/a"], ["x", "y/x/a"]),
    (r"regex:\d+/.*", ["12/a/b"], ["a/b", "x/12/a"]),
]


@pytest.mark.parametrize(("pattern", "these", "not_those"), ROWS, ids=[row[0] for row in ROWS])
def test_a_pattern_matches_whole_relative_names(pattern, these, not_those):
    matches = name_matcher(pattern).fullmatch
    assert [name for name in [*these, *not_those] if matches(name)] == these


@pytest.mark.parametrize(
    ("pattern", "these", "not_those"),
    [
        ("a.txt", ["a.txt", "/a.txt", "b/a.txt"], ["ba.txt"]),
        ("scripts/*.py", ["scripts/a.py", "x/scripts/a.py"], ["scripts/x/a.py"]),
        ("/a.txt", ["a.txt", "/a.txt"], ["b/a.txt"]),
        ("*.py", ["a.py"], ["b/a.py"]),
        ("**/*.py", ["a.py", "b/a.py"], []),
        ("glob:**/a", ["a", "b/a"], ["ba"]),
        ("regex:.*[.]sql", ["a.sql", "x/a.sql"], ["a.py"]),
    ],
)
def test_a_pattern_of_namespace_files_matches_at_any_depth(pattern, these, not_those):
    matches = anywhere_matcher(pattern).fullmatch
    assert [name for name in [*these, *not_those] if matches(name)] == these


@pytest.mark.parametrize("pattern", ["[a", "{a,{b}}", "{a", "a}", "regex:("])
def test_a_broken_pattern_is_named(pattern):
    for matcher in (name_matcher, anywhere_matcher):
        with pytest.raises(TaskFailed, match="is no pattern of file names") as failure:
            matcher(pattern)
        assert f"`{pattern}`" in str(failure.value)


def test_what_can_match_more_than_one_name_is_a_glob():
    assert [is_glob(text) for text in ["a.txt", "a/b c.txt", "*.txt", "a?", "{a,b}", "glob:a"]] == [
        False, False, True, True, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize("pattern", ["*a" * 20 + "b", "**/" + "*a*" * 20 + "b", "regex:(a|aa)+b"])
def test_a_long_name_that_almost_matches_takes_no_time(pattern, monkeypatch):
    monkeypatch.setattr(matching, "SECONDS", 0.2)
    began = time.process_time()
    with suppress(RenderError):
        assert name_matcher(pattern).fullmatch("a" * 250) is None
    assert time.process_time() - began < 2
