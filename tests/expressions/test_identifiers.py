import pytest

from kestrel_cli.expressions.identifiers import mangled, unmangled


@pytest.mark.parametrize("name", ["a", "_", "a1", "class", "__class__", "A_b"])
def test_plain_words_stay_as_they_are(name):
    assert mangled(name) == name
    assert unmangled(name) == name


@pytest.mark.parametrize(
    "name", ["", "é", "ﬁ", "a²", "x y", "1", "0a", "a;b", "a\nb", "\ud800", "水"]
)
def test_everything_else_becomes_part_of_a_word_and_comes_back(name):
    assert f"v_{mangled(name)}".isidentifier()
    assert f"v_{mangled(name)}".isascii()
    assert unmangled(mangled(name)) == name


def test_names_that_python_takes_for_equal_stay_apart():
    assert mangled("ﬁ") != mangled("fi")
