import json
import re
from pathlib import Path

import jsonschema
import pytest

from kestrel_cli.app.schemas import (
    config_schema,
    event_schema,
    execution_schema,
    flow_schema,
    written,
)
from kestrel_cli.reporters import ndjson
from kestrel_cli.tasks import registry
from tests.support.cli import run_here

CORE = "io.kestra.plugin.core"
SCHEDULE = {"id": "s", "type": f"{CORE}.trigger.Schedule", "cron": "@daily"}


@pytest.fixture(scope="module")
def flows():
    return jsonschema.Draft7Validator(flow_schema())


def flow(**more):
    log = {"id": "t", "type": f"{CORE}.log.Log", "message": "x"}
    return {"id": "f", "namespace": "a", "tasks": [log], **more}


def problems(validator, document):
    return [error.message for error in validator.iter_errors(document)]


@pytest.mark.parametrize("schema", [flow_schema, config_schema, execution_schema, event_schema])
def test_each_is_a_schema_and_written_as_it_is(schema):
    made = schema()
    jsonschema.Draft7Validator.check_schema(made)
    assert json.loads(written(made)) == made


def test_the_one_of_flows_is_small_enough_to_open():
    assert len(written(flow_schema())) < 450_000


def test_every_type_is_completed_with_what_it_does(flows):
    choices = flows.schema["definitions"]["task"]["properties"]["type"]["anyOf"]
    told = {one["const"]: one.get("description") for one in choices if "const" in one}
    assert set(registry.names()) <= set(told)
    assert all(told[name] for name in registry.names())


def test_properties_have_descriptions(flows):
    for name in ("task", "trigger", "input"):
        properties = flows.schema["definitions"][name]["properties"]
        lacking = [one for one, schema in properties.items() if "description" not in schema]
        assert set(lacking) <= {"type"}, name


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"errors": None, "labels": {"a": 1}, "description": 5},
        {"labels": [{"key": "a", "value": "b"}]},
        {"tasks": [{"id": "t", "type": "io.kestra.plugin.aws.s3.Upload", "anything": 1}]},
        {"tasks": [{"id": "t", "type": "io.kestra.core.tasks.log.Log", "message": ["a"]}]},
        {"triggers": [{**SCHEDULE, "type": "io.kestra.core.models.triggers.types.Schedule"}]},
        {"triggers": [{"id": "s", "type": "io.kestra.plugin.aws.s3.Trigger", "bucket": "b"}]},
        {"inputs": [{"name": "i", "type": "INT", "min": "5"}]},
        {
            "tasks": [{"id": "t", "type": f"{CORE}.log.Log"}],
            "pluginDefaults": [{"type": CORE, "values": {"message": "x"}}],
        },
    ],
)
def test_what_validate_accepts_is_accepted(flows, more):
    assert problems(flows, flow(**more)) == []


@pytest.mark.parametrize(
    "more",
    [
        {"id": "a b"},
        {"tasks": []},
        {"labls": {}},
        {"tasks": [{"id": "t", "type": f"{CORE}.log.Logg", "message": "x"}]},
        {"tasks": [{"id": "t", "type": f"{CORE}.log.Log"}]},
        {"tasks": [{"id": "t", "type": f"{CORE}.log.Log", "message": "x", "levle": "INFO"}]},
        {"tasks": [{"id": "t", "type": f"{CORE}.log.Log", "message": "x", "level": "LOUD"}]},
        {
            "tasks": [
                {
                    "id": "s",
                    "type": f"{CORE}.flow.Switch",
                    "value": "x",
                    "cases": {"a": [{"id": "t", "type": f"{CORE}.log.Log"}]},
                }
            ]
        },
        {"triggers": [{"id": "s", "type": f"{CORE}.trigger.Schedule"}]},
        {"triggers": [{**SCHEDULE, "corn": "x"}]},
        {"triggers": [{**SCHEDULE, "conditions": [{"type": f"{CORE}.condition.DayWeek"}]}]},
        {"inputs": [{"id": "i", "type": "STRING", "min": 1}]},
        {"inputs": [{"id": "i", "type": "STRNG"}]},
        {"concurrency": {"limit": 0}},
    ],
)
def test_what_validate_refuses_structurally_is_refused(flows, more):
    assert problems(flows, flow(**more))


