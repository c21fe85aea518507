"""What a run tells CI systems: groups, marked errors, a page, outputs, JUnit XML."""

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kestrel_cli.model.event import LogLine
from kestrel_cli.model.state import State
from kestrel_cli.reporters.ci import (
    SYSTEMS,
    Azure,
    Buildkite,
    GitHub,
    GitLab,
    TeamCity,
    ci_of,
    error_lines,
)
from kestrel_cli.reporters.ci_groups import GroupedLines
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.failures import failures
from kestrel_cli.reporters.junit import write_junit
from kestrel_cli.reporters.step_summary import MOST_BYTES, step_summary
from kestrel_cli.reporters.tails import Tails
from tests.cli.flows_here import CORE
from tests.reporters.builders import each_switch, loop, sub_flows
from tests.support.cli import run_here

SCRIPT = "io.kestra.plugin.scripts.shell.Commands"
FLOW = f"""
id: ci
namespace: company.team
inputs: [{{id: day, type: STRING, defaults: "a|<b>"}}]
tasks:
  - id: long
    type: {SCRIPT}
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    commands: ["seq 1 30"]
  - {{id: mocked, type: {CORE}.log.Log, message: x}}
  - id: bad
    type: {SCRIPT}
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    commands: ["echo '::error::forged'; echo '{{{{ secret('TOKEN') }}}}' >&2; exit 3"]
outputs:
  - {{id: text, type: STRING, value: "two\\nlines"}}
"""
SECRET = "correct-horse-battery"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ci.yaml").write_text(FLOW, "utf-8")
    return tmp_path


def github(folder: Path, *options: str, **more: str) -> str:
    env = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(folder / "page.md"),
        "GITHUB_OUTPUT": str(folder / "outputs"),
        "KESTREL_SECRET_TOKEN": SECRET,
        **more,
    }
    arguments = ["run", "ci.yaml", "--color", "never", "--mock", "mocked", *options]
    result = run_here(arguments, folder, env)
    assert result.code == 1
    assert SECRET not in result.out + result.err
    return result.out


def test_github_gets_groups_that_end_before_a_failure_and_one_error(folder: Path) -> None:
    lines = github(folder).splitlines()
    commands = [line for line in lines if line.startswith("::")]
    assert commands[:2] == ["::group::long (more of its log)", "::endgroup::"]
    assert commands[2:4] == ["::group::bad (its log)", "::endgroup::"]
    assert commands[4:] == [
        "::error file=ci.yaml,line=11,col=5,title=bad failed::"
        "Command failed with exit code 3%0A******%0A::error::forged"
    ]
    assert lines.index("::endgroup::") < next(
        at for at, line in enumerate(lines) if "ERROR" in line
    )


def test_the_log_of_a_short_task_that_failed_is_a_group_above_the_tree(folder: Path) -> None:
    lines = github(folder).splitlines()
    begin = lines.index("::group::bad (its log)")
    end = lines.index("::endgroup::", begin)
    inside = lines[begin + 1 : end]
    assert [line.split()[1:3] for line in inside] == [
        ["INFO", "bad"],
        ["ERROR", "bad"],
        ["ERROR", "bad"],
    ]
    assert inside == lines[begin - len(inside) : begin]
    assert lines[end + 1] == ""
    assert lines[end + 2].startswith("✘ company.team.ci FAILED")


def test_a_task_with_many_errors_has_a_group_of_the_last() -> None:
    execution, stream = each_switch(True), io.StringIO()
    lines = GroupedLines(stream, Style(), GitHub())
    failed = next(run for run in execution.runs if run.state is State.FAILED)
    for number in range(30):
        lines.on_log(LogLine(failed.number, 0, "ERROR", f"line {number}"), execution)
    lines.end(execution)
    written = stream.getvalue().splitlines()
    begin = written.index("::group::hierarchy_1 (the end of its log)")
    assert [line.split()[-1] for line in written[begin + 1 : -1]] == [str(n) for n in range(10, 30)]
    assert written[-1] == "::endgroup::"


def test_what_ended_well_has_no_group_unless_it_is_long() -> None:
    execution, stream = each_switch(False), io.StringIO()
    lines = GroupedLines(stream, Style(), GitHub())
    lines.on_log(LogLine(0, 0, "INFO", "short"), execution)
    lines.end(execution)
    assert "::" not in stream.getvalue()


def test_the_file_is_named_as_in_the_repository(folder: Path) -> None:
    out = github(folder, GITHUB_WORKSPACE=str(folder.parent))
    assert f"::error file={folder.name}/ci.yaml,line=11" in out


def test_no_annotations(folder: Path) -> None:
    out = github(folder, "--no-annotations")
    assert not [line for line in out.splitlines() if line.startswith("::")]
    assert (folder / "page.md").is_file()


