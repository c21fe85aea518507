"""`--secret NAME`."""

import io
import sys
from pathlib import Path
from unittest import mock

import pytest

from kestrel_cli.cli.named_secrets import with_named_secrets
from kestrel_cli.errors import CannotStart, UsageError
from tests.cli.flows_here import written
from tests.support.cli import run_here

FLOW = """
id: tells
namespace: company.team
tasks:
  - id: log
    type: io.kestra.plugin.core.log.Log
    message: "{{ secret('API_TOKEN') == vars.t ? 'right' : 'wrong' }} {{ secret('API_TOKEN') }}"
variables: {t: correct-horse}
"""
TOKEN = {"API_TOKEN": "correct-horse"}


def test_a_secret_comes_from_the_variable_of_its_name(tmp_path: Path) -> None:
    ended = run_here(["run", written(tmp_path, FLOW), "--secret", "API_TOKEN"], tmp_path, TOKEN)
    assert ended.code == 0, ended.err
    assert "right ******" in ended.out
    assert "correct-horse" not in ended.out


def test_it_beats_a_file(tmp_path: Path) -> None:
    (tmp_path / "s.env").write_text("API_TOKEN=another-word\n")
    line = ["run", written(tmp_path, FLOW), "--secret", "API_TOKEN", "--secrets-file", "s.env"]
    assert "right ******" in run_here(line, tmp_path, TOKEN).out


def test_without_the_option_the_variable_is_no_secret(tmp_path: Path) -> None:
    ended = run_here(["run", written(tmp_path, FLOW)], tmp_path, TOKEN)
    assert ended.code == 3


def test_a_value_on_the_command_line_is_refused_and_not_shown(tmp_path: Path) -> None:
    line = ["run", written(tmp_path, FLOW), "--secret", "API_TOKEN=correct-horse"]
    ended = run_here(line, tmp_path, TOKEN)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: `--secret API_TOKEN=...`: others can read a value")
    assert "hint: put it into the variable `API_TOKEN`" in ended.err
    assert "correct-horse" not in ended.err


def test_all_that_is_missing_is_listed(tmp_path: Path) -> None:
    line = ["run", written(tmp_path, FLOW), "--secret", "API_TOKEN", "--secret", "OTHER"]
    ended = run_here(line, tmp_path, {"API_TOKEN": ""})
    assert ended.code == 3
    assert "`--secret API_TOKEN`, `--secret OTHER`: the environment variables" in ended.err


def test_an_expression_sees_it(tmp_path: Path) -> None:
    line = ["eval", "{{ secret('api_token') | length }}", "--secret", "API_TOKEN"]
    assert run_here(line, tmp_path, TOKEN).out == "13\n"


def test_what_is_no_name_is_not_shown() -> None:
    with pytest.raises(UsageError) as error:
        with_named_secrets(["p@ss"], {}, no_input=True)
    assert "p@ss" not in str(error.value)


def test_somebody_at_a_terminal_is_asked() -> None:
    terminal = mock.Mock(io.StringIO(), isatty=lambda: True)
    with (
        mock.patch.object(sys, "stdin", terminal),
        mock.patch("getpass.getpass", return_value="typed") as asked,
    ):
        assert with_named_secrets(["TOK"], {}, no_input=False) == {"KESTREL_SECRET_TOK": "typed"}
        with pytest.raises(CannotStart):
            with_named_secrets(["TOK"], {}, no_input=True)
        with pytest.raises(CannotStart):
            with_named_secrets(["TOK"], {"CI": "1"}, no_input=False)
    assert asked.call_args[0][0] == "TOK: "
