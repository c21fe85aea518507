"""The flows of the page "Task Runs", and every statement the page makes about them."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Result, run_here
from tests.support.normal import seconds

HERE = Path(__file__).parent
ID = re.compile(r"[0-9A-Za-z]{22}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
RUN_KEYS = [
    "id", "executionId", "namespace", "flowId", "taskId", "parentTaskRunId", "value", "attempts",
    "outputs", "state",
]  # fmt: skip  # in the order of the page
NESTED = """
id: each-sequential-nested
namespace: io.kestra.tests
tasks:
  - id: 1_each
    type: io.kestra.plugin.core.flow.ForEach
    values: [s1, s2]
    tasks:
      - id: 1-1_return
        type: io.kestra.plugin.core.debug.Return
        format: "{{task.id}} > {{taskrun.value}} ⬅ {{taskrun.startDate}}"
"""


def run(name: str, folder: Path, *options: str) -> Result:
    result = run_here(["run", str(HERE / name / "flow.yaml"), *options], folder)
    assert result.code == 0, result
    return result


def execution(name: str, folder: Path) -> dict[str, Any]:
    found = json.loads(run(name, folder, "-o", "json").out)
    assert isinstance(found, dict)
    return found


def messages(result: Result) -> list[str]:
    """What was logged at INFO, without time, level and path."""
    return [line.split(maxsplit=2)[2].split("  ", 1)[1].strip() for line in logged(result)]


def logged(result: Result) -> list[str]:
    return [line for line in result.out.splitlines() if re.match(r"[\d:.]{12} INFO ", line)]


@pytest.fixture
def nested(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "nested.yaml").write_text(NESTED, "utf-8")
    found = json.loads(run_here(["run", "nested.yaml", "-o", "json"], tmp_path).out)
    assert isinstance(found, dict)
    return found


def test_the_taskrun_variable_has_id_start_date_and_attempts_in_this_order(tmp_path: Path) -> None:
    (only,) = execution("seed_taskrun", tmp_path)["taskRunList"]
    text = only["outputs"]["value"]
    assert list(json.loads(text)) == ["id", "startDate", "attemptsCount"]
    assert json.loads(text) == {
        "id": only["id"],
        "startDate": only["state"]["startDate"],
        "attemptsCount": 0,
    }


def test_a_return_shows_its_value_in_the_tree(tmp_path: Path) -> None:
    out = run("seed_taskrun", tmp_path).out
    assert re.search(r'\{"value":"\{\\"id\\":\\"[0-9A-Za-z]{22}\\"', out)


def test_a_return_logs_its_value(tmp_path: Path) -> None:
    out = run("seed_taskrun", tmp_path, "--log-level", "debug").out
    assert re.search(r'DEBUG return +\{"id":"[0-9A-Za-z]{22}","startDate":"[^"]+Z","attempts', out)


def test_each_value_of_a_loop_logs_its_own_task_run(tmp_path: Path) -> None:
    first, *rest = [messages(run("seed_values", tmp_path))[start:][:7] for start in (0, 7)]
    for number, lines in enumerate([first, *rest]):
        taskrun = json.loads(lines[0])
        assert list(taskrun) == [
            "id", "startDate", "attemptsCount", "parentId", "value", "iteration",
        ]  # fmt: skip
        assert lines[1:] == [
            str(number + 1),
            taskrun["id"],
            taskrun["startDate"],
            "0",
            taskrun["parentId"],
            str(number),
        ]
        assert taskrun["value"] == str(number + 1)
        assert taskrun["iteration"] == number


def test_a_loop_produces_two_separate_entries(tmp_path: Path) -> None:
    first, second = execution("seed_values", tmp_path)["taskRunList"][1:]
    assert (first["value"], second["value"]) == ("1", "2")
    assert first["id"] != second["id"]
    assert first["parentTaskRunId"] == second["parentTaskRunId"]


def test_log_parent_logs_the_value_of_its_parent(tmp_path: Path) -> None:
    lines = [line for line in logged(run("seed_parent_value", tmp_path)) if "log_parent" in line]
    assert [line.split()[-1] for line in lines] == ["1", "2"]


def test_a_child_of_an_if_has_no_value_of_its_own(tmp_path: Path) -> None:
    runs = execution("seed_parent_value", tmp_path)["taskRunList"]
    assert [(run["taskId"], run.get("value")) for run in runs] == [
        ("foreach", None),
        ("log", "1"),
        ("if", "1"),
        ("log_parent", None),
        ("log", "2"),
        ("if", "2"),
        ("log_parent", None),
    ]


def test_parents_count_from_the_nearest_value_outwards(tmp_path: Path) -> None:
    said = messages(run("seed_each_switch", tmp_path))
    assert said[2:6] == ["case1", "caseB", "case2", "caseB"]
    assert (said[0], said[6]) == ("simple", "simple_again")
    assert INSTANT.fullmatch(said[1])
    assert INSTANT.fullmatch(said[7])


def test_the_twelve_task_runs_of_nested_loops_stand_in_order_under_their_parents(
    tmp_path: Path,
) -> None:
    runs = execution("seed_each_switch", tmp_path)["taskRunList"]
    at = {run["id"]: number for number, run in enumerate(runs)}
    assert [
        (run["taskId"], run.get("value"), at.get(run.get("parentTaskRunId"))) for run in runs
    ] == [
        ("simple", None, None),
        ("hierarchy_1", None, None),
        ("hierarchy_2", "caseA", 1),
        ("hierarchy_2_a", None, 2),
        ("hierarchy_2", "caseB", 1),
        ("hierarchy_2_b_first", None, 4),
        ("hierarchy_2_b_second", None, 4),
        ("switch", "case1", 6),
        ("switch_1", None, 7),
        ("switch", "case2", 6),
        ("switch_2", None, 9),
        ("simple_again", None, None),
    ]


def test_the_returns_of_a_case_give_their_task_ids(tmp_path: Path) -> None:
    runs = {run["taskId"]: run for run in execution("seed_each_switch", tmp_path)["taskRunList"]}
    for name in ("hierarchy_2_a", "hierarchy_2_b_first"):
        assert runs[name]["outputs"] == {"value": name}


@pytest.mark.parametrize(
    "name", ["seed_taskrun", "seed_values", "seed_parent_value", "seed_each_switch"]
)
def test_a_task_run_at_the_top_has_neither_parent_nor_value(name: str, tmp_path: Path) -> None:
    runs = execution(name, tmp_path)["taskRunList"]
    top = [run for run in runs if "parentTaskRunId" not in run]
    assert top
    assert not [run for run in top if "value" in run or "iteration" in run]


@pytest.mark.parametrize("options", [[], ["-o", "json"], ["-o", "yaml"]])
def test_nothing_but_logs_is_on_stderr(options: list[str], tmp_path: Path) -> None:
    err = run("seed_each_switch", tmp_path, *options).err
    assert all(re.match(r"[\d:.]{12} INFO ", line) for line in err.splitlines())


# -- the task run object of the page -------------------------------------------------------------


def test_a_task_run_has_the_fields_of_the_page_in_their_order(nested: dict[str, Any]) -> None:
    for run in nested["taskRunList"][1:]:
        assert list(run) == [*RUN_KEYS, "iteration"]  # younger than the page, so it stands last
    assert list(nested["taskRunList"][0]) == [
        key for key in RUN_KEYS if key not in ("parentTaskRunId", "value")
    ]


def test_a_task_run_says_whose_it_is(nested: dict[str, Any]) -> None:
    loop, first, second = nested["taskRunList"]
    for run in (loop, first, second):
        assert run["executionId"] == nested["id"]
        assert run["namespace"] == nested["namespace"] == "io.kestra.tests"
        assert run["flowId"] == nested["flowId"] == "each-sequential-nested"
    assert first["taskId"] == second["taskId"] == "1-1_return"
    assert first["parentTaskRunId"] == second["parentTaskRunId"] == loop["id"]
    assert [first["value"], second["value"]] == ["s1", "s2"]
    assert [first["iteration"], second["iteration"]] == [0, 1]


def test_every_id_has_22_characters_of_base_62_and_is_its_own(nested: dict[str, Any]) -> None:
    ids = [nested["id"], *(run["id"] for run in nested["taskRunList"])]
    assert all(ID.fullmatch(one) for one in ids)
    assert len(set(ids)) == len(ids)


def test_an_attempt_counts_the_length_of_the_value_and_times_itself(
    nested: dict[str, Any],
) -> None:
    template = "{{task.id}} > {{taskrun.value}} ⬅ {{taskrun.startDate}}"
    for run in nested["taskRunList"][1:]:
        (attempt,) = run["attempts"]
        assert list(attempt) == ["metrics", "state"]
        length, duration = attempt["metrics"]
        assert list(length) == ["name", "tags", "value", "type"]
        assert length == {
            "name": "length",
            "tags": {"format": template},
            "value": float(len(run["outputs"]["value"])),
            "type": "counter",
        }
        assert isinstance(length["value"], float)
        assert list(duration) == ["name", "tags", "type", "value"]
        assert (duration["name"], duration["type"]) == ("duration", "timer")
        assert duration["tags"] == {"format": template}
        assert 0 < seconds(duration["value"]) < 5


def test_the_output_is_the_rendered_template(nested: dict[str, Any]) -> None:
    for run in nested["taskRunList"][1:]:
        start = run["state"]["startDate"]
        assert run["outputs"] == {"value": f"1-1_return > {run['value']} ⬅ {start}"}


def test_states_have_a_history_and_what_follows_from_it(nested: dict[str, Any]) -> None:
    for run in nested["taskRunList"]:
        for state in (run["state"], run["attempts"][0]["state"]):
            assert list(state) == ["current", "histories", "duration", "endDate", "startDate"]
            assert state["current"] == "SUCCESS"
            assert [list(step) for step in state["histories"]] == [["state", "date"]] * 3
            assert [step["state"] for step in state["histories"]] == [
                "CREATED", "RUNNING", "SUCCESS",
            ]  # fmt: skip
            dates = [step["date"] for step in state["histories"]]
            assert all(INSTANT.fullmatch(date) for date in dates)
            assert dates == sorted(dates)
            assert (state["startDate"], state["endDate"]) == (dates[0], dates[-1])
            first, last = (datetime.fromisoformat(date) for date in (dates[0], dates[-1]))
            assert seconds(state["duration"]) == (last - first).total_seconds()


def test_an_attempt_lies_within_its_task_run(nested: dict[str, Any]) -> None:
    for run in nested["taskRunList"]:
        state, attempt = run["state"], run["attempts"][0]["state"]
        assert state["startDate"] <= attempt["startDate"]
        assert attempt["endDate"] <= state["endDate"]


# -- the table of states -------------------------------------------------------------------------

STATES = """
id: states
namespace: company.team
tasks:
  - id: good
    type: io.kestra.plugin.core.log.Log
    message: good
  - id: tolerated
    type: io.kestra.plugin.core.execution.Fail
    allowFailure: true
  - id: again
    type: io.kestra.plugin.core.execution.Fail
    retry: {type: constant, interval: PT0.01S, maxAttempts: 2}
"""


def test_the_states_of_the_table_can_be_seen(tmp_path: Path) -> None:
    """KILLING and KILLED: tests/cli/test_signals.py; RETRIED needs CREATE_NEW_EXECUTION."""
    (tmp_path / "states.yaml").write_text(STATES, "utf-8")
    result = run_here(["run", "states.yaml", "-o", "json"], tmp_path)
    good, tolerated, again = json.loads(result.out)["taskRunList"]
    seen = {step["state"] for run in (good, tolerated, again) for step in run["state"]["histories"]}
    assert seen == {"CREATED", "RUNNING", "SUCCESS", "WARNING", "FAILED", "RETRYING"}
    assert tolerated["state"]["current"] == "WARNING"
    assert len(again["attempts"]) == 2
    assert result.code == 1


def test_the_states_of_the_table_are_in_the_tree(tmp_path: Path) -> None:
    (tmp_path / "states.yaml").write_text(STATES, "utf-8")
    out = run_here(["run", "states.yaml"], tmp_path).out
    for state in ("good SUCCESS", "tolerated WARNING", "again FAILED"):
        assert state in out
    assert "2 attempts" in out
