import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kestrel_cli.flowfile.reader import read
from tests.flowfile import trees

ORDINARY = (
    "a: 1\nb: [x, 'y', \"z\", 3]\nc:\n  - d\n  - e: f\n    g: h\n",
    "# comment\n---\na: 1 # one\n\n# more\nb:\n- c\n- d\n",
    "a: |\n  one\n    two\n\n  three\nb: |-\n  x\n\n\nc: d\n",
    "a:\nb:\n- \n- c:\n  d:\n-\n  e: f\n",
    "- - a\n  - b\n- - c\n",
    "a: []\nb: {}\nc: [ 1 , -2,x y ]\n",
    "\"quoted\": \"a \\\"b\\\" \\n c\"\n'single': 'it''s'\n",
    "a: http://x/y:z#k\nb: -x\nc: a#b\nd: a ' b\n",
    "a: 1\r\nb:\r\n  - c\r\n  - |\r\n    d\r\n    e\r\n",
    "a: |\n  no line end",
    "é: x\n".replace("é", "e") + "b: é日本 # c\n",
    "a: 1\na: 2\nb: on\nc: 014\nd: .inf\n",
    "a:\n    b: 1\nc:\n - d\n",
)

LEFT_TO_RUAMEL = (
    "a: &x 1\n",
    "a: !t 1\n",
    "a: >\n  folded\n",
    "a: {b: c}\n",
    "a: [[1]]\n",
    "a: one\n  two\n",
    'a: "one\n  two"\n',
    "a: |2\n   x\n",
    "a: |+\n  x\n",
    "a:\tb\n",
    "? a\n: b\n",
    "a b: c\n",
    "a: b: c\n",
    "a: 1\n---\nb: 2\n",
    "a: 1\n b: 2\n",
    "a:\n  b: 1\n c: 2\n",
    "- a\nb: 1\n",
    "text\n",
    "a: {{ x }}\n",
    "a: 'x\n",
    "a: *x\n",
    "%YAML 1.2\n---\na: 1\n",
    "a: 1\rb: 2\r",
)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_files_are_read_as_ruamel_reads_them(text):
    assert trees.quickly(text) == trees.by_ruamel(text)


@pytest.mark.parametrize("text", LEFT_TO_RUAMEL)
def test_anything_unusual_is_left_to_ruamel(text):
    assert trees.quickly(text) is None


PIECES = st.sampled_from(
    (
        *("a: ", "b:", "- ", "-", "  ", " ", "\n", "\n", "\n  ", "\n    ", "x", "1", "yes", "014"),
        *("'q'", '"d"', "[", "]", "[a, 1]", "{}", "{", "}", ",", "|", "|-", ">", "# c", " #", ":"),
        *("---\n", "...\n", "é", "\r\n", "&n ", "*n", "!t ", "? ", "\\", "~", "{{ x }}", "%", "@"),
    )
)


@settings(max_examples=800, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_whatever_is_read_quickly_is_read_as_ruamel_reads_it(text):
    quick = trees.quickly(text)
    if quick is None:
        return
    try:
        assert quick == trees.by_ruamel(text)
    except Exception as problem:
        # ruamel wants blank lines at the start of a block empty or fully indented; YAML does not.
        if "more indented follow up line" not in str(problem):
            raise


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
    """Block YAML for plain data, by a writer that knows nothing of the readers."""
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


def test_ruamel_is_not_imported_for_ordinary_files():
    code = (
        "import sys; from kestrel_cli.flowfile import load_bytes;"
        "load_bytes(b'id: a\\nnamespace: b\\ntasks:\\n"
        "- id: t\\n  type: io.kestra.plugin.core.log.Log\\n  message: hi\\n', 'x');"
        "print([m for m in ('ruamel.yaml', 'pydantic', 'difflib', 'jinja2') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True)
    assert found.stdout == b"[]\n"
