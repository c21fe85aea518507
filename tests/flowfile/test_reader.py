import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile.reader import read
from tests.flowfile.timing import at_most


def value(text):
    return read(text.encode(), "x")[0].value


def refused(data, **options):
    with pytest.raises(FlowFileError) as caught:
        read(data.encode() if isinstance(data, str) else data, "x", **options)
    (found,) = [one for one in caught.value.diagnostics if one.severity == "error"]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {b: c, 1: d}", {"a": {"b": "c", "1": "d"}}),
        ("on: 1\nnull: 2\n014: 3", {"on": 1, "null": 2, "014": 3}),
        ("a: >\n  one\n  two\n", {"a": "one two\n"}),
        ("a: one\n  two", {"a": "one two"}),
        ("a: &x 1\nb: *x", {"a": 1, "b": "x"}),
        ("a: &x {k: 1}\nb: *x", {"a": {"k": 1}, "b": "x"}),
        ("&k a: 1\nb: {*k : 2}", {"a": 1, "b": {"k": 2}}),
        ("a: &x {k: 1}\nb: {<<: *x}", {"a": {"k": 1}, "b": {"<<": "x"}}),
        ("a: &x [*x, *y]", {"a": ["x", "y"]}),
        ("a: !foo 5\nb: !foo {c: 1}\nc: !foo 'x'", {"a": "5", "b": {"c": 1}, "c": "x"}),
        ("a: !!str 5\nb: !!int '5'\nc: !!binary aGk=", {"a": "5", "b": 5, "c": "aGk="}),
        ("a: !!python/object/apply:os.system [x]", {"a": ["x"]}),
        ("a: !!set {b, c}", {"a": {"b": None, "c": None}}),
        ("a: !!omap [{b: 1}]", {"a": [{"b": 1}]}),
        ("%YAML 1.1\n---\na: 0o14", {"a": "0o14"}),
        ("a:\r  b: 1\r  c: 2\r", {"a": {"b": 1, "c": 2}}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 1\n---\n", {"a": 1}),
        ('a: "\\ud83d\\ude00"', {"a": "😀"}),
        ("- 1\n- [2, [3]]", [1, [2, [3]]]),
    ],
)
def test_yaml_is_read_as_kestra_reads_it(text, expected):
    assert value(text) == expected


def test_utf_16_is_read():
    root, findings = read("a: é".encode("utf-16"), "x")
    assert root.value == {"a": "é"}
    assert [(one.severity, one.code) for one in findings.all()] == [("warning", "encoding")]


@pytest.mark.parametrize("text", ["a: [b, 'cc', {d: e}]", "a:\n  - b\n  - cc\n"])
def test_every_value_knows_its_place(text):
    root, _ = read(text.encode(), "x")
    second = root.items["a"].items[1]
    line = text.splitlines()[second.line - 1]
    assert line[second.column - 1 : second.column - 1 + second.length].strip("'") == "cc"


@pytest.mark.parametrize(
    ("text", "place", "code", "message"),
    [
        ("", (0, 0), "empty", "the file is empty"),
        ("# only\n", (0, 0), "empty", "the file is empty"),
        ("a: b: c", (1, 5), "syntax", "a `:` cannot stand here"),
        ("a:\n\tb: 1", (2, 1), "indentation", "a tab cannot indent a line in YAML"),
        ("a:\n\xa0\xa0b 1\nc", (2, 1), "indentation", "a no-break space cannot indent"),
        ("a: 1\nb 1\nc", (2, 1), "syntax", "expected `key: value` or `- item`"),
        ("a:\n  b: 1\n c: 2", (3, 2), "indentation", "this line is not indented like"),
        ("a: 'x\n", (1, 4), "syntax", "this quote is never closed"),
        ('a: "x\n---\n"', (1, 4), "syntax", "this quote is never closed"),
        ("a: @x", (1, 4), "syntax", "a value cannot start with `@`"),
        ('a: "\\q"', (1, 6), "syntax", "unknown escape in double quotes"),
        ("a: - b", (1, 4), "syntax", "a list item cannot start here"),
        ("a: [b, c", (1, 9), "syntax", "expected `,` or `]`"),
        ("[a]: b", (1, 1), "key", "a key must be text"),
        ("{? {a: 1} : b}", (1, 4), "key", "a key must be text"),
        ("a: 1\n---\nb: 2", (3, 1), "several-documents", "a second YAML document"),
        ('a: "\\ud800"', (1, 4), "character", "half a character"),
    ],
)
def test_broken_yaml_is_one_finding_at_its_place(text, place, code, message):
    found = refused(text)
    assert (found.where[1:], found.code) == (place, code)
    assert message in found.message


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"a: 1\nb: \xc3\x28", (2, 4), "byte 0xc3 is not valid UTF-8"),
        ("é: ".encode() + b"\xff", (1, 5), "byte 0xff is not valid UTF-8"),
        (b"a: b\x00c", (1, 5), "a NUL character"),
        (b"a:\n  \x1b[2J", (2, 3), "the character U+001B"),
        ("a: 1".encode("utf-16-le"), (1, 2), "a NUL character"),
        (b"\xff\xfea\x00\xd8", (1, 5), "is not valid UTF-16"),
    ],
)
def test_what_is_not_text_is_refused_with_line_and_byte_column(data, place, message):
    found = refused(data)
    assert found.where[1:] == place
    assert message in found.message


