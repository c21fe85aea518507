"""The shape against the JSON of the page "Task Runs", which is law."""

import json

from kestrel_cli.model.execution import Attempt
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Metric
from kestrel_cli.reporters.shape import (
    SCHEMA_VERSION,
    after_runs,
    attempt_shape,
    before_runs,
    metric_shape,
    run_shape,
    state_shape,
)
from tests.reporters.builders import (
    ID,
    START,
    add,
    block,
    end,
    iterations,
    new_execution,
    paused,
    reborn,
    retried,
    sub_flows,
)

SEED = """
{
  "id": "ID", "executionId": "6s1egIkxu3gpzzILDnyxTn", "namespace": "io.kestra.tests",
  "flowId": "each-sequential-nested", "taskId": "1-1_return", "parentTaskRunId": "PARENT",
  "value": "s1",
  "attempts": [{
    "metrics": [
      {"name": "length", "tags": {"format": "{{task.id}} ⬅"}, "value": 45.0, "type": "counter"},
      {"name": "duration", "tags": {"format": "{{task.id}} ⬅"}, "type": "timer",
       "value": "PT0.007213673S"}
    ],
    "state": {
      "current": "SUCCESS",
      "histories": [
        {"state": "CREATED", "date": "2025-05-04T12:02:54.121836Z"},
        {"state": "RUNNING", "date": "2025-05-04T12:02:54.121841Z"},
        {"state": "SUCCESS", "date": "2025-05-04T12:02:54.131892Z"}
      ],
      "duration": "PT0.010056S",
      "endDate": "2025-05-04T12:02:54.131892Z",
      "startDate": "2025-05-04T12:02:54.121836Z"
    }
  }],
  "outputs": {"value": "1-1_return > s1 ⬅ 2025-05-04T12:02:53.938333Z"},
  "state": {
    "current": "SUCCESS",
    "histories": [
      {"state": "CREATED", "date": "2025-05-04T12:02:53.938333Z"},
      {"state": "RUNNING", "date": "2025-05-04T12:02:54.116336Z"},
      {"state": "SUCCESS", "date": "2025-05-04T12:02:54.144135Z"}
    ],
    "duration": "PT0.205802S",
    "endDate": "2025-05-04T12:02:54.144135Z",
    "startDate": "2025-05-04T12:02:53.938333Z"
  },
  "iteration": 0
}
"""


def seed_execution():
    execution = new_execution("io.kestra.tests", "each-sequential-nested")
    tags = {"format": "{{task.id}} ⬅"}
    run = add(
        execution,
        "1-1_return",
        add(execution, block("1_each")),
        value="s1",
        iteration=0,
        outputs={"value": "1-1_return > s1 ⬅ 2025-05-04T12:02:53.938333Z"},
    )
    base = START - 121_836
    run.history = [
        (State.CREATED, base - 61_667),
        (State.RUNNING, base + 116_336),
        (State.SUCCESS, base + 144_135),
    ]
    history = [
        (State.CREATED, START),
        (State.RUNNING, START + 5),
        (State.SUCCESS, START + 10_056),
    ]
    metrics = [
        Metric("counter", "length", 45, tags),
        Metric("timer", "duration", 0.007213673, tags),
    ]
    run.attempts = [Attempt(history, metrics)]
    return execution


def test_a_task_run_is_the_seed_to_the_letter():
    execution = seed_execution()
    seed = SEED.replace("PARENT", execution.run_id(0)).replace('"ID"', f'"{execution.run_id(1)}"')
    assert json.dumps(run_shape(execution, execution.runs[1])) == json.dumps(json.loads(seed))


def test_a_run_that_never_began_has_no_attempts_and_null_outputs():
    execution = new_execution()
    assert list(run_shape(execution, add(execution, "a", state=State.CREATED))) == [
        "id",
        "executionId",
        "namespace",
        "flowId",
        "taskId",
        "outputs",
        "state",
    ]
    skipped = run_shape(execution, add(execution, "b", state=State.SKIPPED))
    assert skipped["outputs"] is None
    assert skipped["state"]["duration"] == "PT0.012S"


def test_a_state_that_is_not_final_has_no_end():
    assert state_shape([(State.CREATED, START), (State.RUNNING, START + 1)]) == {
        "current": "RUNNING",
        "histories": [
            {"state": "CREATED", "date": "2025-05-04T12:02:54.121836Z"},
            {"state": "RUNNING", "date": "2025-05-04T12:02:54.121837Z"},
        ],
        "startDate": "2025-05-04T12:02:54.121836Z",
    }


