"""Regular expressions on data end, and match what `re` matches."""

import re
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kestrel_cli import matching
from kestrel_cli.matching import Bounded, bounded

HOPELESS = "(a|aa)+$"
TEXT = "a" * 100 + "!"


class GivenUp(Exception):
    """What the tests are told."""

    def __init__(self, message: str, hint: str) -> None:
        self.hint = hint
        super().__init__(message)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "SECONDS", 0.1)
    monkeypatch.setattr(matching, "SECONDS_FOR_ALL", 0.1)


def every_use(pattern: Bounded, text: str) -> None:
    for use in (
        pattern.search,
        pattern.fullmatch,
        lambda text: list(pattern.finditer(text)),
        lambda text: pattern.sub(lambda _: "", text),
    ):
        with pytest.raises(GivenUp) as found:
            use(text)
        assert str(found.value).startswith(f"the regular expression `{pattern.written}` takes too")
        assert "101 characters" in str(found.value)
        assert "(a+)+" in found.value.hint


def test_a_hopeless_search_is_given_up_on_every_thread() -> None:
    pattern = bounded(HOPELESS, GivenUp)
    began = time.process_time()
    every_use(pattern, TEXT)
    thread = threading.Thread(target=every_use, args=(pattern, TEXT))
    thread.start()
    thread.join()
    assert 0.7 < time.process_time() - began < 3


def test_the_message_names_what_the_user_wrote_and_no_novel() -> None:
    pattern = bounded(HOPELESS, GivenUp, written="b" * 1000)
    with pytest.raises(GivenUp, match=r"`b{100}\.\.\.` takes"):
        pattern.search(TEXT)


@pytest.mark.parametrize(
    "pattern", ["(", "*", "(?R)", "(?|a|b)", "\\m", "(?b)a", "a(?i)b", "[b-a]"]
)
def test_what_re_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(re.error):
        bounded(pattern, GivenUp)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(?:foo){e}", "fob"), ("(?:foo){e}", "foo{e}"), ("a{i<=1}", "ab"), ("[[:alpha:]]", ":]"),
        ("[[:alpha:]]", "q"), ("\\[:", "[:"), ("a{2}", "aa"), ("a{,2}b", "aab"), ("a{1,}", "aaa"),
        ("\\{2}", "{2}"), ("\\N{BULLET}{2}", "••"), ("[{]", "{"), ("(?a)\\w", "é"), ("\\w", "é"),
        ("(?i)STRASSE", "straße"), ("(?x) a {2} # {", "aa"), ("(a)?b(?(1)c|d)", "bd"),
    ],
)  # fmt: skip
def test_what_both_languages_have_means_what_it_means_to_re(pattern: str, text: str) -> None:
    mine, wanted = bounded(pattern, GivenUp).search(text), re.search(pattern, text)
    assert (mine and mine.span()) == (wanted and wanted.span())


PIECES = ["a", "b", ".", "[ab]", "[^a]", "(", ")", "(?:", "|", "*", "+?", "?", "{2}", "{", "}", "^",
          "$", "\\b", "(?=", "(?!", "[:", "]", ":", "\\1", "\\d", "-", "&&", "~", ","]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.text("ab:{}2\n", max_size=12))
def test_any_pattern_matches_as_with_re(pattern: str, text: str) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            wanted = re.compile(pattern)
        except (re.error, OverflowError):
            return
    mine = bounded(pattern, GivenUp)
    assert [found.span() for found in mine.finditer(text)] == [
        found.span() for found in wanted.finditer(text)
    ]
    assert (mine.fullmatch(text) is None) == (wanted.fullmatch(text) is None)


def test_nobody_else_compiles_a_pattern_of_a_flow() -> None:
    """Where the first argument is no text written there and no constant, the pattern is known to be
    ours.
    """
    root = Path(matching.__file__).parent
    call = re.compile(
        r"(?<![\w.])re\.(?:compile|search|match|fullmatch|sub|split|findall|finditer)\("
        r"\s*(?!(?:[rbf]{1,2})?[\"']|_?[A-Z])[a-z_(\[]"
    )
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if call.search(path.read_text(encoding="utf-8"))
    }
    assert found == {
        "java/date_reading.py",  # of few parts only
        "jq/dates.py",
        "matching.py",
        "model/iso_text.py",
        "model/marks.py",
        "reporters/links.py",
        "reporters/testing/normalised.py",  # ids and dates; folders and hosts, escaped
        "tasks/files/globs.py",  # of few stars only
    }
