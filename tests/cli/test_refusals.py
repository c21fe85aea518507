"""Why a run does not begin: told as `validate` tells it, whatever the number of findings."""

from pathlib import Path

import pytest

from kestrel_cli.cli.look import Look
from kestrel_cli.cli.refusals import refusal_lines, write_refusal
from kestrel_cli.diagnostic import Diagnostic, Position
from kestrel_cli.errors import FlowFileError, InputError, Obstacles, Unsupported, UsageError
from kestrel_cli.reporters.console import Style
from tests.support.cli import run_here

HEAD = "id: a\nnamespace: b\ntasks:\n"
TASK = "- {id: t%d, type: io.kestra.plugin.core.log.Log, mesage: hi}\n"
NOTE = "- {id: aws, type: io.kestra.plugin.aws.s3.List, bucket: x}\n"
COMMANDS = pytest.mark.parametrize("command", ["run", "rehearse", "plan"])


def text(error) -> str:
    return "\n".join("".join(part for _, part in line) for line in refusal_lines(error, Style()))


def finding(severity: str = "error", message: str = "wrong") -> Diagnostic:
    return Diagnostic(severity, "some-rule", message, Position("a.yaml", 2, 1), "mend it")


@COMMANDS
def test_all_errors_are_shown_as_validate_shows_them(command: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + NOTE + "".join(TASK % n for n in range(70)))
    shown = run_here(["validate", "a.yaml"], tmp_path).out
    ended = run_here([command, "a.yaml"], tmp_path)
    assert (ended.code, ended.out) == (3, "")
    errors = [one for one in ended.err.strip().split("\n\n") if one.startswith("error:")]
    assert len(errors) == 140
    assert errors == [one for one in shown.split("\n\n") if one.startswith("error:")]


@COMMANDS
def test_colours_follow_options_and_variables(command: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + TASK % 1)
    plain = run_here([command, "a.yaml"], tmp_path)
    painted = run_here([command, "a.yaml", "--color", "always"], tmp_path)
    assert "\x1b[" not in plain.err
    assert "\x1b[1;31merror: " in painted.err
    assert run_here([command, "a.yaml"], tmp_path, {"FORCE_COLOR": "1"}).err == painted.err
    never = run_here([command, "a.yaml", "--color", "never"], tmp_path, {"FORCE_COLOR": "1"})
    assert never.err == plain.err
    (tmp_path / "kestrel.toml").write_text('color = "always"\n')
    assert run_here([command, "a.yaml"], tmp_path).err == painted.err
    assert run_here([command, "a.yaml", "--no-project-config"], tmp_path).err == plain.err


def test_on_github_findings_are_annotations_too_and_stdout_stays_empty(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + "".join(TASK % n for n in range(8)))
    env = {"GITHUB_ACTIONS": "true"}
    ended = run_here(["run", "a.yaml", "-o", "json"], tmp_path, env)
    lines = [line for line in ended.err.splitlines() if line.startswith("::error file=a.yaml,")]
    assert (len(lines), ended.out) == (10, "")
    assert "and 6 more errors: GitHub shows 10 annotations of each level" in ended.err
    assert "::error" not in run_here(["run", "a.yaml", "--no-annotations"], tmp_path, env).err
    assert "::error" not in run_here(["run", "a.yaml"], tmp_path).err


def test_every_kind_of_error_keeps_its_words() -> None:
    needs = Unsupported("not here", [("task `x`", "a.yaml:1:1")], ["--mock x={}"])
    error = Obstacles(
        [UsageError("wrong"), FlowFileError([finding()]), InputError(["no `i`"]), needs]
    )
    assert text(error).splitlines() == [
        "error: wrong",
        "error: wrong",
        "  a.yaml:2:1",
        "hint: mend it",
        "error: no `i`",
        "error: not here",
        "  a.yaml:1:1: task `x`",
        "hint: give their results, or let all of them succeed without outputs:",
        "  --mock x={}",
        "  --mock-unsupported",
    ]


def test_errors_come_first_and_are_never_cut() -> None:
    found = [finding("info"), *(finding(message=f"e{n}") for n in range(150))]
    assert text(FlowFileError(found)).count("error: ") == 150
    assert text(FlowFileError(found)).startswith("error: e0\n")


@pytest.mark.parametrize("colour", ["always", "never"])
def test_names_do_not_act_on_a_terminal(colour: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_refusal(UsageError("no file \x1b[2J\u202e"), Look(colour))
    said = capsys.readouterr().err
    assert "\x1b[2J" not in said
    assert "\u202e" not in said
