"""What templates see of an execution and its task runs, in a real engine's order and words."""

import io
import json
from typing import Any

import pytest

from kestrel_cli.flowfile import load_bytes
from kestrel_cli.model.flow import Flow
from kestrel_cli.reporters.json_document import write_json
from tests.app.running import Collect, running


def made(tasks: str, more: str = "") -> Flow:
    lines = f"id: seen\nnamespace: company.team\n{more}\ntasks:\n{tasks}"
    return load_bytes(lines.encode(), "seen.yaml").flow


def say(message: str) -> str:
    text = json.dumps(message)
    return f"  - {{id: say, type: io.kestra.plugin.core.log.Log, message: {text}}}\n"


def told_last(tasks: str, more: str = "") -> str:
    told = Collect()
    running(made(tasks, more), told)
    return told.logged()[-1]


@pytest.mark.parametrize(
    ("message", "keys"),
    [
        ("{{ execution }}", ["id", "state", "startDate", "originalId"]),
        ("{{ task }}", ["type", "id"]),
        ("{{ labels }}", ["system", "team"]),
    ],
)
def test_maps_have_the_order_of_a_real_engine(message: str, keys: list[str]) -> None:
    shown = json.loads(told_last(say(message), "labels: {team: blue}"))
    assert list(shown) == [key for key in keys if key in shown]
    assert set(shown) <= set(keys)


LOOP = """
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a]
    tasks:
      - id: if
        type: io.kestra.plugin.core.flow.If
        condition: "{{ true }}"
        then:
          - {id: in, type: io.kestra.plugin.core.log.Log, message: "{{ parent }}"}
"""


def test_a_parent_shows_its_outputs_first() -> None:
    shown = json.loads(told_last(LOOP))
    assert list(shown) == ["outputs", "taskrun"]


def test_a_task_sees_itself_as_it_was_before_it_began() -> None:
    first = "  - {id: first, type: io.kestra.plugin.core.debug.Return}\n"
    assert json.loads(told_last(first + say("{{ tasks }}"))) == {
        "first": {"state": "SUCCESS"},
        "say": {"state": "CREATED"},
    }
    shown = json.loads(told_last(first + say("{{ tasksWithState('success') }}")))
    assert [list(one) for one in shown] == [["state", "taskId"]]


def test_an_error_inside_render_names_the_inner_template() -> None:
    last = told_last(say("{{ render(vars.v) }}"), "variables: {v: 'It is {{ nope }}.'}")
    assert last.split("\n")[0] == (
        "io.pebbletemplates.pebble.error.PebbleException: Unable to find `nope` used in the "
        "expression `It is {{ nope }}.` at line 1 ({{ render(vars.v) }}:1)"
    )


def test_what_is_missing_inside_render_may_have_a_default() -> None:
    message = "{{ render(vars.v) ?? 'nothing' }}"
    assert told_last(say(message), "variables: {v: '{{ nope }}'}") == "nothing"


@pytest.mark.parametrize(
    ("type_name", "words"),
    [
        ("WorkingDirectory", "Failed evaluating runIf: Unable to find `nope`"),
        ("Sequential", "Failed to evaluate the runIf condition for task say. Cause: Unable to"),
    ],
)
def test_a_run_if_fails_in_the_words_of_who_evaluates_it(type_name: str, words: str) -> None:
    inner = say("hi").strip().replace("}", ", runIf: '{{ nope }}'}")
    holder = f"  - id: holder\n    type: io.kestra.plugin.core.flow.{type_name}\n    tasks:\n"
    assert told_last(f"{holder}      {inner}\n").startswith(words)


def document(tasks: str, more: str = "") -> dict[str, Any]:
    stream = io.StringIO()
    write_json(running(made(tasks, more)).execution, stream, 0)
    found: dict[str, Any] = json.loads(stream.getvalue())
    return found


def test_without_its_last_variable_an_execution_has_an_empty_map() -> None:
    unset = "  - {id: u, type: io.kestra.plugin.core.execution.UnsetVariables, variables: [v]}\n"
    assert document(unset, "variables: {v: 1}")["variables"] == {}
    assert "variables" not in document(say("hi"))
