import json
from pathlib import Path

import pytest

from kestrel_cli.version import __version__
from tests.cli.flows_here import HELLO, written
from tests.support.cli import run_here, run_process


def test_the_version_is_one_line(tmp_path: Path) -> None:
    for option in ("--version", "-V"):
        result = run_process([option], tmp_path)
        assert (result.code, result.out, result.err) == (0, f"kestrel {__version__}\n", "")


def test_the_version_command_says_the_same_and_more_as_json(tmp_path: Path) -> None:
    assert run_here(["version"], tmp_path).out == f"kestrel {__version__}\n"
    facts = json.loads(run_here(["version", "-o", "json"], tmp_path).out)
    assert facts["version"] == __version__
    assert {"python", "kestra", "libraries"} <= set(facts)


def test_the_version_in_another_format_is_refused(tmp_path: Path) -> None:
    assert run_here(["version", "-o", "xml"], tmp_path).code == 2


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_goes_to_stdout_and_ends_well(arguments: list[str], tmp_path: Path) -> None:
    result = run_here(arguments, tmp_path)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Usage: kestrel ")
    for command in ("run", "validate", "version"):
        assert f"\n  {command} " in result.out


@pytest.mark.parametrize("command", ["run", "validate", "version"])
def test_each_command_has_help_with_examples(command: str, tmp_path: Path) -> None:
    result = run_here([command, "--help"], tmp_path)
    assert (result.code, result.err) == (0, "")
    assert "Examples:" in result.out
    assert f"  kestrel {command}" in result.out.partition("Examples:")[2]


@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "FORCE_COLOR", "PY_COLORS"])
def test_help_in_a_pipe_is_plain_text_whatever_the_environment(
    variable: str, tmp_path: Path
) -> None:
    plain = run_here(["run", "--help"], tmp_path)
    assert run_here(["run", "--help"], tmp_path, {variable: "1"}) == plain
    assert "\x1b" not in plain.out


def test_a_flow_file_alone_is_run(tmp_path: Path) -> None:
    result = run_here([written(tmp_path, HELLO), "-i", "name=Ada"], tmp_path)
    assert result.code == 0
    assert "Hello Ada!" in result.out


def test_a_flow_file_with_the_name_of_a_command_is_run(tmp_path: Path) -> None:
    written(tmp_path, HELLO, "run.yml")
    assert run_here(["run.yml"], tmp_path).code == 0
    assert run_here(["run", "run.yml"], tmp_path).code == 0


@pytest.mark.parametrize("arguments", [["run", "-"], ["-"]])
def test_a_dash_reads_the_flow_from_stdin(arguments: list[str], tmp_path: Path) -> None:
    result = run_here(arguments, tmp_path, stdin=HELLO)
    assert result.code == 0
    assert "Hello world!" in result.out


def test_an_unknown_command_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    result = run_here(["rum"], tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "there is no command `rum`" in result.err
    assert "run" in result.err.partition("did you mean")[2]


def test_an_unknown_option_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    result = run_here(["run", written(tmp_path, HELLO), "--otput", "json"], tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "--otput" in result.err
    assert "--output" in result.err


def test_a_missing_argument_is_a_usage_error(tmp_path: Path) -> None:
    result = run_here(["run"], tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "FLOW is missing" in result.err


def test_the_whole_program_runs_as_a_process(tmp_path: Path) -> None:
    result = run_process(["run", written(tmp_path, HELLO)], tmp_path)
    assert (result.code, result.err) == (0, "")
    assert "Hello world!" in result.out
