"""The plugin of pytest: what it collects and what it leaves alone, how a case shows."""

import subprocess
import sys
import tomllib
from importlib.metadata import entry_points

import pytest

import kestrel_cli.pytest_plugin.items  # noqa: F401  else each run in here imports it anew
from tests.support.cli import ROOT
from tests.support.examples import FILE, blocks

pytest_plugins = ["pytester"]

FLOW = """\
id: load
namespace: company.team
inputs:
  - {id: count, type: INT, defaults: 2}
tasks:
  - {id: fetch, type: io.kestra.plugin.core.http.Request, uri: "http://nowhere.invalid"}
  - {id: tell, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.count }} rows"}
"""
HEAD = "id: load_tests\nnamespace: company.team\nflowId: load\n"
CASE = """\
  - id: {id}
    type: io.kestra.core.tests.flow.UnitTest
    fixtures: {{tasks: [{{id: fetch}}]}}
    assertions:
      - value: "{{{{ outputs.tell.value }}}}"
        equalTo: {wanted}
"""
GOOD, WRONG = CASE.format(id="two", wanted="2 rows"), CASE.format(id="three", wanted="3 rows")
OPEN = CASE.format(id="open", wanted="2 rows").replace("[{id: fetch}]", "[]")
OFF = WRONG.replace("three\n", "off\n    disabled: true\n")


def suite(*cases, head=HEAD):
    return head + "testCases:\n" + "".join(cases)


