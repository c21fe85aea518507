import json

import pytest
import typer
from typer.testing import CliRunner

from kestrel_cli.app.validate import validate as check
from kestrel_cli.cli.validate import validate
from kestrel_cli.errors import NothingMatched

GOOD = "id: a\nnamespace: b\ntasks:\n- {id: t, type: io.kestra.plugin.core.log.Log, message: hi}\n"
NOTED = GOOD.replace("hi", "on")
BAD = GOOD.replace("message", "mesage")
OTHER = "version: 2\nservices: {}\n"


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "good.yaml": GOOD,
        "bad.yml": BAD,
        "flows/good.yaml": GOOD,
        "flows/sub/noted.yml": NOTED,
        "flows/compose.yaml": OTHER,
        "flows/.hidden/bad.yaml": BAD,
        "flows/notes.txt": BAD,
        "none/readme.md": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)


def run(*arguments, stdin=None):
    app = typer.Typer()
    app.command()(validate)
    return CliRunner().invoke(app, arguments, input=stdin)


pytestmark = pytest.mark.usefixtures("files")


def test_a_good_file_is_one_line():
    result = run("good.yaml")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "1 file checked: no errors\n",
        "",
    )


def test_a_bad_file_is_shown_with_its_line():
    result = run("good.yaml", "bad.yml")
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "error: missing property `message`\n"
        "  bad.yml:4:4\n"
        "   4 | - {id: t, type: io.kestra.plugin.core.log.Log, mesage: hi}\n"
        "     |    ^^\n"
    )
    assert result.stdout.endswith("hint: did you mean `message`?\n\n2 files checked: 2 errors\n")


def test_quiet_shows_errors_only():
    assert run("-q", "good.yaml").output == ""
    result = run("-q", "flows/sub/noted.yml", "bad.yml")
    assert result.stderr == ""
    assert "noted" not in result.stdout
    assert "bad.yml" in result.stdout


@pytest.mark.parametrize("path", ["missing.yaml", "/dev/null"])
def test_a_file_that_cannot_be_read_exits_with_3(path):
    assert run("bad.yml", path).exit_code == 3


def test_directories_are_searched_without_hidden_ones():
    result = run("flows", "--skip-non-flows")
    assert result.exit_code == 0
    assert result.stdout.endswith("\n\n2 files checked: no errors, 1 note\n")


def test_other_yaml_files_are_errors_unless_skipped():
    result = run("flows")
    assert result.exit_code == 1
    assert "this is not a flow" in result.stdout


def test_the_same_file_is_looked_at_once():
    assert check(["good.yaml", "good.yaml"]).files == 1


def test_nothing_to_look_at_is_an_error_of_its_own():
    with pytest.raises(NothingMatched):
        check(["none"])


def test_standard_input_is_checked():
    result = run("-", stdin=BAD)
    assert result.exit_code == 1
    assert "\n  -:4:" in result.stdout


def test_json_is_one_document():
    result = run("--format", "json", "bad.yml", "flows/sub/noted.yml")
    assert result.exit_code == 1
    assert result.stderr == ""
    document = json.loads(result.stdout)
    found = document.pop("diagnostics")
    assert document == {
        "schemaVersion": 1,
        "files": 2,
        "errors": 2,
        "warnings": 0,
        "notes": 1,
        "exitCode": 1,
    }
    assert [one["code"] for one in found] == ["missing-property", "unknown-property", "scalar"]


def test_github_annotations_are_on_stdout():
    result = run("--format", "github", "bad.yml")
    assert result.stdout.splitlines()[0].startswith("::error file=bad.yml,line=4,col=4,title=")
    assert result.exit_code == 1


def test_warnings_fail_only_when_asked_to(monkeypatch):
    from kestrel_cli.app.validate import Verdict
    from kestrel_cli.diagnostic import Diagnostic, Position

    verdict = Verdict(1, (Diagnostic("warning", "x", "y", Position("f", 1, 1)),))
    assert verdict.exit_code() == 0
    assert verdict.exit_code(fail_on_warning=True) == 1
    monkeypatch.setattr("kestrel_cli.cli.validate.check", lambda *_, **__: verdict)
    assert run("good.yaml").exit_code == 0
    assert run("good.yaml", "--fail-on", "warning").exit_code == 1


def test_deep_files_are_checked_when_asked_for():
    deep = "x: " + "[" * 60 + "]" * 60
    (result, deeper) = (
        run("-", stdin=GOOD + deep),
        run("-", "--max-depth", "70", stdin=GOOD + deep),
    )
    assert "deeper than 50" in result.stdout
    assert "unknown property `x`" in deeper.stdout
