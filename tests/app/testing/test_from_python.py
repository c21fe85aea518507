"""`kestrel_cli.test`: suites from Python."""

from pathlib import Path

import pytest

import kestrel_cli
from kestrel_cli.errors import FlowFileError, NothingMatched, UsageError

FLOW = """\
id: load
namespace: company.team
inputs:
  - {id: count, type: INT, defaults: 2}
tasks:
  - {id: fetch, type: io.kestra.plugin.core.http.Request, uri: "http://nowhere.invalid"}
  - {id: tell, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.count }} rows"}
"""
SUITE = """\
id: load_tests
namespace: company.team
flowId: load
testCases:
  - id: two
    type: io.kestra.core.tests.flow.UnitTest
    fixtures: {tasks: [{id: fetch}]}
    assertions:
      - {value: "{{ outputs.tell.value }}", equalTo: 2 rows}
  - id: wrong
    type: io.kestra.core.tests.flow.UnitTest
    fixtures: {tasks: [{id: fetch}]}
    assertions:
      - {value: "{{ outputs.tell.value }}", equalTo: 3 rows}
  - id: open
    type: io.kestra.core.tests.flow.UnitTest
    assertions:
      - {value: "{{ outputs.tell.value }}", equalTo: 2 rows}
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "load.yaml").write_text(FLOW)
    (tmp_path / "load.test.yaml").write_text(SUITE)
    return tmp_path


def states(results):
    return {case.case.id: case.state for one in results for case in one.cases}


def test_the_suites_below_a_folder_are_run(capfd):
    results = kestrel_cli.test()
    assert [(one.suite.id, one.state) for one in results] == [("load_tests", "ERROR")]
    assert isinstance(results[0].state, kestrel_cli.TestState)
    assert states(results) == {"two": "SUCCESS", "wrong": "FAILED", "open": "ERROR"}
    (failed,) = results[0].cases[1].failed
    assert (failed.expected, failed.actual) == ("3 rows", "2 rows")
    assert capfd.readouterr() == ("", "")


def test_cases_are_chosen_by_name_or_by_a_function(here):
    assert states(kestrel_cli.test(here / "load.test.yaml", case="two")) == {"two": "SUCCESS"}
    found = kestrel_cli.test(["load.test.yaml"], case=lambda name: name != "open")
    assert [*states(found)] == ["two", "wrong"]


def test_tasks_run_that_are_named():
    Path("load.yaml").write_text(FLOW.replace("http://nowhere.invalid", "file:///none"))
    (one,) = kestrel_cli.test(case="open", let_run=["fetch"])[0].cases
    assert not any("has no fixture" in error.message for error in one.errors)


def test_what_is_wrong_with_a_suite_is_raised(here):
    (here / "load.test.yaml").write_text(SUITE.replace("id: fetch", "id: fetsh"))
    with pytest.raises(FlowFileError) as caught:
        kestrel_cli.test()
    assert caught.value.diagnostics[0].hint == "did you mean `fetch`?"


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"case": "none"}, NothingMatched, "no test `none` in `.`"),
        ({"timeout": -1}, UsageError, "`--timeout -1`: this must be a length of time"),
        ({"let_run": "fetch"}, UsageError, "`let_run` must be a list: ['fetch']"),
        ({"flows_dir": "nowhere"}, UsageError, "`--flows-dir nowhere`: no such directory"),
    ],
)
def test_bad_arguments_are_told(options, error, told):
    with pytest.raises(error) as caught:
        kestrel_cli.test(**options)
    assert str(caught.value) == told


def test_a_function_of_this_name_is_no_test_of_pytest():
    assert kestrel_cli.test.__test__ is False
