from io import BytesIO, StringIO, TextIOWrapper

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from kestrel_cli.reporters.yaml_document import write_yaml, yaml_text
from tests.reporters.builders import each_switch, end, loop, new_execution, reborn
from tests.reporters.test_json_document import FAMILIES, plain

SAFE = st.text(st.characters(exclude_categories=["Cs"]))
TRICKY = st.sampled_from(
    [
        *("yes", "No", "null", "~", "y", "on", ".inf", ".nan", "1e5", "0x1", "1_000", "12:30"),
        *("2024-01-01", "- a", "a: b", "a #b", "", " a", "a ", "?", "-", "=", "<<", "a,b", "..."),
        *("&a", "*a", "!a", "%a", "@a", "`a", "{a", "[a", "\x85", "\u2028", "\ufeff", "\x7f"),
        *("a\n", "a\nb", "a\n\n\nb\n", "\na", "a\n\n", "a\n b", "# a\nb", "---\na", "|\n"),
        *("a\nb ", "a\n \nb", "a\tb\nc", "é\nb"),
    ]
)
SCALARS = (
    st.none() | st.booleans() | st.integers() | SAFE | TRICKY
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
DATA = st.recursive(
    SCALARS, lambda d: st.lists(d) | st.dictionaries(SAFE | TRICKY, d), max_leaves=20
)


def read(text, version=None):
    yaml = YAML(typ="safe", pure=True)
    yaml.version = version
    return yaml.load(text)


@given(DATA)
@example({"a": {"b": [{"c": [[1, [{}]]]}]}})
@example({"k" * 2000: {"k" * 2000: 1}})
def test_any_data_comes_back_through_a_reader(value):
    assert read(yaml_text(value)) == value


@given(st.dictionaries(TRICKY, SCALARS))
def test_older_readers_see_the_same(value):
    assert read(yaml_text(value), (1, 1)) == value


@pytest.mark.parametrize("execution", [each_switch(True), loop(9), end(new_execution()), *FAMILIES])
def test_the_document_holds_the_data_of_the_json_one(execution):
    reborn(execution, inputs={"text": "two\nlines\n", "deep": [[[{}]]]})
    stream = StringIO()
    write_yaml(execution, stream, 0)
    assert read(stream.getvalue()) == plain(execution)


def test_the_document_reads_well():
    execution = new_execution(inputs={"script": "echo 1\necho 2\n", "count": 1, "tags": ["a", "b"]})
    stream = StringIO()
    write_yaml(end(execution), stream, 1)
    assert (
        stream.getvalue()
        == """\
id: "6s1egIkxu3gpzzILDnyxTn"
namespace: demo
flowId: each_switch
flowRevision: 1
inputs:
  script: |
    echo 1
    echo 2
  count: 1
  tags:
    - a
    - b
labels:
  - key: system.correlationId
    value: "6s1egIkxu3gpzzILDnyxTn"
state:
  current: SUCCESS
  histories:
    - state: CREATED
      date: "2025-05-04T12:02:54.121836Z"
    - state: RUNNING
      date: "2025-05-04T12:02:54.122336Z"
    - state: SUCCESS
      date: "2025-05-04T12:02:55.321836Z"
  duration: PT1.2S
  endDate: "2025-05-04T12:02:55.321836Z"
  startDate: "2025-05-04T12:02:54.121836Z"
originalId: "6s1egIkxu3gpzzILDnyxTn"
deleted: false
metadata:
  attemptNumber: 1
  originalCreatedDate: "2025-05-04T12:02:54.121836Z"
exitCode: 1
schemaVersion: 1
"""
    )


def test_deep_values_go_on_one_line():
    value: object = 1.5e300
    for _ in range(60):
        value = {"a": value}
    text = yaml_text(value)
    assert len(text.split("\n")) < 25
    assert read(text) == value


def test_thousands_of_levels_need_no_stack():
    value: object = "x"
    for _ in range(5000):
        value = [value]
    assert yaml_text(value).count("[") > 4900


def test_a_stream_without_unicode_gets_escapes_that_yaml_reads():
    raw = BytesIO()
    stream = TextIOWrapper(raw, encoding="latin-1")
    execution = new_execution(inputs={"é": "漢 😀", "deep": [["\u202e"]]})
    write_yaml(end(execution), stream, 0)
    assert read(raw.getvalue().decode("ascii")) == plain(execution)
