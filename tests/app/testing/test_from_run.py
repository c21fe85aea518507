"""Tests that are made of runs."""

import textwrap
from pathlib import Path

import pytest

from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile.suites import suite_of
from kestrel_cli.model.suite import TestCase
from tests.app.testing.suites import CORE, flow
from tests.support.cli import Result, run_here

SHELL = "type: io.kestra.plugin.scripts.shell.Commands"
HERE = "taskRunner: {type: io.kestra.plugin.core.runner.Process}"


def made(folder: Path, text: str, *options: str) -> tuple[Result, str, TestCase]:
    """How the run ended, the suite of it as text, and its case; it passes."""
    (folder / "f.yaml").write_text(text, "utf-8")
    ended = run_here(["run", "f.yaml", *options, "--write-test", "f.test.yaml"], folder)
    found = (folder / "f.test.yaml").read_text("utf-8")
    again = run_here(["test", "f.test.yaml"], folder)
    assert again.code == 0, again.out
    return ended, found, suite_of(found.encode(), "f.test.yaml").suite.testCases[0]


def test_what_reached_out_has_its_real_outputs(tmp_path: Path) -> None:
    tasks = f"""
    - id: each
      type: {CORE}.flow.ForEach
      values: [a, b]
      tasks:
        - id: sh
          {SHELL}
          {HERE}
          outputFiles: [x.txt]
          commands:
            - 'echo "{{{{ taskrun.value }}}} {{{{ inputs.who }}}}" > x.txt'
            - |
              echo '::{{"outputs": {{"n": 3, "s": "{{% raw %}}{{{{ x }}}}{{% endraw %}}"}}}}::'
    - id: r
      type: {CORE}.debug.Return
      format: "{{{{ read(outputs.sh.b.outputFiles['x.txt']) }}}}{{{{ outputs.sh.a.vars.n }}}}"
    """
    more = """
    inputs:
      - {id: who, type: STRING}
      - {id: left, type: STRING, defaults: alone}
    outputs:
      - {id: said, type: STRING, value: "{{ outputs.r.value }}"}
    """
    ended, _, case = made(tmp_path, flow(tasks, more=more), "-i", "who=Ada", "-q")
    assert ended.code == 0
    fixtures = case.fixtures
    assert fixtures is not None
    assert fixtures.inputs == {"who": "Ada"}
    assert [(one.id, one.value, one.state) for one in fixtures.tasks] == [
        ("sh", "a", "SUCCESS"),
        ("sh", "b", "SUCCESS"),
    ]
    assert (fixtures.tasks[0].outputs or {})["vars"] == {
        "n": 3, "s": "{% raw %}{{ x }}{% endraw %}",
    }  # fmt: skip
    assert sorted(fixtures.files.values()) == ["a Ada\n", "b Ada\n"]
    assert [(one.value, one.equalTo) for one in case.assertions] == [
        ("{{ execution.state }}", "SUCCESS"),
        ("{{ execution.outputs.said }}", "b Ada\n3"),
    ]


def test_a_failed_run_makes_a_test_that_expects_it(tmp_path: Path) -> None:
    text = flow(f"- {{id: bad, {SHELL}, {HERE}, commands: [exit 3]}}")
    ended, said, case = made(tmp_path, text)
    assert ended.code == 1
    assert "        # it failed: Command failed with exit code 3\n" in said
    assert "f.test.yaml is a test of this run: `kestrel test f.test.yaml`" in ended.err
    assert case.fixtures is not None
    assert case.fixtures.tasks[0].state == "FAILED"
    assert case.assertions[0].value == "{{ execution.state }}"
    assert case.assertions[0].equalTo == "FAILED"


