"""Kestra's own verdicts on flows, and real flows; the data lies beside the project."""

import json
import os
from pathlib import Path

import pytest

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import load
from tests.conformance.corpus import flow_files

SHARED = Path(os.environ.get("KESTREL_CONFORMANCE", Path(__file__).parents[3] / "shared"))
CORPUS = SHARED / "corpus"
ROWS = SHARED / "conformance" / "golden.jsonl"

pytestmark = pytest.mark.skipif(not ROWS.exists(), reason="no conformance data")


def rows():
    if not ROWS.exists():
        return []
    found = [json.loads(line) for line in ROWS.read_text().splitlines()]
    return [row for row in found if row["kind"] == "validate"]


def problems(path):
    try:
        load(str(path))
    except FlowFileError as problem:
        return [one.message for one in problem.diagnostics if one.severity == "error"]
    return []


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_the_verdict_is_kestras(row):
    found = problems(CORPUS / row["flow"])
    wanted = row["assert"]["invalid"]
    assert bool(found) is bool(wanted)
    for phrase in wanted["contains"] if wanted else ():
        assert any(phrase in message for message in found), found


# Flows of Kestra's own tests that are valid there and not here, with the reason.
NOT_HERE = {
    "json-input-schema-validation.yaml": "`jsonSchema` of an input is Kestra 2.0",
    "working-directory-loop.yaml": "its `LocalFiles` exists only in Kestra's Java tests",
}


def test_kestras_own_valid_flows_are_valid():
    wrong = {
        path.name: found
        for path in CORPUS.glob("kestra_tests/**/valids/*.y*ml")
        if path.name not in NOT_HERE and (found := problems(path))
    }
    assert wrong == {}


def test_nearly_all_flows_of_users_and_documentation_are_valid():
    paths = list(flow_files([str(CORPUS / "docs_examples"), str(CORPUS / "thirdparty")]))
    wrong = [str(path) for path in paths if problems(path)]
    assert len(wrong) <= 0.05 * len(paths), wrong
