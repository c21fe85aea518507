"""No real flow that `validate` accepts is refused by the JSON Schema."""

import hashlib
import os

import jsonschema
import pytest

from kestrel_cli.app.schemas import flow_schema
from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import load_bytes, reader
from tests.conformance import corpus
from tests.conformance.data import CORPUS, MISSING

MOST = 300  # flows, taken by the hash of their path, so that it is always the same ones


def sample() -> list[str]:
    found = {
        hashlib.sha1(os.path.relpath(path, CORPUS).encode()).digest(): path
        for path in corpus.flow_files([str(CORPUS)])
    }
    return [found[key] for key in sorted(found, reverse=True)[:MOST]]


def test_real_flows_that_validate_follow_the_schema() -> None:
    paths = sample() if CORPUS.is_dir() else []
    if not paths:
        pytest.skip(MISSING)
    validator = jsonschema.Draft7Validator(flow_schema())
    refused = {}
    for path in paths:
        with open(path, "rb") as stream:  # noqa: PTH123
            data = stream.read()
        try:
            load_bytes(data, path)
        except FlowFileError:
            continue
        root, _ = reader.read(data, path)
        if found := [error.message for error in validator.iter_errors(root.value)]:
            refused[path] = found
    assert refused == {}
