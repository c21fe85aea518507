import io

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.serdes.yaml_files import documents
from tests.support.reach import ReachingContext
from tests.support.stored import content
from tests.support.tables import converted, counted, ion, rows_at


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path)


def rows(ctx, text, **properties):
    return rows_at(ctx, converted(ctx, "yaml.YamlToIon", text, **properties)["uri"])


def written(ctx, *values):
    return content(ctx, converted(ctx, "yaml.IonToYaml", ion(*values))["uri"])


def test_each_document_is_a_row(ctx):
    text = "---\nid: 1\nname: Apple\n---\nid: 2\ntags: [a, b]\nday: 2031-11-02\n"
    assert rows(ctx, text) == [
        {"id": 1, "name": "Apple"},
        {"id": 2, "tags": ["a", "b"], "day": "2031-11-02"},
    ]
    assert counted(ctx, "records") == 2


@pytest.mark.parametrize(
    ("text", "firsts"),
    [
        ("a: 1\n", [1]),
        ("# only\n\n", []),
        ("%YAML 1.2\n---\na: 1\n", [1]),
        ("a: |\n  x\n  --- y\n---\nb: 1\n...\n# c\n---\nd: 1\n", [1, 4, 7]),
        ("--- 1\n--- 2\n", [1, 2]),
        ("---\n---\n", [1, 2]),
    ],
)
def test_where_documents_begin(text, firsts):
    assert [first for first, _ in documents(io.StringIO(text))] == firsts


def test_a_broken_document_is_an_error_that_names_its_line(ctx):
    with pytest.raises(TaskFailed, match="the document at line 2 can't be read: Invalid YAML"):
        rows(ctx, "a: 1\n---\nb: [\n")


def test_one_row_is_one_document_and_several_are_told_apart(ctx):
    assert written(ctx, {"a": 1, "b": ["x"]}) == "a: 1\nb:\n - x\n"
    assert written(ctx, {"a": 1}, {"a": 2}) == "---\na: 1\n---\na: 2\n"
    assert written(ctx) == ""
    assert counted(ctx, "records") == 3


def test_what_is_written_reads_back(ctx):
    values = [{"a": "yes", "b": [1, {"c": "x\ny\n"}]}, {"a": "1"}]
    assert rows(ctx, written(ctx, *values)) == values
