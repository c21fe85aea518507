"""Suites that are written of flows: they pass, and have a case for each way."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.testing.run_case import Settings
from kestrel_cli.app.testing.writing.init_suite import NoSuite, Written, written_suite
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.suites import suite_of
from kestrel_cli.model.suite import Suite, TestCase
from kestrel_cli.model.test_results import TestState
from tests.app.testing.suites import CORE, flow, results
from tests.support.cli import run_here

FLOWS = Path(__file__).parents[3] / "flows"


def written(folder: Path, text: str, compat: int = 1) -> tuple[Written, Suite]:
    """The suite of a flow, which passes."""
    path = folder / "f.yaml"
    path.write_text(text, "utf-8")
    loaded = load(str(path))
    library = Library.beside(loaded)
    request = RunRequest(
        loaded.flow, text=loaded.text, library=library, environ={}, compat=compat,
        state_dir=str(folder / "state"),
    )  # fmt: skip
    found = written_suite(loaded, library, request, Settings(compat=compat), folder)
    return found, suite_of(found.text.encode(), "s.test.yaml", compat=compat).suite


def of(folder: Path, text: str, **more: Any) -> tuple[str, dict[str, TestCase]]:
    """The text, and the cases by id; all of them pass when they are run again."""
    found, suite = written(folder, text, **more)
    assert results(folder, text, found.text, **more).state is TestState.SUCCESS
    assert found.cases == len(suite.testCases)
    return found.text, {one.id: one for one in suite.testCases}


@pytest.mark.parametrize("name", sorted(one.name for one in FLOWS.glob("*.yaml")))
def test_the_suite_of_each_example_passes(tmp_path: Path, name: str) -> None:
    from tests.support.cli import run_here

    shutil.copytree(FLOWS, tmp_path / "flows", ignore=shutil.ignore_patterns("tests"))
    ended = run_here(["test", "--init", f"flows/{name}"], tmp_path)
    assert (ended.code, ended.err) == (0, "")
    target = f"flows/{name.removesuffix('.yaml')}.test.yaml"
    assert ended.out.startswith(f"{target}: ")
    assert run_here(["test", target], tmp_path).code == 0


HTTP = f"""
- id: fetch
  type: {CORE}.http.Request
  uri: https://x.example.com
"""


def test_what_reaches_out_has_a_fixture_with_the_outputs_that_are_read(tmp_path: Path) -> None:
    tasks = f"""
    {{FETCH}}
    - id: say
      type: {CORE}.debug.Return
      format: "{{{{ outputs.fetch.body.rows[0].name }}}} {{{{ outputs.fetch.code }}}}"
    """
    text = flow(tasks.replace("{FETCH}", HTTP.strip().replace("\n", "\n    ")))
    said, cases = of(tmp_path, text)
    fixtures = cases["main"].fixtures
    assert fixtures is not None
    assert [one.id for one in fixtures.tasks] == ["fetch"]
    outputs = fixtures.tasks[0].outputs or {}
    assert outputs["code"] == 200
    assert outputs["body"]["rows"][0] == {"name": "made-up"}
    assert "        # made up\n        - id: fetch\n" in said
    assert cases["main"].assertions[1].value == "{{ outputs.say.value }}"
    assert cases["main"].assertions[1].equalTo == "made-up 200"


def test_each_run_in_a_loop_has_its_own(tmp_path: Path) -> None:
    tasks = f"""
    - id: each
      type: {CORE}.flow.ForEach
      values: [a, b, c]
      tasks:
        - id: fetch
          type: {CORE}.http.Request
          uri: https://x.example.com
    """
    _, cases = of(tmp_path, flow(tasks))
    fixtures = cases["main"].fixtures
    assert fixtures is not None
    assert [one.value for one in fixtures.tasks] == ["a", "b", "c"]


def test_files_that_are_made_up_are_files_of_the_fixtures(tmp_path: Path) -> None:
    tasks = f"""
    - id: get
      type: {CORE}.http.Download
      uri: https://x.example.com
    - id: show
      type: {CORE}.debug.Return
      format: "{{{{ read(outputs.get.uri) }}}} {{{{ read(inputs.rows) }}}}"
    """
    _, cases = of(tmp_path, flow(tasks, more="inputs: [{id: rows, type: FILE}]\n"))
    fixtures = cases["main"].fixtures
    assert fixtures is not None
    assert len(fixtures.files) == 2
    address = (fixtures.tasks[0].outputs or {})["uri"]
    assert address in [f"{{{{ files['{name}'] }}}}" for name in fixtures.files]
    assert fixtures.inputs["rows"].startswith("{{ files['")


WAYS = f"""
- id: fetch
  type: {CORE}.http.Request
  uri: https://x.example.com
  allowFailure: true
