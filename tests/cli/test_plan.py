"""`kestrel plan`: the preflight and the tree; nothing is executed."""

import json
from pathlib import Path

from tests.cli.test_preflight import CALL, CORE, LOG, branch, flow, log, loop, run
from tests.support.cli import Result

INPUTS = (
    "inputs:\n  - {id: mode, type: STRING, defaults: full}\n"
    '  - {id: regions, type: JSON, defaults: \'["north", "south"]\'}\n'
    "  - {id: key, type: SECRET, defaults: correct-horse}\n"
    "variables: {base: 'at {{ inputs.mode }}'}\n"
)


def plan(folder: Path, *options: str, **flows: str) -> Result:
    return run(folder, *options, command="plan", **flows)


def tree(folder: Path, *options: str, **flows: str) -> dict:
    return json.loads(plan(folder, "-o", "json", *options, **flows).out)


def only_task(found: dict) -> dict:
    (one,) = found["branches"][0]["tasks"]
    return one


def test_nothing_is_executed(tmp_path: Path) -> None:
    task = "{id: t, type: io.kestra.plugin.scripts.shell.Commands, commands: ['touch made']}"
    result = plan(tmp_path, "--state-dir", "state", main=flow("main", task))
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("nothing stands in the way\n\ncompany.team.main  main.yaml\n")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["main.yaml"]


def test_the_list_is_that_of_the_run(tmp_path: Path) -> None:
    main = flow("main", "{id: cloud, type: io.kestra.plugin.aws.s3.List}", branch(CALL))
    store = flow("store", log("{{ secret('DB') }}"))
    result = plan(tmp_path, "-i", "x=1", main=main, store=store)
    assert result.code == 3
    assert "2 things stand in the way (exit code 3):" in result.out
    assert "  main.yaml:4:6: task `cloud` of type io.kestra.plugin.aws.s3.List" in result.out
    assert "    hint: --mock 'cloud={}'" in result.out
    assert "1 thing may stand in the way, where the run comes to it:" in result.out
    found = tree(tmp_path, "-i", "x=1")
    assert found["exitCode"] == 3
    assert [one["kind"] for one in found["stopping"]] == ["type", "input"]
    (maybe,) = found["possible"]
    assert (maybe["kind"], maybe["file"], maybe["line"]) == ("secret", "store.yaml", 4)


def test_inputs_and_variables_are_rendered(tmp_path: Path) -> None:
    message = "{{ inputs.mode | upper }} {{ render(vars.base) }} {{ inputs.key }}"
    found = only_task(tree(tmp_path, main=flow("main", log(message), more=INPUTS)))
    assert found["properties"] == {"message": "FULL at full ******"}
    assert "open" not in found


def test_what_only_the_run_knows_stays_as_it_is(tmp_path: Path) -> None:
    for message in (
        "{{ outputs.x ?? 'none' }}",
        "{{ secret('DB') ?? 'none' }}",
        "{{ kv('x') ?? 'none' }}",
        "{{ now() }}",
        "{{ env('HOME') }}",
        "{{ execution.id }}",
        "{{ taskrun.id }}",
        "{{ trigger.date ?? 'none' }}",
        "{{ fetchContext() }}",
    ):
        found = only_task(tree(tmp_path, main=flow("main", log(message), more=INPUTS)))
        assert (found["properties"]["message"], found["open"]) == (message, ["message"])


def test_so_do_variables_that_the_run_changes(tmp_path: Path) -> None:
    change = f"{{id: set, type: {CORE}.execution.SetVariables, variables: {{base: new}}}}"
    found = tree(tmp_path, main=flow("main", change, log("{{ vars.base }}"), more=INPUTS))
    assert found["branches"][0]["tasks"][1]["open"] == ["message"]


def test_a_missing_input_is_not_known(tmp_path: Path) -> None:
    main = flow("main", log("{{ inputs.day ?? 'none' }}"), more="inputs: [{id: day, type: DATE}]\n")
    found = tree(tmp_path, main=main)
    assert found["exitCode"] == 3
    assert only_task(found)["open"] == ["message"]


def test_loops_show_their_values(tmp_path: Path) -> None:
    inner = branch(log("{{ parent.taskrun.value }}"), condition="{{ taskrun.value == 'south' }}")
    main = flow("main", loop("'{{ inputs.regions }}'", inner), more=INPUTS)
    each = only_task(tree(tmp_path, main=main))
    assert each["values"] == ["north", "south"]
    north, south = each["branches"]
    assert (north["value"], south["value"]) == ("north", "south")
    (skipped,) = north["tasks"][0]["branches"]
    assert (skipped["taken"], skipped["tasks"]) == (False, [])
    (taken,) = south["tasks"][0]["branches"]
    assert taken["taken"] is True
    assert taken["tasks"][0]["properties"] == {"message": "south"}


def test_long_loops_are_cut(tmp_path: Path) -> None:
    main = flow("main", loop("'{{ range(1, 500) }}'", LOG))
    result = plan(tmp_path, main=main)
    assert "500 values" in result.out
    assert "... and 490 more values" in result.out


def test_a_switch_takes_its_case(tmp_path: Path) -> None:
    switch = (
        f"{{id: sw, type: {CORE}.flow.Switch, value: '{{{{ inputs.mode }}}}', "
        f"cases: {{full: [{LOG}], part: [{LOG.replace('log,', 'other,')}]}}}}"
    )
    result = plan(tmp_path, main=flow("main", switch, more=INPUTS))
    assert "├── cases.full\n" in result.out
    assert "└── cases.part  not taken\n" in result.out
    assert "cases.full  not taken" in plan(tmp_path, "-i", "mode=part").out


def test_called_flows_stand_below_their_calls(tmp_path: Path) -> None:
    call = CALL[:-1] + ", inputs: {name: '{{ inputs.mode }}'}}"
    store = flow("store", log("{{ inputs.name }}"), more="inputs: [{id: name, type: STRING}]\n")
    found = only_task(tree(tmp_path, main=flow("main", call, more=INPUTS), store=store))
    assert found["flow"]["flowId"] == "store"
    assert only_task(found["flow"])["properties"] == {"message": "full"}


def test_flows_that_call_each_other_end(tmp_path: Path) -> None:
    store = flow(
        "store", branch(CALL.replace("flowId: store", "flowId: main"), condition="{{ kv('x') }}")
    )
    result = plan(tmp_path, main=flow("main", branch(CALL, condition="true")), store=store)
    assert "not shown: it calls itself" in result.out


def test_mocks_parts_timeouts_and_retries_are_told(tmp_path: Path) -> None:
    retried = LOG[:-1] + ", timeout: PT5S, retry: {type: constant, interval: PT1S, maxAttempts: 3}}"
    main = flow("main", log("x", "gone"), retried, log("y", "last"))
    result = plan(tmp_path, "--from", "log", "--mock", "last={}", main=main)
    assert "gone" not in result.out
    assert "timeout: PT5S\n" in result.out
    assert "retry: type constant, interval PT1S, maxAttempts 3\n" in result.out
    assert "last  core.log.Log  mocked\n" in result.out


def test_other_outputs_are_refused(tmp_path: Path) -> None:
    result = plan(tmp_path, "-o", "yaml", main=flow("main", LOG))
    assert (result.code, result.out) == (2, "")


def test_ascii(tmp_path: Path) -> None:
    assert plan(tmp_path, "--ascii", main=flow("main", LOG)).out.isascii()
