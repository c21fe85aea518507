"""Fixtures: what stands in for task runs, and what reaches out without one."""

from pathlib import Path

import pytest

from kestrel_cli.model.state import State
from kestrel_cli.model.test_results import TestState
from tests.app.testing.suites import CORE, case, flow, results, suite

HTTP = f"""
- id: fetch
  type: {CORE}.http.Request
  uri: https://x.example.com
- id: say
  type: {CORE}.debug.Return
  format: "{{{{ outputs.fetch.body }}}}"
"""
LOOP = f"""
- id: each
  type: {CORE}.flow.ForEach
  values: [a, b]
  tasks:
    - id: run
      type: {CORE}.debug.Return
      format: "real {{{{ taskrun.value }}}}"
"""
HOLDS = """
assertions:
  - {value: x, equalTo: x}
"""


def with_fixture(fixture: str, assertions: str = "- {value: x, equalTo: x}") -> str:
    return f"fixtures:\n  tasks:\n    - {fixture}\nassertions:\n  {assertions}\n"


def test_a_fixture_ends_a_run_without_an_attempt(tmp_path: Path) -> None:
    seen = []
    found = results(
        tmp_path,
        flow(HTTP),
        suite(with_fixture("{id: fetch, outputs: {body: hello}}",
                           '- {value: "{{ outputs.say.value }}", equalTo: hello}')),
        heard=lambda _, one: seen.append(one.execution),
    )  # fmt: skip
    assert found.state is TestState.SUCCESS
    run = seen[0].runs[0]
    assert [state for state, _ in run.history] == [State.CREATED, State.SUCCESS]
    assert run.attempts == []
    assert seen[0].kind == "TEST"


