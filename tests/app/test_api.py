"""The Python API: what is handed over, what comes out, what is refused."""

import inspect
import json
import threading

import pytest

import kestrel_cli
from kestrel_cli.app.api import RunOptions
from kestrel_cli.diagnostic import Diagnostic, Position
from kestrel_cli.errors import FlowFileError, InputError, NothingMatched, UsageError

FLOW = """\
id: hello
namespace: company.team
inputs:
  - {id: name, type: STRING}
tasks:
  - {id: greet, type: io.kestra.plugin.core.debug.Return, format: "Hello {{ inputs.name }}"}
"""
LOOP = """\
id: loop
namespace: company.team
labels: {team: data}
tasks:
  - {id: extract, type: io.kestra.plugin.core.http.Request, uri: "http://nowhere.invalid"}
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [north, south]
    tasks:
      - {id: load, type: io.kestra.plugin.core.log.Log, message: "to {{ taskrun.value }}"}
outputs:
  - {id: rows, type: INT, value: "{{ outputs.extract.rows }}"}
"""
CALLER = """\
id: caller
namespace: company.team
tasks:
  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: company.team, flowId: hello,
     inputs: {name: Ada}}
"""
MOCKED = {"extract": {"rows": 7}}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in {"hello": FLOW, "loop": LOOP, "caller": CALLER}.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def written(text, name="flow.yaml"):
    with open(name, "w") as file:  # noqa: PTH123  in the working directory
        file.write(text)
    return name


def test_the_public_names_are_these():
    assert sorted(kestrel_cli.__all__) == [
        "CaseResult",
        "Execution",
        "FlowFileError",
        "Kestrel",
        "KestrelError",
        "Log",
        "Mock",
        "NothingMatched",
        "State",
        "SuiteResult",
        "TaskRun",
        "TestState",
        "__version__",
        "load",
        "run",
        "test",
    ]
    assert all(getattr(kestrel_cli, name) is not None for name in kestrel_cli.__all__)


def test_a_name_that_is_not_public_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        kestrel_cli.nothing  # noqa: B018  the look-up is what is tested


def test_a_flow_runs_from_python(here):
    path = here / "hello.yaml"
    execution = kestrel_cli.run(kestrel_cli.load(str(path)), {"name": "Ada"})
    assert execution.state == kestrel_cli.State.SUCCESS
    assert execution.runs[0].outputs == {"value": "Hello Ada"}
    assert kestrel_cli.run(str(path), {"name": "Bo"}).state == "SUCCESS"
    assert kestrel_cli.run(path, {"name": "Bo"}).inputs == {"name": "Bo"}


def test_a_file_that_is_no_flow_is_an_error_of_kestrel():
    with pytest.raises(FlowFileError):
        kestrel_cli.run(written("id: x\n"))


def test_the_text_of_the_error_tells_file_place_and_reason():
    with pytest.raises(FlowFileError) as caught:
        kestrel_cli.run("nope.yaml")
    assert str(caught.value).startswith("nope.yaml: ")
    wrong = Diagnostic("error", "some-rule", "wrong", Position("a.yaml", 2, 1), "mend it")
    doubtful = wrong._replace(severity="warning", message="odd", hint=None)
    assert str(FlowFileError([doubtful, wrong])) == (
        "a.yaml:2:1: wrong\n  hint: mend it\na.yaml:2:1: warning: odd"
    )
    many = str(FlowFileError([wrong] * 12))
    assert many.count("a.yaml:2:1: wrong") == 10
    assert many.endswith("\nand 2 more")


