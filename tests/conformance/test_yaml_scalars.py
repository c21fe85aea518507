"""Each scalar that Kestra's YAML reader was asked about is a test, for flow files and `yaml()`."""

import json

import pytest

from kestrel_cli.errors import FlowFileError, RenderError
from kestrel_cli.expressions import yaml as expressions_yaml
from kestrel_cli.flowfile import loader, reader
from kestrel_cli.worker.yaml_text import read_value
from tests.conformance.data import FOLDER, MISSING

ROWS = FOLDER / "yaml_scalars.jsonl"
FOUND = (
    [json.loads(line) for line in ROWS.read_text("utf-8").splitlines()] if ROWS.is_file() else []
)
TEXTS = [row for row in FOUND if row.get("asText") is not None]


def ids(row):
    return row["yaml"]


def same(found, row):
    """Whether the value is the row's, an Integer where it says Integer."""
    return json.dumps(found) == json.dumps(row["untyped"])


@pytest.mark.parametrize("row", FOUND, ids=ids)
def test_a_flow_file_holds_what_kestra_reads(row):
    text = f"v: {row['yaml']}\n".encode()
    if "error" in row:
        with pytest.raises(FlowFileError):
            _failing(text)
    else:
        root, findings = reader.read(text, "x")
        assert not findings.failed
        assert same(root.value["v"], row)


def _failing(text):
    _, findings = reader.read(text, "x")
    if findings.failed:
        raise FlowFileError(findings.all())


@pytest.mark.parametrize("read", [expressions_yaml.read, read_value], ids=["function", "input"])
@pytest.mark.parametrize("row", FOUND, ids=ids)
def test_yaml_texts_give_the_same(row, read):
    text = f"v: {row['yaml']}\n"
    if "error" in row:
        with pytest.raises((RenderError, ValueError)):
            read(text)
    else:
        assert same(read(text)["v"], row)


@pytest.mark.parametrize("row", TEXTS, ids=ids)
def test_a_text_property_keeps_what_is_written(row):
    source = (
        "id: f\nnamespace: n\ntasks: [{id: t, type: io.kestra.plugin.core.debug.Return}]\n"
        f"description: {row['yaml']}\n"
    )
    assert loader.load_bytes(source.encode(), "x").flow.description == row["asText"]


def test_there_are_rows():
    if not FOUND:
        pytest.skip(MISSING)
    assert len(FOUND) > 100