- id: big
  type: {CORE}.flow.If
  condition: "{{{{ (render(vars.twice) | number('INT')) > 100 and inputs.kind == 'b' }}}}"
  then: [{{id: yes, type: {CORE}.log.Log, message: x}}]
- id: route
  type: {CORE}.flow.Switch
  value: "{{{{ outputs.fetch.body.status | upper }}}}"
  cases:
    PAID:
      - id: lines
        type: {CORE}.flow.ForEach
        values: "{{{{ inputs.lines }}}}"
        tasks: [{{id: line, type: {CORE}.debug.Return, format: "{{{{ taskrun.value }}}}"}}]
    OPEN: [{{id: remind, type: {CORE}.log.Log, message: x}}]
  defaults: [{{id: what, type: {CORE}.log.Log, message: x}}]
- id: even
  type: {CORE}.log.Log
  message: even
  runIf: "{{{{ inputs.amount % 2 == 0 }}}}"
"""
MORE = """
inputs:
  - {id: amount, type: INT}
  - {id: kind, type: SELECT, values: [a, b]}
  - {id: lines, type: ARRAY, itemType: STRING, defaults: '["x"]'}
variables:
  twice: "{{ inputs.amount * 2 }}"
errors:
  - {id: oops, type: io.kestra.plugin.core.log.Log, message: x}
