"""What rows may do besides running their own flow."""

import json
from pathlib import Path
from typing import Any

from tests.conformance.test_golden import GOLDEN

OWN = """
id: own
namespace: company.team
inputs:
  - {id: name, type: STRING, defaults: nobody}
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a, b]
    tasks:
      - {id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}"}
  - {id: key, type: io.kestra.plugin.core.kv.Get, key: told}
  - {id: log, type: io.kestra.plugin.core.log.Log, message: "{{ globals.word ?? 'none' }}"}
"""
OTHER = """
id: other
namespace: company.team
inputs:
  - {id: word, type: STRING, defaults: hello}
tasks:
  - {id: set, type: io.kestra.plugin.core.kv.Set, key: told, value: "{{ inputs.word }}"}
"""
FILES = """
id: files
namespace: company.team
tasks:
  - id: dir
    type: io.kestra.plugin.core.flow.WorkingDirectory
    inputFiles: {a.txt: one}
    outputFiles: ["*.txt"]
    tasks:
      - {id: log, type: io.kestra.plugin.core.log.Log, message: hi}
"""


def verdict(folder: Path, **fields: Any) -> tuple[str, list[str]]:
    for name, text in (("own", OWN), ("other", OTHER), ("files", FILES)):
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    row = {"id": "r", "kind": "run", "flow": "own.yaml", "inputs": {}, "assert": {}, **fields}
    found: tuple[str, list[str]] = GOLDEN.verdict(GOLDEN.Row(json.loads(json.dumps(row)), folder))
    return found


def key(value: str | None) -> dict[str, Any]:
    outputs = None if value is None else {"value": value}
    return {"state": "SUCCESS", "taskRuns": [{"taskId": "key", "outputs": outputs}]}


def test_null_outputs_are_none(tmp_path: Path) -> None:
    assert verdict(tmp_path, **{"assert": key(None) | {"outputs": None}}) == ("passed", [])
    wanted = {"taskRuns": [{"taskId": "say", "outputs": None}]}
    outcome, details = verdict(tmp_path, **{"assert": wanted})
    assert outcome == "failed"
    assert details == ["expected no outputs of say, got {'value': 'a'}"]


def test_another_flow_runs_before_or_between(tmp_path: Path) -> None:
    before = {"run": {"flow": "other.yaml", "inputs": {"word": "hi"}}}
    assert verdict(tmp_path, setup=before, **{"assert": key("hi")}) == ("passed", [])
    actions = [
        {"run": "other.yaml", "assert": {"state": "SUCCESS", "taskRunCount": 1}},
        {"runAgain": True, "assert": key("hello")},
    ]
    assert verdict(tmp_path, actions=actions, **{"assert": key(None)}) == ("passed", [])


def test_what_a_run_finds_changes_between_runs(tmp_path: Path) -> None:
    said = [{"taskId": "log", "message": "good day"}]
    actions = [
        {"setup": {"globals": {"word": "good day"}, "run": ["other.yaml"]}},
        {"runAgain": True, "assert": key("hello") | {"logs": said}},
    ]
    assert verdict(tmp_path, actions=actions) == ("passed", [])


def test_a_replay_begins_at_a_run_with_these_values(tmp_path: Path) -> None:
    def replay(value: str, *wanted: str) -> dict[str, Any]:
        target = {"taskId": "say", "values": [value]}
        runs = [{"taskId": "say", "values": [one]} for one in wanted]
        return {"replay": target, "assert": {"state": "RESTARTED", "taskRuns": runs}}

    assert verdict(tmp_path, actions=[replay("b", "a", "b")]) == ("passed", [])
    outcome, details = verdict(tmp_path, actions=[replay("c")])
    assert (outcome, "the values ['c']" in details[0]) == ("failed", True)


def test_the_file_that_the_first_value_names_is_read(tmp_path: Path) -> None:
    for text, outcome in (("one", "passed"), ("two", "failed")):
        files = {"outputFiles": {"$firstValueFileContent": text}}
        wanted = {"taskRuns": [{"taskId": "dir", "outputs": files}]}
        assert verdict(tmp_path, flow="files.yaml", **{"assert": wanted})[0] == outcome