@pytest.mark.parametrize(
    "state", ["SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "SKIPPED"]
)
def test_it_ends_in_any_state_that_is_an_end(tmp_path: Path, state: str) -> None:
    found = case(
        tmp_path,
        flow(HTTP.partition("- id: say")[0]),
        with_fixture(f"{{id: fetch, state: {state}}}"),
    )
    ended = {"SKIPPED": "SUCCESS", "CANCELLED": "SUCCESS"}.get(state, state)
    assert (found.state, found.ended_as) == (TestState.SUCCESS, ended)
    noted = [one for one in found.notes if "does not look at that" in one]
    assert bool(noted) is (ended != "SUCCESS")


def test_a_failed_one_runs_errors_and_is_not_tried_again(tmp_path: Path) -> None:
    text = flow(
        HTTP.partition("- id: say")[0]
        + "  retry: {type: constant, interval: PT1S, maxAttempts: 3}\n"
    )
    text += f'errors:\n  - {{id: oops, type: {CORE}.debug.Return, format: "it failed"}}\n'
    found = case(
        tmp_path,
        text,
        with_fixture(
            "{id: fetch, state: FAILED}",
            '- {value: "{{ outputs.oops.value }}", equalTo: it failed}',
        ),
    )
    assert (found.state, found.ended_as) == (TestState.SUCCESS, State.FAILED)


def test_it_replaces_a_whole_subtree_and_looks_at_no_run_if(tmp_path: Path) -> None:
    seen = []
    results(
        tmp_path,
        flow(LOOP + "  runIf: 'false'\n".replace("'", "'")),
        suite(with_fixture("{id: each, outputs: {a: 1}}")),
        heard=lambda _, one: seen.append([(r.task.id, r.state) for r in one.execution.runs]),
    )
    assert seen == [[("each", State.SUCCESS)]]


def test_in_a_loop_each_value_has_its_own(tmp_path: Path) -> None:
    found = case(
        tmp_path,
        flow(LOOP),
        with_fixture(
            "{id: run, value: a, outputs: {value: made}}",
            '- {value: "{{ outputs.run.a.value }} {{ outputs.run.b.value }}", contains: real b}',
        ),
    )
    assert found.state is TestState.SUCCESS, found.results


def test_outputs_see_the_execution_and_no_task_run(tmp_path: Path) -> None:
    tasks = LOOP + f"- {{id: last, type: {CORE}.debug.Return, format: x}}\n"
    seen = case(
        tmp_path,
        flow(tasks),
        with_fixture(
            '{id: last, outputs: {value: "{{ outputs.run.a.value }}"}}',
            '- {value: "{{ outputs.last.value }}", equalTo: real a}',
        ),
    )
    assert seen.state is TestState.SUCCESS
    blind = case(
        tmp_path,
        flow(LOOP),
        with_fixture('{id: run, value: a, outputs: {value: "{{ taskrun.value }}"}}'),
    )
    assert blind.state is TestState.ERROR
    assert blind.errors[0].message == "the outputs of the fixture of `run` can't be rendered"


def test_what_reaches_out_is_an_error_that_says_what_to_write(tmp_path: Path) -> None:
    found = case(tmp_path, flow(HTTP), HOLDS)
    assert (found.state, found.ended_as) == (TestState.ERROR, State.FAILED)
    (error,) = found.errors
    assert error.message.startswith("the task `fetch` (")
    assert error.where is not None
    assert (Path(error.where.file).name, error.where.line) == ("f.yaml", 4)
    assert error.hint is not None
    assert "- id: fetch\n      outputs:\n        body: " in error.hint
    assert "`--run fetch`" in error.hint


def test_a_script_is_not_run_either_and_is_when_it_may(tmp_path: Path) -> None:
    made = tmp_path / "made"
    script = f"""
    - id: sh
      type: io.kestra.plugin.scripts.shell.Commands
      commands: ["touch {made}"]
    """
    assert case(tmp_path, flow(script), HOLDS).state is TestState.ERROR
    assert not made.exists()
    found = case(tmp_path, flow(script), HOLDS, real=lambda task: task.id == "sh")
    assert (found.state, made.exists()) == (TestState.SUCCESS, True)


def test_a_task_of_a_flow_that_is_called_needs_a_fixture_of_its_caller(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text(flow(HTTP).replace("id: f\n", "id: inner\n"), "utf-8")
    outer = flow(f"- {{id: call, type: {CORE}.flow.Subflow, namespace: team, flowId: inner}}")
    found = case(tmp_path, outer, HOLDS)
    assert found.state is TestState.ERROR
    assert "give one to `call`, which calls it" in (found.errors[0].hint or "")
    assert case(tmp_path, outer, with_fixture("{id: call}")).state is TestState.SUCCESS


def test_inputs_files_and_trigger_are_given(tmp_path: Path) -> None:
    more = """
    inputs:
      - {id: day, type: DATE}
      - {id: rows, type: FILE}
    """
    tasks = f"""
    - id: say
      type: {CORE}.debug.Return
      format: "{{{{ inputs.day }}}} {{{{ read(inputs.rows) }}}} {{{{ trigger.date }}}}"
    """
    found = case(
        tmp_path,
        flow(tasks, more=more.replace("\n    ", "\n").lstrip("\n")),
        """
        fixtures:
          files: {rows.csv: "a,b"}
          inputs: {day: 2026-01-31, rows: "{{ files['rows.csv'] }}"}
          trigger: {id: t, type: x.Schedule, variables: {date: today}}
        assertions:
          - {value: "{{ outputs.say.value }}", equalTo: "2026-01-31 a,b today"}
        """,
    )
    assert found.state is TestState.SUCCESS, (found.errors, found.results)


def test_an_input_that_is_wrong_is_an_error(tmp_path: Path) -> None:
    text = flow(f"- {{id: a, type: {CORE}.debug.Return}}", more="inputs: [{id: n, type: INT}]\n")
    found = case(
        tmp_path, text, "fixtures: {inputs: {n: x}}\nassertions: [{value: x, equalTo: x}]\n"
    )
    assert found.state is TestState.ERROR
    assert "n" in found.errors[0].message


def test_secrets_have_stubs_unless_somebody_gives_them(tmp_path: Path) -> None:
    text = flow(f"- {{id: a, type: {CORE}.debug.Return, format: \"{{{{ secret('T') }}}}\"}}")
    asserted = 'assertions: [{value: "{{ outputs.a.value }}", equalTo: "***"}]\n'
    found = case(tmp_path, text, asserted)
    assert (found.state, found.notes) == (TestState.SUCCESS, [])
    wrong = case(tmp_path, text, asserted.replace("***", "+++"))
    assert "secrets that nobody gave were `***`: `T`" in wrong.notes
    assert case(tmp_path, text, asserted, strict=True).ended_as is State.FAILED


def test_nobody_waits(tmp_path: Path) -> None:
    tasks = f"""
    - {{id: wait, type: {CORE}.flow.Sleep, duration: PT1H}}
    - {{id: hold, type: {CORE}.flow.Pause, delay: P1D}}
    - id: flaky
      type: {CORE}.execution.Fail
      retry: {{type: constant, interval: PT10M, maxAttempts: 3}}
    """
    found = case(tmp_path, flow(tasks), HOLDS)
    assert (found.state, found.ended_as) == (TestState.SUCCESS, State.FAILED)
    assert found.seconds < 5


def test_a_pause_that_nobody_ends_is_an_error(tmp_path: Path) -> None:
    text = flow(f"- {{id: hold, type: {CORE}.flow.Pause}}")
    found = case(tmp_path, text, HOLDS)
    assert found.state is TestState.ERROR
    assert found.errors[0].message == "the execution waits at `hold` for somebody to resume it"
    assert case(tmp_path, text, with_fixture("{id: hold}")).state is TestState.SUCCESS


def test_a_fixture_that_was_not_used_is_told(tmp_path: Path) -> None:
    tasks = f"""
    - id: which
      type: {CORE}.flow.If
      condition: "{{{{ false }}}}"
      then: [{{id: never, type: {CORE}.debug.Return}}]
    """
    found = case(tmp_path, flow(tasks), with_fixture("{id: never}"))
    assert found.state is TestState.SUCCESS
    assert any("the fixture of `never` was not used" in one for one in found.notes)


def test_iterations_of_loop_are_found_by_their_value(tmp_path: Path) -> None:
    tasks = f"""
    - id: each
      type: {CORE}.flow.Loop
      values: [a, b]
      tasks:
        - {{id: run, type: {CORE}.execution.Fail}}
    """
    given = "{id: run, value: a}\n    - {id: run, value: b}"
    found = case(tmp_path, flow(tasks), with_fixture(given), compat=2)
    assert (found.state, found.ended_as) == (TestState.SUCCESS, State.SUCCESS)


def test_expected_states_count(tmp_path: Path) -> None:
    text = flow(f"- {{id: a, type: {CORE}.execution.Fail}}")
    asked = "expectedState: {}\nassertions: [{{value: x, equalTo: x}}]\n"
    assert case(tmp_path, text, asked.format("FAILED")).state is TestState.SUCCESS
    wrong = case(tmp_path, text, asked.format("WARNING"))
    assert [one.message for one in wrong.errors] == ["expected state WARNING, got FAILED"]
    assert case(tmp_path, text, HOLDS, compat=2).state is TestState.ERROR  # SUCCESS, unless said


@pytest.mark.parametrize("name", ["../x", "/etc/x", "", "a/../../x", "a\\0"])
def test_a_file_that_has_no_place_in_the_storage_is_told(tmp_path: Path, name: str) -> None:
    text = flow(f"- {{id: a, type: {CORE}.debug.Return}}")
    found = case(tmp_path, text, f'fixtures: {{files: {{"{name}": x}}}}\n{HOLDS}')
    assert found.state is TestState.ERROR
    assert found.errors[0].message.endswith("can't be the name of a file")
