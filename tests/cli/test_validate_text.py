"""What people see of findings: nothing that matters is cut, notes come last, colours help."""

import pytest
import typer
from typer.testing import CliRunner

from kestrel_cli.cli.findings_text import finding_lines
from kestrel_cli.cli.validate import validate
from kestrel_cli.diagnostic import Diagnostic, Position
from kestrel_cli.reporters.console import Style

GOOD = "id: a\nnamespace: b\ntasks:\n- {id: t, type: io.kestra.plugin.core.log.Log, message: hi}\n"
BAD = GOOD.replace("message", "mesage")
HINT = "`kestrel run` stops before it starts, with exit code 4"


def run(*arguments):
    app = typer.Typer()
    app.command()(validate)
    return CliRunner().invoke(app, arguments)


def finding(severity, line, message="m", *, code="c", file="a.yaml", hint=None):
    return Diagnostic(severity, code, message, Position(file, line, 1), hint)


def text(found, *, verbose=False, style=None):
    lines = finding_lines(found, style or Style(), verbose=verbose)
    return "\n".join("".join(part for _, part in line) for line in lines)


def test_errors_and_warnings_are_never_cut():
    found = [finding(level, n) for level in ("error", "warning") for n in range(300)]
    shown = text(found)
    assert (shown.count("error: "), shown.count("warning: ")) == (300, 300)


def test_notes_are_cut_and_it_is_said():
    found = [finding("info", n) for n in range(130)]
    assert text(found).endswith("and 30 more notes; `-v` shows them\n")
    assert text(found, verbose=True).count("info: ") == 130


def test_in_a_file_errors_come_before_warnings_and_notes():
    found = [
        finding("info", 1),
        finding("warning", 2),
        finding("error", 3),
        finding("error", 1, file="b.yaml"),
    ]
    places = [line.strip() for line in text(found).splitlines() if line.startswith("  ")]
    assert places == ["a.yaml:3:1", "a.yaml:2:1", "a.yaml:1:1", "b.yaml:1:1"]


def test_types_that_do_not_run_are_one_line_each_at_the_end():
    found = [
        finding("info", 1, "no S3", code="unsupported-type", hint=HINT),
        finding("info", 2, "no S3", code="unsupported-type", hint=HINT),
        finding("info", 2, "no S3", code="unsupported-type", hint=HINT, file="b.yaml"),
        finding("info", 3, "no SNS", code="unsupported-type", hint=HINT),
        finding("info", 4, "other"),
    ]
    assert text(found) == (
        "info: other\n  a.yaml:4:1\n\n"
        f"info: no S3 (3 tasks in 2 files)\ninfo: no SNS (a.yaml:3:1)\nhint: {HINT}\n"
    )
    assert text(found, verbose=True).count("hint: ") == 4


def test_narrow_terminals_get_folded_words_and_short_excerpts():
    one = Diagnostic(
        "error", "c", "word " * 12, Position("a.yaml", 1, 60), "hint " * 12, "x" * 90, 3
    )
    lines = text([one], style=Style(width=40, wraps=True)).splitlines()
    assert max(map(len, lines)) <= 40
    assert any(line.endswith("^^^") for line in lines)


@pytest.fixture
def bad(tmp_path, monkeypatch):
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CI", "KESTREL_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "suite.yaml").write_text("testCases: []\n")
    return "bad.yaml"


def test_colours_are_for_those_who_want_them(bad):
    assert "\x1b[" not in run(bad).stdout
    assert run(bad, "--color", "always").stdout.startswith("\x1b[1;31merror: \x1b[0m")


def test_what_is_written_is_the_same_in_colour(bad):
    from kestrel_cli.reporters.clean import clean

    assert clean(run(bad, "--color", "always").stdout) == run(bad).stdout


def test_exit_zero_shows_and_lets_pass(bad):
    result = run(bad, "--exit-zero")
    assert result.exit_code == 0
    assert "error: missing property" in result.stdout
    assert run("missing.yaml", "--exit-zero").exit_code == 3


def test_a_hook_without_flows_is_silent(bad):
    result = run("--quiet", "--skip-non-flows", "suite.yaml")
    assert (result.exit_code, result.output) == (0, "")
    assert run("--skip-non-flows", "suite.yaml").output == ""


def test_a_directory_without_flows_is_an_error(bad, tmp_path):
    (tmp_path / "empty").mkdir()
    assert run("--skip-non-flows", "empty").exit_code == 5


def test_one_mistake_has_one_hint_that_shows_what_was_written(bad, tmp_path):
    unquoted = GOOD.replace("{id: t, type:", "id: t\n  type:").replace(
        ", message: hi}", "\n  message: nothing: {{ taskrun.value }}"
    )
    (tmp_path / "unquoted.yaml").write_text(unquoted)
    assert run("unquoted.yaml").stdout == (
        "error: a value that holds `: ` must be in quotes\n"
        "  unquoted.yaml:6:12\n"
        "   6 |   message: nothing: {{ taskrun.value }}\n"
        "     |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        'hint: write `message: "nothing: {{ taskrun.value }}"`\n\n'
        "1 file checked: 1 error\n"
    )


def test_verbose_names_the_rules(bad):
    assert "  bad.yaml:4:4  [missing-property]\n" in run(bad, "-v").stdout


def test_no_line_is_a_command_to_azure():
    one = Diagnostic("error", "c", "##vso[a]", Position("a", 1, 1), "##[b]", "##[error]x")
    assert "##[" not in text([one])
    assert "##vso[" not in text([one])
