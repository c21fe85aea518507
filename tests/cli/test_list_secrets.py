"""`validate --list-secrets`: which secrets flows read, and where."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from kestrel_cli.cli.validate import validate

FLOW = """\
id: a
namespace: b
# {{ secret('COMMENT') }}
variables:
  x: "{{ secret(\\"IN_QUOTES\\") }}"
tasks:
  - id: t
    type: io.kestra.plugin.core.log.Log
    message: "{{ secret('API_TOKEN') }} {{ secret(key='api_token') }} secret('TEXT')"
  - id: u
    type: io.kestra.plugin.core.log.Nope
    message: |
      {{ secret(inputs.which) ?? secret('LAST') }}
      {{ my.secret('OTHER') }}
"""


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("flow.yaml").write_text(FLOW)


def run(*arguments):
    app = typer.Typer()
    app.command()(validate)
    return CliRunner().invoke(app, [*arguments, "--list-secrets"])


def test_each_place_is_a_line():
    result = run("flow.yaml")
    assert result.exit_code == 0
    assert result.stdout == (
        "(computed)  flow.yaml:13:10\n"
        "API_TOKEN   flow.yaml:9:18\n"
        "API_TOKEN   flow.yaml:9:44\n"
        "IN_QUOTES   flow.yaml:5:10\n"
        "LAST        flow.yaml:13:34\n"
    )


def test_json_has_null_for_names_that_only_a_run_knows():
    secrets = json.loads(run(".", "--format", "json").stdout)["secrets"]
    assert [one["name"] for one in secrets] == [None, "API_TOKEN", "IN_QUOTES", "LAST"]
    assert secrets[3]["places"] == [{"file": "flow.yaml", "line": 13, "column": 34}]


def test_other_formats_are_refused():
    assert run("flow.yaml", "--format", "sarif").exit_code == 2


def test_nothing_to_read_is_said(tmp_path):
    (tmp_path / "empty").mkdir()
    assert run("empty").exit_code == 5
    assert run("missing.yaml").exit_code == 3
