import pytest

from kestrel_cli.java.errors import JavaError
from kestrel_cli.java.regex import replace_all, search, split


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("\\Qa.b\\E+", "xa.bb", "a.bb"),
        ("\\p{Upper}\\p{Lower}+", "an Apple", "Apple"),
        ("[\\p{Alpha}_]+", "1abc_2", "abc_"),
        ("\\P{Alpha}+", "ab12", "12"),
        ("\\p{L}+", "1été", "été"),
        ("[\\p{L}\\d]+", "-été1-", "été1"),
        ("[a-z&&[^aeiou]]+", "aeixyz", "xyz"),
        ("[a-c[x-z]]+", "mabxz", "abxz"),
        ("[^]a]", "]ab", "b"),
        ("(?<year>\\d{4})-\\k<year>", "2031-2031", "2031-2031"),
        ("\\d", "٣4", "4"),
        ("\\w+", "é_a", "_a"),
        ("a++b", "aab", "aab"),
        ("(?>a|ab)c", "abc", None),
        ("end$", "the end\n", "end"),
        ("end\\z", "the end\n", None),
        ("a.b", "a\rb", None),
        ("(?s)a.b", "a\nb", "a\nb"),
        ("(?i)ABC", "abc", "abc"),
        ("\\h+\\R", "a \t\r\nb", " \t\r\n"),
        ("\\x{1F600}", "x😀", "😀"),
        ("\\0101", "A", "A"),
        ("[\\w-]+", "a-b c", "a-b"),
    ],
)
def test_java_patterns_find_what_java_finds(pattern, text, found):
    match = search(pattern, text)
    assert (match[0] if match else None) == found


@pytest.mark.parametrize(
    "pattern", ["(", "[a", "*a", "\\p{Nonsense}", "\\", "(?<1a>b)", "x" * 20_000]
)
def test_a_wrong_pattern_is_an_error(pattern):
    with pytest.raises(JavaError):
        search(pattern, "x")


def test_replacements_know_groups_names_and_escapes():
    assert replace_all("(a)(b)?", "[$1|$2]", "abac") == "[a|b][a|]c"
    assert replace_all("(?<n>\\d)", "${n}${n}", "a1") == "a11"
    assert replace_all("a", "\\$1\\\\", "a") == "$1\\"
    assert replace_all("(a)", "$10", "a") == "a0"


@pytest.mark.parametrize("replacement", ["$2", "${no}", "$", "$x", "a\\"])
def test_a_wrong_replacement_is_an_error(replacement):
    with pytest.raises(JavaError):
        replace_all("(a)", replacement, "a")


def test_growing_replacements_stop_at_the_limit():
    with pytest.raises(JavaError, match="10000000"):
        replace_all("a", "b" * 10_000, "a" * 10_000)


@pytest.mark.parametrize(
    ("pattern", "text", "limit", "parts"),
    [
        (",", "a,b,,", 0, ["a", "b"]),
        (",", ",a", 0, ["", "a"]),
        (",", ",,", 0, []),
        (",", "a,b,,", -1, ["a", "b", "", ""]),
        (",", "a,b,c", 1, ["a,b,c"]),
        ("", "abc", 0, ["a", "b", "c"]),
        ("(?<=,)", "a,b,c", 0, ["a,", "b,", "c"]),
        ("x*", "axxb", 0, ["a", "b"]),
        ("\\s*,\\s*", "a , b,c", 0, ["a", "b", "c"]),
    ],
)
def test_split_follows_java(pattern, text, limit, parts):
    assert split(pattern, text, limit) == parts