"""


def test_every_way_has_a_case(tmp_path: Path) -> None:
    said, cases = of(tmp_path, flow(WAYS, more=MORE))
    assert "not reached" not in said
    assert cases.keys() >= {
        "main", "flow-errors", "fetch-allowed-failure", "big-then", "route-case-PAID",
        "route-case-OPEN", "lines-no-values",
    }  # fmt: skip
    fixtures = cases["fetch-allowed-failure"].fixtures
    assert fixtures is not None
    assert (fixtures.tasks[0].id, fixtures.tasks[0].state) == ("fetch", "FAILED")
    told = [one.value for one in cases["big-then"].assertions]
    assert "{{ tasks.yes.state }}" in told


def test_ways_that_nothing_leads_to_are_listed(tmp_path: Path) -> None:
    tasks = f"""
    - id: never
      type: {CORE}.flow.If
      condition: "{{{{ 1 > 2 }}}}"
      then: [{{id: no, type: {CORE}.log.Log, message: x}}]
    """
    found, _ = written(tmp_path, flow(tasks))
    assert found.text.endswith("\n\n# not reached: then of never (line 4)\n")
    assert [str(one.name) for one in found.left] == ["then"]


def test_outputs_of_the_flow_are_asserted_and_what_changes_is_not(tmp_path: Path) -> None:
    tasks = f"""
    - id: r
      type: {CORE}.debug.Return
      format: same
    """
    more = """
    outputs:
      - {id: when, type: STRING, value: "{{ now() | date('yyyy') }}"}
      - {id: luck, type: STRING, value: "{{ uuid() }}"}
      - {id: run, type: STRING, value: "{{ execution.id }}"}
      - {id: what-it-is, type: STRING, value: "{{ outputs.r.value }}"}
      - {id: day, type: STRING, value: "{{ '2031-02-03' | dateAdd(1, 'DAYS') | date('d/M') }}"}
    """
    _, cases = of(tmp_path, flow(tasks, more=more))
    assert [(one.value, one.equalTo) for one in cases["main"].assertions] == [
        ("{{ execution.state }}", "SUCCESS"),
        ("{{ execution.outputs['what-it-is'] }}", "same"),
        ("{{ execution.outputs.day }}", "4/2"),
    ]


def test_a_flow_that_fails_gets_a_case_in_which_it_does_not(tmp_path: Path) -> None:
    tasks = f"""
    - id: guard
      type: {CORE}.execution.Fail
      condition: "{{{{ inputs.stop }}}}"
    - id: after
      type: {CORE}.log.Log
      message: x
    """
    more = "inputs: [{id: stop, type: BOOL, defaults: true}]\n"
    _, cases = of(tmp_path, flow(tasks, more=more), compat=2)
    assert cases["main"].expectedState == "FAILED"
    assert cases["succeeds"].expectedState is None
    assert cases["succeeds"].fixtures is not None
    assert cases["succeeds"].fixtures.inputs == {"stop": False}


def test_key_values_are_told_of(tmp_path: Path) -> None:
    tasks = f"""
    - id: r
      type: {CORE}.debug.Return
      format: "{{{{ kv('rate') }}}}"
    """
    found, _ = written(tmp_path, flow(tasks))
    assert found.kv == {"rate": "made-up"}
    assert "kestrel test --kv rate=made-up" in found.text


def test_a_pause_is_stood_in_for_with_its_answers(tmp_path: Path) -> None:
    tasks = f"""
    - id: ask
      type: {CORE}.flow.Pause
      onResume:
        - {{id: ok, type: BOOL}}
        - {{id: why, type: STRING, defaults: because}}
    - id: say
      type: {CORE}.debug.Return
      format: "{{{{ outputs.ask.onResume.ok }}}} {{{{ outputs.ask.onResume.why }}}}"
    """
    _, cases = of(tmp_path, flow(tasks))
    assert cases["main"].assertions[1].equalTo == "true because"


def test_a_subflow_that_reaches_out_or_is_not_there_is_stood_in_for(tmp_path: Path) -> None:
    (tmp_path / "below.yaml").write_text(
        f"id: below\nnamespace: team\ntasks:{HTTP.replace(chr(10), chr(10) + '  ')}\n", "utf-8"
    )
    call = f"type: {CORE}.flow.Subflow, namespace: team, flowId"
    tasks = f"""
    - {{id: one, {call}: below}}
    - {{id: two, {call}: gone}}
    - id: say
      type: {CORE}.debug.Return
      format: "{{{{ outputs.two.outputs.total }}}}"
    """
    _, cases = of(tmp_path, flow(tasks))
    fixtures = cases["main"].fixtures
    assert fixtures is not None
    assert [one.id for one in fixtures.tasks] == ["one", "two"]


def test_a_flow_that_can_not_begin_has_no_suite(tmp_path: Path) -> None:
    more = """
    checks:
      - {condition: "{{ false }}", message: not today}
    """
    tasks = f"- {{id: a, type: {CORE}.log.Log, message: x}}"
    with pytest.raises(NoSuite, match="not today"):
        written(tmp_path, flow(tasks, more=more))


def test_the_command_writes_beside_the_flow_and_never_over_a_file(tmp_path: Path) -> None:
    from tests.support.cli import run_here

    text = flow(f"- {{id: a, type: {CORE}.debug.Return, format: x}}")
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    ended = run_here(["test", "--init", "a.yaml"], tmp_path)
    assert ended.out.splitlines() == [
        "a.test.yaml: 1 case passes",
        "put in what is true where it says `made up`, then:",
        "  kestrel test a.test.yaml --cov",
    ]
    again = run_here(["test", "--init", "a.yaml"], tmp_path)
    assert again.code == 2
    assert "`a.test.yaml` is there already" in again.err
    (tmp_path / "tests").mkdir()
    assert run_here(["test", "--init", "a.yaml"], tmp_path).code == 0
    assert run_here(["test", "tests"], tmp_path).code == 0
    to_stdout = run_here(["test", "--init", "a.yaml", "--output-file", "-"], tmp_path)
    assert to_stdout.out == (tmp_path / "tests" / "a.test.yaml").read_text("utf-8")
    assert to_stdout.err == "1 case passes\n"


def test_a_suite_elsewhere_is_told_with_the_folder_of_its_flow(tmp_path: Path) -> None:
    from tests.support.cli import run_here

    for name in ("flows", "other"):
        (tmp_path / name).mkdir()
    text = flow(f"- {{id: a, type: {CORE}.debug.Return, format: \"{{{{ kv('k') }}}}\"}}")
    (tmp_path / "flows" / "a.yaml").write_text(text, "utf-8")
    options = ["--init", "../flows/a.yaml", "--output-file", "a.test.yaml"]
    ended = run_here(["test", *options], tmp_path / "other")
    command = "kestrel test a.test.yaml --flows-dir ../flows --kv k=made-up --cov"
    assert ended.out.endswith(f"  {command}\n")
    assert run_here(command.split()[1:], tmp_path / "other").code == 0


@pytest.mark.parametrize(
    "options", [["--init", "a.yaml", "tests"], ["--output-file", "x"], ["--init", "gone.yaml"]]
)
def test_what_can_not_be_written_is_refused(tmp_path: Path, options: list[str]) -> None:
    from tests.support.cli import run_here

    assert run_here(["test", *options], tmp_path).code in (2, 3)


def test_a_failure_that_nobody_asked_for_is_asked_about(tmp_path: Path) -> None:
    text = f"""id: f
namespace: team
tasks:
  - {{id: bad, type: {CORE}.debug.Return, format: "{{{{ fromJson('no') }}}}"}}
"""
    (tmp_path / "f.yaml").write_text(text, "utf-8")
    ended = run_here(["test", "--init", "f.yaml", "--output-file", "-"], tmp_path)
    assert "# `bad` (line 4) fails: " in ended.out
    assert "is that what it should do?" in ended.out