def test_an_execution_is_asked_for_its_task_runs():
    execution = kestrel_cli.run("loop.yaml", mocks=MOCKED)
    assert (execution.namespace, execution.flow_id) == ("company.team", "loop")
    assert (execution.exit_code, execution.error, execution.warnings) == (0, None, ())
    assert execution.outputs == {"rows": 7}
    assert execution.labels[0] == ("team", "data")
    assert execution.task("extract").outputs == {"rows": 7}
    assert [one.value for one in execution.tasks("load")] == ["north", "south"]
    south = execution.task("load[south]")
    assert (south.task_id, south.state, len(south.attempts)) == ("load", "SUCCESS", 1)
    assert south.outputs == {}
    assert [str(line) for line in south.logs] == ["to south"]
    assert [(line.task, line.value, line.level) for line in execution.logs[1:]] == [
        ("load", "north", "INFO"),
        ("load", "south", "INFO"),
    ]
    assert repr(south) == "<TaskRun load[south] SUCCESS>"
    assert "company.team.loop SUCCESS" in repr(execution)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("load", "`load` ran 2 times: take `tasks('load')`, or name one of the values `north`"),
        ("load[west]", "no run of `load[west]`: its runs have the values `north`, `south`"),
        ("lod", "the flow `loop` has no task `lod`; did you mean `load`?"),
    ],
)
def test_a_task_run_that_is_not_the_only_one_is_refused(asked, told):
    execution = kestrel_cli.run("loop.yaml", mocks=MOCKED)
    with pytest.raises(NothingMatched) as caught:
        execution.task(asked)
    assert str(caught.value).startswith(told)


def test_mocks_say_more_than_outputs():
    mocks = {**MOCKED, "load[north]": kestrel_cli.Mock(error="the door is shut")}
    execution = kestrel_cli.run("loop.yaml", mocks=mocks)
    assert execution.state == "FAILED"
    assert execution.error == execution.task("load").error == "the door is shut"
    assert execution.exit_code == 1


def test_mocks_of_types_and_files_are_those_of_the_command():
    execution = kestrel_cli.run(
        written(LOOP.replace("outputs.extract.rows", "read(outputs.extract.uri)")),
        mock_types={"io.kestra.plugin.core.http": kestrel_cli.Mock(files={"uri": b"12"})},
    )
    assert execution.outputs == {"rows": 12}


def test_the_document_is_that_of_the_command():
    execution = kestrel_cli.run("loop.yaml", mocks=MOCKED, labels={"by": "me"}, seed=1)
    document = json.loads(execution.to_json())
    assert document["id"] == execution.id
    assert document["exitCode"] == 0
    assert [one["taskId"] for one in document["taskRunList"]] == ["extract", "each", "load", "load"]
    assert {"key": "by", "value": "me"} in document["labels"]
    assert execution.to_json(indent=None).count("\n") == 1


def test_called_executions_are_seen():
    execution = kestrel_cli.run("caller.yaml", mocks={"greet": {"value": "mocked"}})
    (called,) = execution.executions
    assert called.task("greet").outputs == {"value": "mocked"}
    assert (called.flow_id, called.exit_code) == ("hello", 0)


def test_a_loaded_flow_is_run_as_its_file_is():
    flow = kestrel_cli.load("caller.yaml")
    execution = kestrel_cli.run(flow, mocks={"greet": {"value": "mocked"}})  # of the called flow
    assert execution.executions[0].task("greet").outputs == {"value": "mocked"}


def test_iterations_of_loop_are_task_runs():
    loop = LOOP.replace("flow.ForEach", "flow.Loop").replace("taskrun.value", "item.value")
    execution = kestrel_cli.run(written(loop), mocks=MOCKED, compat=2)
    assert [one.value for one in execution.tasks("load")] == ["north", "south"]
    assert [str(line) for line in execution.task("load[north]").logs] == ["to north"]


def test_secrets_and_key_values_are_given():
    flow = FLOW.replace("{{ inputs.name }}", "{{ secret('KEY') }} {{ kv('n') + 1 }}")
    execution = kestrel_cli.run(
        written(flow), {"name": "x"}, secrets={"key": "hidden-word"}, kv={"n": 2}
    )
    assert execution.task("greet").outputs == {"value": "Hello hidden-word 3"}
    assert "hidden-word" not in execution.to_json()