def test_documents_of_executions_follow_theirs(tmp_path):
    (tmp_path / "child.yaml").write_text(
        "id: child\nnamespace: a\ninputs: [{id: x, type: STRING}]\ntasks:\n"
        f"  - {{id: r, type: {CORE}.debug.Return, format: '{{{{ inputs.x }}}}'}}\n"
        "outputs: [{id: o, type: STRING, value: '{{ outputs.r.value }}'}]\n",
        "utf-8",
    )
    (tmp_path / "f.yaml").write_text(
        "id: f\nnamespace: a\nlabels: {team: blue}\ntasks:\n"
        f"  - id: each\n    type: {CORE}.flow.ForEach\n    values: [1, 2]\n    tasks:\n"
        f"      - id: call\n        type: {CORE}.flow.Subflow\n        namespace: a\n"
        "        flowId: child\n        inputs: {x: '{{ taskrun.value }}'}\n"
        f"  - {{id: bad, type: {CORE}.execution.Fail}}\n",
        "utf-8",
    )
    made = json.loads(run_here(["run", "f.yaml", "-o", "json"], tmp_path).out)
    assert len(made["executions"]) == 2
    validator = jsonschema.Draft7Validator(execution_schema())
    assert problems(validator, made) == []
    assert problems(validator, made | {"odd": 1})


@pytest.mark.parametrize(
    ("settings", "is_right"),
    [
        ({"timeout": "5m", "offline": True, "log-level": "debug", "env-file": ["a"]}, True),
        ({"plugin-defaults": [{"type": "x", "values": {}}], "globals": {"a": 1}}, True),
        ({"namespaces": {"a.b": {"variables": {"x": 1}}}}, True),
        ({"log-level": "LOUD"}, False),
        ({"compat": 3}, False),
        ({"plugin-defaults": [{"values": {}}]}, False),
        ({"ofline": True}, False),
    ],
)
def test_settings_follow_theirs(settings, is_right):
    found = problems(jsonschema.Draft7Validator(config_schema()), settings)
    assert (found == []) is is_right


# -- events

LOOPS = """
id: loops
namespace: company.team
inputs: [{id: far, type: INT, defaults: 2}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a, b]
    tasks:
      - id: choose
        type: io.kestra.plugin.core.flow.If
        condition: "{{ taskrun.value == 'a' }}"
        then: [{id: say, type: io.kestra.plugin.core.log.Log, message: well}]
      - {id: never, type: io.kestra.plugin.core.log.Log, message: not this, runIf: "{{ false }}"}
      - {id: count, type: io.kestra.plugin.core.debug.Return, format: x}
  - id: sub
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: called
  - {id: tries, type: io.kestra.plugin.core.execution.Fail, allowFailure: true}
  - {id: fails, type: io.kestra.plugin.core.execution.Fail}
outputs: [{id: o, type: STRING, value: "{{ inputs.far }}"}]
"""
CALLED = """
id: called
namespace: company.team
tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: hello}]
"""


def test_every_line_of_a_run_is_an_event(tmp_path):
    (tmp_path / "loops.yaml").write_text(LOOPS)
    (tmp_path / "called.yaml").write_text(CALLED)
    lines = run_here(["loops.yaml", "-o", "ndjson"], tmp_path).out.splitlines()
    again = run_here(["restart", "last", "-o", "ndjson"], tmp_path).out.splitlines()
    check = jsonschema.Draft7Validator(event_schema())
    names = set()
    for line in [*lines, *again]:
        event = json.loads(line)
        assert problems(check, event) == [], line
        names.add(event["event"])
    assert names >= {"started", "log", "skipped", "launched", "calledEnded", "reopened", "end"}
    assert problems(check, {"event": "loggg", "at": "x", "executionId": "y"})


def test_every_name_of_an_event_is_in_its_schema_and_on_its_page():
    source = Path(ndjson.__file__).read_text("utf-8")
    told = set(re.findall(r'return "(\w+)", ', source)) | {"started", "log", "ended", "end"}
    listed = event_schema()["properties"]["event"]["enum"]
    assert set(listed) == told
    page = Path(ndjson.__file__).parents[1].joinpath("help", "events.md").read_text("utf-8")
    assert {name for name in told if f"`{name}`" not in page} == set()