def test_a_plain_pipe_gets_nothing_of_it(folder: Path) -> None:
    env = {"KESTREL_SECRET_TOKEN": SECRET}
    out = run_here(["run", "ci.yaml"], folder, env).out
    assert not [line for line in out.splitlines() if line.startswith("::")]
    assert run_here(["run", "ci.yaml", "--github-output"], folder, env).code == 2


def test_ten_errors_are_marked_and_it_is_said_how_many_more_there_are() -> None:
    execution = loop(20, frozenset(range(14)))
    for run in execution.runs:
        run.error = run.error and f"error {run.number}"
    lines = error_lines(failures(execution, Tails()), GitHub(), {})
    assert len(lines) == 10
    assert [line.count(" more, in the log") for line in lines] == [0] * 9 + [1]
    assert lines[-1].endswith("%0Aand 4 more, in the log")


def test_the_page_of_the_step(folder: Path) -> None:
    github(folder)
    page = (folder / "page.md").read_text("utf-8")
    assert page.startswith("### ✘ flow \\`company.team.ci\\` FAILED in ")
    assert "**bad** failed (ci.yaml:11:5)" in page
    assert "::error::forged\n</pre>" in page
    assert "| long | ✔ SUCCESS |" in page
    assert "Mocked: `mocked`" in page
    assert "| day | a\\|&lt;b&gt; |" in page
    assert SECRET not in page


def test_outputs_of_the_step(folder: Path) -> None:
    github(folder, "--github-output")
    text = (folder / "outputs").read_text("utf-8")
    found = re.findall(r"^(.*?)<<(kestrel_\w+)\n(.*?)\n\2\n", text, re.MULTILINE | re.DOTALL)
    values = {name: value for name, _, value in found}
    assert values["text"] == "two\nlines"
    assert values["state"] == "FAILED"
    assert len(values["execution-id"]) == 22


def test_each_task_run_is_a_case(folder: Path) -> None:
    github(folder, "--junitxml", "junit.xml")
    suite = ElementTree.parse(folder / "junit.xml").getroot()[0]
    assert {case.get("name") for case in suite} == {"long", "mocked", "bad"}
    assert suite.get("failures") == "1"
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.text == "Command failed with exit code 3\n******\n::error::forged"


@pytest.mark.parametrize("execution", [each_switch(True), sub_flows(True), loop(5)])
def test_junit_is_xml_whatever_ran(execution, tmp_path: Path) -> None:
    if execution.runs[-1].error is not None:
        execution.runs[-1].error = "\x00 <&> \ud800 ]]>"
    path = tmp_path / "junit.xml"
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        write_junit(execution, file, Tails())
    assert ElementTree.parse(path).getroot().tag == "testsuites"


def test_the_page_stays_below_what_github_takes() -> None:
    execution = loop(3000, frozenset(range(2000)))
    for run in execution.runs:
        run.error = run.error and f"{run.number} " + "é" * 30_000
    page = step_summary(execution, Tails())
    assert MOST_BYTES / 2 < len(page.encode()) < MOST_BYTES + 1000
    assert "too long" in page[-100:]


def test_the_system_is_seen_in_the_environment() -> None:
    assert ci_of({}) is None
    assert ci_of({"CI": "true"}) is None
    assert ci_of({"GITHUB_ACTIONS": "false"}) is None
    for name, system in SYSTEMS.items():
        assert isinstance(ci_of({name: "true"}), system)


def test_the_words_of_each_system() -> None:
    where = ("a,b:c.yaml", 3, 7)
    assert GitHub().error("x", "50%\nof", where) == (
        "::error file=a%2Cb%3Ac.yaml,line=3,col=7,title=x::50%25%0Aof"
    )
    assert GitLab().group("load", 2, 99) == (
        "\x1b[0Ksection_start:99:kestrel_2[collapsed=true]\r\x1b[0Kload"
    )
    assert GitLab().end_group("load", 2, 99) == "\x1b[0Ksection_end:99:kestrel_2\r\x1b[0K"
    assert Azure().error("x", "a\nb", where) == (
        "##vso[task.logissue type=error;sourcepath=a,b:c.yaml;linenumber=3;columnnumber=7]x: a%0Ab"
    )
    assert Azure().group("load", 1, 0) == "##[group]load"
    assert TeamCity().error("x", "it's [é]", None) == (
        "##teamcity[message text='x: it|'s |[|0x00e9|]' status='ERROR']"
    )
    assert TeamCity().group("a'b", 1, 0) == "##teamcity[blockOpened name='a|'b']"
    assert Buildkite().group("load", 1, 0) == "--- load"
    assert Buildkite().error("x", "y", None) == GitLab().error("x", "y", None) == ""