def test_a_pause_has_an_end_as_long_as_it_lasts():
    execution = paused()
    state = run_shape(execution, execution.runs[0])["state"]
    assert list(state) == ["current", "histories", "duration", "endDate", "startDate"]
    assert state["duration"] == "PT0.005S"
    assert after_runs(execution, 0)["state"]["endDate"] == "2025-05-04T12:02:55.321836Z"


def test_an_attempt_names_the_file_of_its_log_last():
    attempt = Attempt([(State.CREATED, START)], log_file="/logs/a.log")
    assert list(attempt_shape(attempt).items())[1:] == [("logFile", "/logs/a.log")]


def test_a_gauge_looks_like_a_counter():
    assert list(metric_shape(Metric("gauge", "load", 1, {})).items()) == [
        ("name", "load"),
        ("tags", {}),
        ("value", 1.0),
        ("type", "gauge"),
    ]


def test_a_bare_execution_has_only_what_applies():
    execution = end(new_execution())
    shape = before_runs(execution) | after_runs(execution, 0)
    assert list(shape) == [
        "id",
        "namespace",
        "flowId",
        "flowRevision",
        "labels",
        "state",
        "originalId",
        "deleted",
        "metadata",
        "exitCode",
        "schemaVersion",
    ]
    assert shape["labels"] == [{"key": "system.correlationId", "value": ID}]
    assert shape["metadata"] == {
        "attemptNumber": 1,
        "originalCreatedDate": "2025-05-04T12:02:54.121836Z",
    }
    assert (shape["exitCode"], shape["schemaVersion"]) == (0, SCHEMA_VERSION)


def test_a_full_execution_has_every_field_in_order():
    execution = new_execution(
        inputs={"a": None},
        outputs={"b": [None]},
        variables={"c": None, "d": {"e": None, "f": [None, {"g": None}]}},
        labels=[("team", "x"), ("system.correlationId", "other")],
        trigger={"id": "t", "type": None},
    )
    shape = after_runs(end(execution, State.FAILED), 1)
    assert list(shape)[:7] == [
        "inputs",
        "outputs",
        "labels",
        "variables",
        "state",
        "originalId",
        "trigger",
    ]
    assert shape["inputs"] == {"a": None}
    assert shape["outputs"] == {"b": [None]}
    assert shape["variables"] == {"d": {"f": [None, {}]}}
    assert shape["trigger"] == {"id": "t"}
    assert shape["labels"] == [
        {"key": "team", "value": "x"},
        {"key": "system.correlationId", "value": "other"},
    ]


def test_an_execution_that_follows_another_one_says_so():
    execution = end(retried(new_execution(), 2))
    shape = after_runs(execution, 0)
    assert list(shape)[1:4] == ["state", "parentId", "originalId"]
    assert shape["parentId"] == execution.earlier[1].id
    assert shape["originalId"] == execution.earlier[0].id
    assert shape["metadata"] == {
        "attemptNumber": 3,
        "originalCreatedDate": "2025-05-04T12:02:34.121836Z",
    }


def test_the_variables_of_a_trigger_stand_apart_from_its_own_fields():
    middle = sub_flows().called[1][0]
    assert after_runs(middle, None)["trigger"] == {
        "id": "sub",
        "type": "test.Leaf",
        "variables": {
            name: middle.trigger[name] for name in ("executionId", "taskId", "taskRunId")
        },
    }
    given = end(new_execution(trigger={"date": "2025-05-04", "no": None}))
    assert after_runs(given, 0)["trigger"] == {"variables": {"date": "2025-05-04"}}


def test_an_iteration_of_a_loop_says_which():
    root = iterations(2)
    iteration = root.called[0][1]
    assert "loopRun" not in after_runs(root, 0)
    shape = after_runs(iteration, None, (root, 0))
    assert list(shape)[-2:] == ["kind", "loopRun"]
    assert shape["kind"] == "LOOP"
    assert shape["loopRun"] == {
        "executionId": ID,
        "taskId": "loop",
        "taskRunId": root.run_id(0),
        "value": "s1",
        "index": 1,
        "parents": [],
    }
    item = {"index": 0, "key": "k", "value": {"a": 1}, "parents": [{"index": 3, "value": 7}]}
    reborn(iteration, item=item)
    assert after_runs(iteration, None)["loopRun"] == {
        "value": '{"a":1}',
        "index": 0,
        "key": "k",
        "parents": [{"value": "7", "index": 3}],
    }