def test_secrets_are_left_out_and_what_is_large_is_cut(tmp_path: Path) -> None:
    tasks = f"""
    - id: sh
      {SHELL}
      {HERE}
      commands:
        - |
          echo '::{{"outputs": {{"k": "{{{{ secret('KEY') }}}}", "ok": 1}}}}::'
    - id: many
      {SHELL}
      {HERE}
      commands:
        - |
          echo "::{{\\"outputs\\": {{\\"l\\": [$(seq -s, 1 99)]}}}}::"
    """
    more = "inputs: [{id: pw, type: SECRET}]\n"
    (tmp_path / "secrets").write_text("KEY=hunter2-x9\n", "utf-8")
    given = ["--secrets-file", "secrets", "-i", "pw=another-s3cret"]
    _, said, case = made(tmp_path, flow(tasks, more=more), *given)
    assert "hunter2" not in said
    assert "another-s3cret" not in said
    assert "# left out: sh.vars.k, which holds a secret" in said
    assert "# left out: pw, a secret" in said
    assert "# cut: many.vars.l had 99 items" in said
    assert case.fixtures is not None
    first, second = case.fixtures.tasks
    assert (first.outputs or {})["vars"] == {"ok": 1}
    assert len((second.outputs or {})["vars"]["l"]) == 30


def test_what_waited_or_was_mocked_has_a_fixture(tmp_path: Path) -> None:
    tasks = f"""
    - id: ask
      type: {CORE}.flow.Pause
      onResume: [{{id: ok, type: BOOL}}]
    - id: say
      type: {CORE}.debug.Return
      format: "{{{{ outputs.ask.onResume.ok }}}}"
    """
    options = ["--resume", "ask={ok: true}", "--mock", 'say={"value": "mocked"}']
    _, _, case = made(tmp_path, flow(tasks), *options)
    assert case.fixtures is not None
    assert [one.id for one in case.fixtures.tasks] == ["ask", "say"]
    assert (case.fixtures.tasks[0].outputs or {})["onResume"] == {"ok": True}
    assert (case.fixtures.tasks[1].outputs or {})["value"] == "mocked"


def test_nothing_is_written_over_and_no_part_makes_a_test(tmp_path: Path) -> None:
    text = flow(f"- {{id: a, type: {CORE}.log.Log, message: x}}")
    (tmp_path / "f.yaml").write_text(text, "utf-8")
    (tmp_path / "f.test.yaml").write_text("mine", "utf-8")
    ended = run_here(["run", "f.yaml", "--write-test", "f.test.yaml"], tmp_path)
    assert ended.code == UsageError.exit_code
    assert "is left as it is" in ended.err
    assert (tmp_path / "f.test.yaml").read_text("utf-8") == "mine"
    ended = run_here(["run", "f.yaml", "--only", "a", "--write-test", "g.test.yaml"], tmp_path)
    assert ended.code == UsageError.exit_code
    assert not (tmp_path / "g.test.yaml").exists()


def test_an_execution_that_waits_makes_none(tmp_path: Path) -> None:
    text = flow(f"- {{id: ask, type: {CORE}.flow.Pause}}")
    (tmp_path / "f.yaml").write_text(text, "utf-8")
    ended = run_here(["run", "f.yaml", "--pause", "wait", "--write-test", "f.test.yaml"], tmp_path)
    assert "is not at its end" in ended.err
    assert not (tmp_path / "f.test.yaml").exists()


@pytest.mark.parametrize("reads", ["{{ kv('rate') }}"])
def test_key_values_are_told_of(tmp_path: Path, reads: str) -> None:
    tasks = textwrap.dedent(f"""
    - id: r
      type: {CORE}.debug.Return
      format: "{reads}"
    """)
    (tmp_path / "f.yaml").write_text(flow(tasks), "utf-8")
    options = ["--kv", "rate=2", "--write-test", "f.test.yaml"]
    assert run_here(["run", "f.yaml", *options], tmp_path).code == 0
    assert "kestrel test --kv rate=..." in (tmp_path / "f.test.yaml").read_text("utf-8")
    assert run_here(["test", "f.test.yaml", "--kv", "rate=2"], tmp_path).code == 0
