"""Secrets of the environment are hidden though nobody reads them, and no child gets them."""

import json
import secrets
import sys
from base64 import b64encode

import pytest

from tests.cli.flows_here import CORE
from tests.support.cli import run_here

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="runs shells")

PLAIN, OTHER = secrets.token_hex(12), secrets.token_hex(12)
ENV = {
    "KESTREL_SECRET_PLAIN": PLAIN,
    "SECRET_OTHER": b64encode(OTHER.encode()).decode(),
    "SECRET_WRONG": f"{OTHER}!",
    "KESTREL_SECRET_SHORT": "ab",
}
SCRIPT = """
id: script
namespace: company.team
tasks:
  - id: old
    type: io.kestra.core.tasks.scripts.Bash
    commands: ["env | grep SECRET_ || echo none"]
  - id: script
    type: io.kestra.plugin.scripts.shell.Script
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    script: env | grep SECRET_ || echo none
"""
ASKED = """
id: script
namespace: company.team
tasks:
  - id: script
    type: io.kestra.plugin.scripts.shell.Script
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    env:
      SECRET_PLAIN: "{{ secret('PLAIN') }}"
    script: echo "it is $SECRET_PLAIN" && echo "$SECRET_PLAIN" | wc -c && env | grep -c SECRET_
"""
UNREAD = f"""
id: unread
namespace: company.team
inputs:
  - {{id: text, type: STRING}}
tasks:
  - id: log
    type: {CORE}.log.Log
    message: "{{{{ inputs.text }}}}"
  - id: outputs
    type: {CORE}.output.OutputValues
    values: {{text: "{{{{ inputs.text }}}}"}}
"""


def logged(folder, text, *more):
    (folder / "flow.yaml").write_text(text)
    return run_here(["run", "flow.yaml", *more], folder, ENV)


def test_a_child_gets_none(tmp_path):
    result = logged(tmp_path, SCRIPT)
    assert result.code == 0, result.err
    assert [line.split()[-1] for line in result.out.splitlines() if "  none" in line] == [
        "none"
    ] * 2
    assert "SECRET_" not in result.err + result.out


def test_a_child_gets_the_one_that_its_task_asks_for(tmp_path):
    result = logged(tmp_path, ASKED)
    assert result.code == 0, result.err
    told = [line.split("script  ")[-1].strip() for line in result.out.splitlines()[:3]]
    assert told == ["it is ******", "25", "1"]


@pytest.mark.parametrize(
    "secret", [PLAIN, OTHER, ENV["SECRET_OTHER"], f"{OTHER}!", PLAIN.upper()], ids=range(5)
)
def test_one_that_nobody_reads_is_hidden(secret, tmp_path):
    result = logged(tmp_path, UNREAD, "-i", f"text=a {secret} b", "-o", "json")
    assert result.code == 0
    everything = result.out + result.err
    everything += "".join(
        path.read_text() for path in (tmp_path / ".state").rglob("*") if path.is_file()
    )
    assert secret not in everything
    outputs = json.loads(result.out)["taskRunList"][1]["outputs"]
    assert outputs["values"]["text"].startswith("a ******")


def test_one_that_cannot_be_hidden_is_not_warned_of_before_it_is_read(tmp_path):
    assert "too short" not in logged(tmp_path, UNREAD, "-i", "text=x").err