@pytest.fixture
def here(pytester, monkeypatch):
    """A session of pytest in which this plugin is the only one."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p kestrel_cli.pytest_plugin")
    (pytester.path / "load.yaml").write_text(FLOW)
    (pytester.path / "load.test.yaml").write_text(suite(GOOD))
    return pytester


def test_nothing_is_collected_that_nobody_asked_for(here):
    here.makepyfile("def test_python(): pass")
    here.runpytest_inprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "asked", [["--kestrel"], ["-o", "kestrel=true"], ["load.test.yaml"], ["load.test.yaml::two"]]
)
def test_suites_are_collected_on_demand(here, asked):
    here.runpytest_inprocess(*asked).assert_outcomes(passed=1)


@pytest.mark.skipif(
    not [one for one in entry_points(group="pytest11") if one.name == "kestrel"],
    reason="installed before there was this entry point",
)
def test_naming_the_plugin_asks_for_suites(here, monkeypatch):
    monkeypatch.delenv("PYTEST_ADDOPTS")
    here.runpytest_inprocess("-p", "kestrel").assert_outcomes(passed=1)


def test_the_entry_point_is_the_module_that_imports_nothing():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"kestrel": "kestrel_cli.pytest_plugin"}
    code = "import pytest, sys; before = set(sys.modules); import kestrel_cli.pytest_plugin; "
    code += "print(sorted(set(sys.modules) - before))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "['kestrel_cli', 'kestrel_cli.pytest_plugin']"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("test_other.yaml", "stages: []\n"),
        ("test_other.yaml", "about: testCases\n"),
        ("test_other.yaml", "\0testCases\n"),
        ("notes.txt", "testCases:\n"),
    ],
)
def test_other_files_are_left_to_others(here, name, text):
    (here.path / "load.test.yaml").unlink()
    (here.path / name).write_text(text)
    here.makeconftest(
        "import pytest\n"
        "class Other(pytest.File):\n"
        "    def collect(self):\n"
        "        yield OtherItem.from_parent(self, name='other')\n"
        "class OtherItem(pytest.Item):\n"
        "    def runtest(self): pass\n"
        "def pytest_collect_file(file_path, parent):\n"
        f"    if file_path.name == {name!r}: return Other.from_parent(parent, path=file_path)\n"
    )
    for asked in ([name], ["--kestrel"]):
        here.runpytest_inprocess(*asked).assert_outcomes(passed=1)


def test_a_failure_shows_the_line_both_sides_and_the_task_runs(here):
    (here.path / "load.test.yaml").write_text(suite(GOOD, WRONG))
    shown = here.runpytest_inprocess("load.test.yaml")
    shown.assert_outcomes(passed=1, failed=1)
    shown.stdout.fnmatch_lines(
        [
            "*_ three _*",
            "*FAILED load_tests > three  load.test.yaml:11:5",
            '*15 * - value: "{{ outputs.tell.value }}"',
            "*- equalTo *3 rows",
            "*+ actual *2 rows",
            "*company.team.load SUCCESS*",
            "*fetch SUCCESS*",
            "FAILED load.test.yaml::three - FAILED: expected*",
        ]
    )
    assert "Traceback" not in shown.stdout.str()


def test_a_case_that_can_not_be_judged_fails_with_its_hint(here):
    (here.path / "load.test.yaml").write_text(suite(OPEN))
    shown = here.runpytest_inprocess("load.test.yaml")
    shown.assert_outcomes(failed=1)
    shown.stdout.fnmatch_lines(
        [
            "*ERROR load_tests > open*",
            "*the task `fetch` (*) reaches out of the test and has no fixture",
            "*hint: give it one:",
            "*or let it run: `--kestrel-run fetch`",
            "FAILED load.test.yaml::open - ERROR: the task `fetch`*",
        ]
    )


def test_a_task_runs_that_is_named(here):
    (here.path / "load.yaml").write_text(FLOW.replace("http://nowhere.invalid", "file:///none"))
    (here.path / "load.test.yaml").write_text(suite(OPEN))
    shown = here.runpytest_inprocess("load.test.yaml", "--kestrel-run", "fetch")
    shown.assert_outcomes(failed=1)
    assert "has no fixture" not in shown.stdout.str()


def test_what_is_disabled_is_skipped(here):
    (here.path / "load.test.yaml").write_text(suite(GOOD, OFF))
    found = here.runpytest_inprocess("--kestrel", "-rs")
    found.assert_outcomes(passed=1, skipped=1)
    found.stdout.fnmatch_lines(["SKIPPED * load.test.yaml: disabled"])


def test_all_of_a_suite_that_is_disabled_is_skipped(here):
    (here.path / "load.test.yaml").write_text(suite(WRONG, OFF, head=HEAD + "disabled: true\n"))
    here.runpytest_inprocess("--kestrel").assert_outcomes(skipped=2)


def test_what_is_wrong_with_a_suite_is_an_error_of_collection(here):
    (here.path / "load.test.yaml").write_text(suite(GOOD.replace("id: fetch", "id: fetsh")))
    shown = here.runpytest_inprocess("--kestrel")
    shown.assert_outcomes(errors=1)
    shown.stdout.fnmatch_lines(
        [
            "*error: the flow `load` has no task `fetsh`",
            "*load.test.yaml:7:*",
            "*did you mean `fetch`?*",
        ]
    )
    assert "Traceback" not in shown.stdout.str()


def test_settings_that_are_wrong_are_an_error_of_collection(here):
    (here.path / "kestrel.toml").write_text("compat = 'none'\n")
    shown = here.runpytest_inprocess("--kestrel")
    shown.assert_outcomes(errors=1)
    assert "kestrel.toml" in shown.stdout.str()


def test_cases_are_chosen_as_pytest_does_it(here):
    (here.path / "load.test.yaml").write_text(suite(GOOD, WRONG))
    here.runpytest_inprocess("--kestrel", "-k", "two").assert_outcomes(passed=1, deselected=1)
    here.runpytest_inprocess("--kestrel", "-q", "--junitxml=out.xml")
    assert 'message="FAILED: expected ' in (here.path / "out.xml").read_text()


def test_the_fixture_runs_flows_beside_the_test(here):
    below = here.mkpydir("below")
    (below / "flow.yaml").write_text(FLOW)
    (below / "test_flow.py").write_text(
        "def test_one(kestrel):\n"
        "    found = kestrel.run('flow.yaml', {'count': 3}, mocks={'fetch': {}})\n"
        "    assert found.task('tell').outputs == {'value': '3 rows'}\n"
        "    assert kestrel.run('load.yaml', mocks={'fetch': {}}).state == 'SUCCESS'\n"
        "    assert list(kestrel.state_dir.glob('*'))\n"
        "    assert kestrel.load('flow.yaml').id == 'load'\n"
        "def test_two(kestrel):\n"
        "    assert not list(kestrel.state_dir.glob('*'))\n"
    )
    here.runpytest_inprocess().assert_outcomes(passed=2)


def test_suites_run_in_workers_of_xdist(here):
    (here.path / "load.test.yaml").write_text(suite(GOOD, WRONG))
    shown = here.runpytest_subprocess("-p", "xdist.plugin", "-n1", "load.test.yaml")
    shown.assert_outcomes(passed=1, failed=1)
    shown.stdout.fnmatch_lines(["*- equalTo  3 rows", "*+ actual   2 rows"])


def test_the_examples_of_the_help_page_run(here):
    text = (ROOT / "kestrel_cli" / "help" / "python.md").read_text("utf-8")
    (here.path / "load.test.yaml").unlink()
    for block in blocks(text):
        if file := FILE.match(block.text):
            (here.path / file[1]).write_text(block.text)
    here.runpytest_inprocess().assert_outcomes(passed=3)
    here.runpytest_inprocess("-o", "kestrel=false").assert_outcomes(passed=1)