def test_settings_of_the_project_count(here):
    (here / "kestrel.toml").write_text('[globals]\nname = "Eve"\n')
    flow = written(FLOW.replace("inputs.name", "globals.name ?? 'nobody'"))
    told = [
        kestrel_cli.run(flow, {"name": ""}, project_settings=on).task("greet").outputs["value"]
        for on in (True, False)
    ]
    assert told == ["Hello Eve", "Hello nobody"]


def test_a_journal_is_kept_on_demand(here):
    kestrel_cli.run("hello.yaml", {"name": "x"}, state_dir=here / "state")
    assert not list(here.glob("state/**/*.jsonl*"))
    kestrel_cli.run("hello.yaml", {"name": "x"}, state_dir=here / "state", journal=True)
    assert any("executions" in str(one) for one in here.glob("state/**/*"))


def test_warnings_are_kept_and_nothing_is_printed(capfd):
    execution = kestrel_cli.run(
        "hello.yaml", {"name": "Ada"}, mocks={"greet[x]": {"value": "never"}}
    )
    assert execution.warnings == ("`--mock greet[x]` was never used",)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"mocks": {"gret": {}}}, UsageError, "`--mock gret`: the flow has no task `gret`"),
        ({"mocks": {"a[b][c]": {}}}, UsageError, "name the value of the task run itself only"),
        ({"mocks": {"greet": 7}}, UsageError, "`--mock greet`: `it` must be a map"),
        ({"mocks": {"greet": kestrel_cli.Mock(state="BAD")}}, UsageError, "`state` must be one of"),
        ({"mocks": ["greet"]}, UsageError, "`mocks` must be a map, not list"),
        ({"secrets": {"a": 1}}, UsageError, "`secrets`: `a` must be a text, not int"),
        ({"timeout": 0}, UsageError, "`--timeout 0`: this must be a length of time"),
        ({"labels": {"system.x": "y"}}, UsageError, "system labels are set by the engine only"),
        ({"flows_dir": "nowhere"}, UsageError, "`--flows-dir nowhere`: no such directory"),
        ({"inputs": {"nme": "x"}}, InputError, "the flow has no input `nme`"),
        ({"inputs": {}}, InputError, "name"),
    ],
)
def test_what_is_wrong_is_told_in_the_words_of_the_command(options, error, told):
    with pytest.raises(kestrel_cli.KestrelError) as caught:
        kestrel_cli.run("hello.yaml", **{"inputs": {"name": "x"}, **options})
    assert isinstance(caught.value, error)
    assert told in str(caught.value)


def test_a_flow_is_a_path_or_was_loaded():
    with pytest.raises(UsageError, match="a flow or the path of one is needed, not int"):
        kestrel_cli.run(1)  # type: ignore[arg-type]  what is tested


def test_the_options_that_are_handed_on_are_those_of_run():
    declared = inspect.signature(kestrel_cli.run).parameters
    assert [*RunOptions.__annotations__] == [
        name for name, one in declared.items() if one.kind is one.KEYWORD_ONLY
    ]


SLEEPS = """\
id: sleeps
namespace: company.team
tasks:
  - {id: sleep, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.2S}
  - {id: never, type: io.kestra.plugin.core.log.Log, message: never}
"""


def on_a_thread(work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_off_the_main_thread_a_time_limit_counts_after_the_attempt():
    path = written(SLEEPS)
    execution = on_a_thread(lambda: kestrel_cli.run(path, timeout=0.05))
    assert (execution.state, execution.exit_code) == ("KILLED", 124)
    assert execution.task("sleep").state == "SUCCESS"
    assert "never" not in [str(line) for line in execution.logs]


def test_runs_on_threads_do_not_meet():
    flow = kestrel_cli.load("hello.yaml")
    found = {}

    def work(name):
        found[name] = kestrel_cli.run(flow, {"name": name}).task("greet").outputs["value"]

    threads = [threading.Thread(target=work, args=(f"n{number}",)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == {f"n{number}": f"Hello n{number}" for number in range(8)}
