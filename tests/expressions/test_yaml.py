import pytest
from hypothesis import given
from hypothesis import strategies as st

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.yaml import read, write

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Co", "Cn"))) | st.sampled_from(  # noqa: E501
    ["yes", "null", "1", "0x1", "1e3", "- a", "a: b", "a #b", "{", "'", '"', "|", "~", "2031-01-02",
     "two\nlines", "end\n", " lead\nx", "x\n\n", "\n", "tab\there", "x:", "%", "@a", "1:30", ".5"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | TEXT
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def without_null_entries(value):
    if isinstance(value, dict):
        return {key: without_null_entries(item) for key, item in value.items() if item is not None}
    return [without_null_entries(item) for item in value] if isinstance(value, list) else value


@given(VALUES)
def test_what_is_written_reads_back(value):
    assert read(write(value)) == without_null_entries(value)


def test_the_written_form_is_block_style_with_few_quotes():
    value = {"a": [1, {"b": "x y", "c": [True]}], "t": "12", "e": [], "m": {"k": "l1\nl2\n"}}
    assert write(value) == (
        'a:\n - 1\n - b: x y\n   c:\n    - true\nt: "12"\ne: []\nm:\n  k: |\n    l1\n    l2\n'
    )


@pytest.mark.parametrize(
    ("value", "text"), [(None, "null\n"), (1.0, "1.0\n"), ("", '""\n'), ([], "[]\n")]
)
def test_single_values(value, text):
    assert write(value) == text


@pytest.mark.parametrize("value", ["one\n---\ntwo", "a\n...\n", {"k" * 2000: {"k" * 2000: [1]}}])
def test_marks_of_documents_and_long_keys_read_back(value):
    assert read(write(value)) == value


def test_reading_gives_plain_data_and_leaves_dates_as_text():
    text = "a: 2031-11-02\nb: &x [1]\n1: ~\n---\nsecond: document"
    assert read(text) == {"a": "2031-11-02", "b": [1], "1": None}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n: 017\nm: off\nk: 0b101", {"n": 15, "m": False, "k": 5}),
        ("n: 1\nm: 3\nn: 2", {"n": 2, "m": 3}),
        ("n: &one [1]\nm: *one", {"n": [1], "m": "one"}),
        ("*other : 1", {"other": 1}),
        ("!!python/object:os.system x", "x"),
        ('n: "\\ud83d\\ude00"\nm: !x 07', {"n": "😀", "m": "07"}),
    ],
)
def test_values_are_those_of_javas_reader(text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    "bad",
    [
        "a: [", "\x00", "[a]: b", "- .inf", '"\\ud83d"',
        "- " * 500, "[" * 500, "x" * 4_000_000,
    ],
)  # fmt: skip
def test_broken_dangerous_or_huge_text_is_an_error(bad):
    with pytest.raises(RenderError):
        read(bad)


def test_deep_values_are_refused():
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(RenderError, match="100 levels"):
        write(deep)
