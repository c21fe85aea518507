"""Executions of the past, for the tests of what is done with them later."""

import json
from pathlib import Path
from typing import Any

from tests.cli.flows_here import CORE, written
from tests.support.cli import Result, run_here

# Fails until a key-value says `yes`.
FLAKY = f"""
id: flaky
namespace: company.team
inputs:
  - {{id: name, type: STRING, defaults: Ada}}
tasks:
  - {{id: first, type: {CORE}.debug.Return, format: "{{{{ inputs.name }}}}"}}
  - id: second
    type: {CORE}.execution.Fail
    condition: "{{{{ kv('ready', errorOnMissing=false) != 'yes' }}}}"
    errorMessage: not ready
  - {{id: third, type: {CORE}.log.Log, message: "third {{{{ outputs.first.value }}}}"}}
errors:
  - {{id: sorry, type: {CORE}.log.Log, message: sorry}}
finally:
  - {{id: tidy, type: {CORE}.log.Log, message: tidy}}
"""
READY = ("--kv", "ready=yes")
GATES = f"""
id: gates
namespace: company.team
tasks:
  - {{id: before, type: {CORE}.debug.Return, format: x}}
  - id: ask
    type: {CORE}.flow.Pause
    onResume:
      - {{id: fine, type: BOOL}}
      - {{id: number, type: INT, defaults: 2}}
  - {{id: again, type: {CORE}.flow.Pause}}
  - {{id: after, type: {CORE}.log.Log, message: "{{{{ outputs.ask.onResume }}}}"}}
"""
SECRET = f"""
id: hidden
namespace: company.team
inputs:
  - {{id: password, type: SECRET, required: false}}
tasks:
  - {{id: gate, type: {CORE}.flow.Pause}}
  - id: check
    type: {CORE}.execution.Fail
    condition: "{{{{ inputs.password | length != 9 or kv('x', errorOnMissing=false) == 'no' }}}}"
    errorMessage: wrong
"""


def ran(folder: Path, flow: str, *options: str) -> str:
    """Run a flow to its end, or until it is paused; the id of its execution."""
    arguments = ["run", written(folder, flow), "-o", "json", "-qq", "--pause", "wait", *options]
    found = json.loads(run_here(arguments, folder).out)["id"]
    assert isinstance(found, str)
    return found


def again(folder: Path, command: str, *arguments: str, stdin: str = "") -> Result:
    """Run a command that goes on with an execution; the document on stdout."""
    return run_here([command, *arguments, "-o", "json"], folder, stdin=stdin)


def document(result: Result) -> dict[str, Any]:
    """The execution that a command printed."""
    found = json.loads(result.out)
    assert isinstance(found, dict)
    assert found["exitCode"] == result.code
    return found


def runs(result: Result) -> list[str]:
    """`task STATE` of each task run; `task[value] STATE` in loops."""
    return [
        f"{one['taskId']}{'[' + one['value'] + ']' if 'value' in one else ''} "
        f"{one['state']['current']}"
        for one in document(result)["taskRunList"]
    ]


def steps(held: dict[str, Any]) -> list[str]:
    """The states that an execution or a task run has gone through."""
    return [step["state"] for step in held["state"]["histories"]]


def task_run(result: Result, task: str) -> dict[str, Any]:
    """The one run of a task."""
    (found,) = [one for one in document(result)["taskRunList"] if one["taskId"] == task]
    assert isinstance(found, dict)
    return found


def labels(result: Result) -> dict[str, str]:
    """The labels of an execution."""
    return {one["key"]: one["value"] for one in document(result)["labels"]}


def journal(folder: Path, execution: str) -> Path:
    """The file that holds all of an execution."""
    return folder / ".state/kestrel/executions" / execution / "journal.ndjson"


def died(folder: Path, execution: str, after: str) -> None:
    """Leave it as if its process had been killed after the first line that begins so."""
    path = journal(folder, execution)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith(after))
    path.write_text("".join(lines[: at + 1]) + '["E",torn', "utf-8")