@pytest.mark.parametrize(
    ("text", "line", "column", "correction"),
    [
        ("a: {{ x }}", 1, 4, 'write `a: "{{ x }}"`'),
        ("a: {{ x }} y", 1, 4, 'write `a: "{{ x }} y"`'),
        ("a:\n  - {{ x }}\n", 2, 5, 'write `- "{{ x }}"`'),
        ("a:\n  - b: {{ x.y | z }}\n    c: d", 2, 8, 'write `b: "{{ x.y | z }}"`'),
        ('a: {{ x["y"] }}', 1, 4, "write `a: '{{ x[\"y\"] }}'`"),
        ("a: {% if x %}y{% endif %}", 1, 4, 'write `a: "{% if x %}y{% endif %}"`'),
        ("a: {{ x }}: y", 1, 4, 'write `a: "{{ x }}: y"`'),
    ],
)
def test_an_unquoted_expression_is_shown_corrected(text, line, column, correction):
    found = refused(text)
    assert (found.code, found.where[1:]) == ("unquoted-expression", (line, column))
    assert found.hint.replace("- b", "b") == correction


def test_a_colon_in_a_plain_value_is_shown_quoted():
    assert refused("a: see: this").hint == 'quote the value: `a: "see: this"`'


def test_duplicate_keys_are_all_found_and_the_first_value_stays():
    root, findings = read(b"a: 1\nb: 2\na: 3\nb: 4\n", "x")
    assert root.value == {"a": 1, "b": 2}
    assert [(one.where.line, one.hint) for one in findings.all()] == [
        (3, "the first one is in line 1"),
        (4, "the first one is in line 2"),
    ]


def test_the_place_of_a_missing_value_is_behind_its_key():
    for text in ("a:\nb: 1\n", "a:\nb: &x 1\n"):
        missing = read(text.encode(), "x")[0].items["a"]
        assert (missing.value, missing.line, missing.column) == (None, 1, 3)


def nested(style, depth):
    if style == "flow":
        return "a: " + "[" * (depth - 1) + "]" * (depth - 1)
    if style == "open":
        return "[" * depth
    return "".join(" " * level + "a:\n" for level in range(depth))


@pytest.mark.parametrize("style", ["flow", "open", "block"])
@pytest.mark.parametrize("depth", [51, 1000])
def test_the_fifty_first_level_is_refused_at_once(style, depth):
    with at_most(0.5):
        found = refused(nested(style, depth))
        assert found.code == "too-deep"
        assert found.where[1] == (51 if style == "block" else 1)


@pytest.mark.parametrize("style", ["flow", "block"])
def test_fifty_levels_are_read(style):
    assert value(nested(style, 50))


@pytest.mark.parametrize("depth", [10_000, 100_000])
def test_nesting_bombs_end_quickly(depth):
    with at_most(0.5):
        assert refused("[" * depth).code == "too-deep"


def alias_bomb(levels, width):
    lines = ["l0: &l0 [" + ",".join("x" * width) + "]"]
    for level in range(1, levels):
        below = ",".join([f"*l{level - 1}"] * width)
        lines.append(f"l{level}: &l{level} [{below}]")
    return "\n".join(lines)


@pytest.mark.parametrize(("levels", "width"), [(9, 10), (20, 3), (52, 1)])
def test_alias_bombs_expand_nothing(levels, width):
    with at_most(0.1):
        root, _ = read(alias_bomb(levels, width).encode(), "x")
    assert root.value["l1"] == ["l0"] * width


def test_who_writes_an_alias_is_told_what_it_is():
    _, findings = read(b"a: &x 1\nb: *x", "x")
    (found,) = findings.all()
    assert (found.severity, found.where[1:], found.length) == ("warning", (2, 4), 2)
    assert found.message == "Kestra does not resolve aliases: `*x` is the text `x`"


@pytest.mark.parametrize("levels", [3, 10, 20])
def test_merge_keys_expand_nothing(levels):
    lines = ["a0: &a0 {k: v}"] + [
        f"a{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 10)}]}}"
        for level in range(1, levels)
    ]
    with at_most(0.1), suppress(FlowFileError):
        read("\n".join(lines).encode(), "x")


def test_files_over_the_size_limit_are_refused_before_parsing():
    data = b"a: " + b"x" * (3 * 1024 * 1024)
    with at_most(0.1):
        assert refused(data).code == "too-large"


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_a_megabyte_in_one_value_is_read(quote):
    assert len(value(f"a: {quote}{'x' * 1_000_000}{quote}")["a"]) == 1_000_000


WORDS = st.sampled_from(("a", "b-c", "x1", "data.csv"))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4)
)


def written(value: object, indent: int = 0) -> str:
    """Block YAML for plain data, by a writer that knows nothing of the reader."""
    pad = " " * indent
    if isinstance(value, dict) and value:
        return "".join(f"\n{pad}{key}: {written(one, indent + 2)}" for key, one in value.items())
    if isinstance(value, list) and value:
        return "".join(f"\n{pad}- {written(one, indent + 2)}" for one in value)
    return json.dumps(value, ensure_ascii=False)


@settings(max_examples=120, deadline=None)
@given(st.dictionaries(WORDS, TREES, min_size=1, max_size=4))
def test_written_data_is_read_back_equal(value):
    root, findings = read((written(value) + "\n").encode(), "x")
    assert root.value == value
    assert not findings.failed
