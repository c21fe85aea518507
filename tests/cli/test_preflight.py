"""What stands in the way of `kestrel run` is told at once, over all flows that can be reached."""

from pathlib import Path

import pytest

from tests.support.cli import Result, run_here

CORE = "io.kestra.plugin.core"
CALL = f"{{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: store}}"
LOG = f"{{id: log, type: {CORE}.log.Log, message: done}}"


def flow(flow_id: str, *tasks: str, more: str = "") -> str:
    lines = "\n".join(f"  - {one}" for one in tasks)
    return f"id: {flow_id}\nnamespace: company.team\n{more}tasks:\n{lines}\n"


def log(message: str, task_id: str = "say") -> str:
    return f'{{id: {task_id}, type: {CORE}.log.Log, message: "{message}"}}'


def run(folder: Path, *options: str, command: str = "run", **flows: str) -> Result:
    for name, text in flows.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return run_here([command, "main.yaml", *options], folder)


def branch(*tasks: str, condition: str = "false") -> str:
    held = ", ".join(tasks)
    return f'{{id: if, type: {CORE}.flow.If, condition: "{condition}", then: [{held}]}}'


def loop(values: str, *tasks: str) -> str:
    return f"{{id: each, type: {CORE}.flow.ForEach, values: {values}, tasks: [{', '.join(tasks)}]}}"


# -- names in options


CALLS = flow("main", CALL, LOG)
STORE = flow("store", log("real", "insert"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--mock", "lgo={}"], "`--mock lgo`: no flow that can be reached has a task `lgo`"),
        (["--mock", "insrt={}"], "did you mean `insert`?"),
        (["--mock-type", "io.kestra.plugin.nope={}"], "no task has a type that begins so"),
        (["--resume", "insrt={}"], "`--resume insrt`: no flow that can be reached"),
        (["--resume", "insert={}"], "this is no Pause task"),
        (["--only", "nope"], "`--only nope`: no flow that can be reached has a task `nope`"),
        (["--from", "insert"], "(store.yaml:4:6), which this one calls"),
    ],
)
def test_names_that_nothing_has_are_refused(options: list[str], words: str, tmp_path: Path) -> None:
    result = run(tmp_path, *options, main=CALLS, store=STORE)
    assert (result.code, result.out) == (2, "")
    assert words in result.err


def test_all_of_them_are_told_at_once(tmp_path: Path) -> None:
    options = ["--mock", "a={}", "--mock", "b={}", "--mock-type", "x="]
    result = run(tmp_path, *options, main=CALLS, store=STORE)
    assert result.err.count("error: `--mock") == 3


def test_a_task_of_a_called_flow_is_known(tmp_path: Path) -> None:
    result = run(tmp_path, "--mock", "insert={}", main=CALLS, store=STORE)
    assert (result.code, result.err) == (0, "")
    assert "mocked" in result.out
    assert "real" not in result.out


def test_a_rehearsal_refuses_them_too(tmp_path: Path) -> None:
    options = ["--mock", "insrt={}", "--state-dir", "state"]
    result = run(tmp_path, *options, command="rehearse", main=CALLS, store=STORE)
    assert (result.code, result.out) == (2, "")
    assert "did you mean `insert`?" in result.err


def test_names_in_a_file_of_mocks_are_looked_at_and_need_not_be_used(tmp_path: Path) -> None:
    mocks = tmp_path / "mocks.yaml"
    mocks.write_text("tasks: {lgo: {}}\n")
    main = flow("main", branch(LOG), log("said"))
    result = run(tmp_path, "--mocks", "mocks.yaml", main=main)
    assert (result.code, result.out) == (2, "")
    assert (
        "`--mocks mocks.yaml: lgo`: the flow has no task `lgo`; did you mean `log`?" in result.err
    )
    mocks.write_text("tasks: {log: {}}\n")
    assert run(tmp_path, "--mocks", "mocks.yaml").err == ""


def test_where_an_expression_says_what_is_called_that_may_be_any_flow(tmp_path: Path) -> None:
    main = flow("main", CALL.replace("flowId: store", "flowId: \"{{ 'store' }}\""))
    assert run(tmp_path, "--mock", "insert={}", main=main, store=STORE).code == 0
    assert run(tmp_path, "--mock", "insrt={}", main=main, store=STORE).code == 2


def test_a_mock_that_stood_in_for_nothing_is_told_at_the_end(tmp_path: Path) -> None:
    main = flow("main", branch(LOG), log("said"))
    result = run(tmp_path, "--mock", "log={}", "--mock", "say[x]={}", main=main)
    assert result.code == 0
    assert result.err == (
        "warning: `--mock log` was never used\nwarning: `--mock say[x]` was never used\n"
    )


def test_one_of_a_task_that_is_left_out_is_of_use(tmp_path: Path) -> None:
    main = flow("main", log("first", "one"), log("{{ outputs.one.x }}"))
    result = run(tmp_path, "--only", "say", "--mock", "one={x: 1}", main=main)
    assert (result.code, result.err) == (0, "")


def test_an_output_that_a_mock_lacks_is_told_with_the_option_to_copy(tmp_path: Path) -> None:
    message = "{{ outputs.log.vars.rows }} {{ outputs['log'].uri }} {{ outputs.log.list[0].name }}"
    main = flow("main", LOG, log(message))
    result = run(tmp_path, "--mock", "log={vars: {x: 1}}", main=main)
    option = (
        '--mock \'log={"vars": {"x": 1, "rows": "..."}, "uri": "...", "list": [{"name": "..."}]}\''
    )
    assert f"`log` was mocked without `rows`: give what is read of it: {option}" in result.out
    given = option.removeprefix("--mock '").removesuffix("'")
    assert run(tmp_path, "--mock", given, main=main).code == 0


def test_values_of_loops_are_no_outputs(tmp_path: Path) -> None:
    main = flow("main", loop("[a, b]", LOG), log("{{ outputs.log.a.x }} {{ outputs.log['b'].y }}"))
    result = run(tmp_path, "--mock", "log={}", main=main)
    assert """--mock 'log={"x": "...", "y": "..."}'""" in result.out


# -- subflows


def test_a_flow_that_is_missing_stops_the_run_and_can_be_mocked(tmp_path: Path) -> None:
    result = run(tmp_path, main=flow("main", LOG, CALL))
    assert (result.code, result.out) == (3, "")
    assert "Unable to find flow 'company.team'.'store'" in result.err
    assert "main.yaml:5:" in result.err
    assert "to go on without it: --mock 'call={}'" in result.err
    assert run(tmp_path, "--mock", "call={}").code == 0


@pytest.mark.parametrize(
    "call", [branch(CALL), f"{{id: may, type: {CORE}.flow.AllowFailure, tasks: [{CALL}]}}"]
)
def test_one_that_is_not_surely_called_stops_nothing(call: str, tmp_path: Path) -> None:
    result = run(tmp_path, main=flow("main", call, LOG))
    assert result.code == 0
    assert "done" in result.out


def test_what_a_called_flow_needs_stops_where_the_call_is_sure_only(tmp_path: Path) -> None:
    needs = flow("store", LOG, more="inputs: [{id: mode, type: STRING}]\n")
    assert run(tmp_path, main=flow("main", branch(CALL), LOG), store=needs).code == 0
    result = run(tmp_path, main=CALLS)
    assert (result.code, result.out) == (3, "")
    assert "Missing required input:mode" in result.err


def test_flows_that_called_flows_call_are_looked_at(tmp_path: Path) -> None:
    deep = flow("deep", log("{{ secret('DEEP') }}"))
    store = flow("store", CALL.replace("store", "deep"))
    result = run(tmp_path, main=CALLS, store=store, deep=deep)
    assert (result.code, result.out) == (3, "")
    assert "the secret `DEEP` is missing: task `say` at deep.yaml:4:6" in result.err


# -- secrets


SECRET = log("{{ secret('DB') }}", "insert")


@pytest.mark.parametrize("call", [CALL, loop("[a]", CALL), loop("'{{ inputs.l }}'", CALL)])
def test_a_secret_that_a_called_flow_lacks_stops_the_run(call: str, tmp_path: Path) -> None:
    inputs = "inputs: [{id: l, type: JSON, defaults: '[1]'}]\n"
    main = flow("main", LOG, call, more=inputs)
    result = run(tmp_path, main=main, store=flow("store", SECRET))
    assert (result.code, result.out) == (3, "")
    assert "the secret `DB` is missing: task `insert` at store.yaml:4:6" in result.err
    assert run(tmp_path, "--mock", "insert={}").code == 0
    assert run(tmp_path, "--mock", "call={}").code == 0


@pytest.mark.parametrize(
    ("call", "task"), [(branch(CALL), SECRET), (CALL, branch(SECRET)), (loop("[]", CALL), SECRET)]
)
def test_one_in_a_branch_is_a_warning(call: str, task: str, tmp_path: Path) -> None:
    main, store = flow("main", call, LOG), flow("store", task, LOG)
    result = run(tmp_path, main=main, store=store)
    assert result.code == 0
    assert "warning: store.yaml:4" in result.err
    assert "may be reached: the secret `DB` is missing" in result.err
    assert run(tmp_path, "-q").err == ""


# -- all at once


def test_all_that_stands_in_the_way_is_told_at_once(tmp_path: Path) -> None:
    main = flow(
        "main",
        "{id: cloud, type: io.kestra.plugin.aws.s3.List}",
        "{id: own, type: io.kestra.plugin.scripts.shell.Commands, interpreter: [nosuch], "
        "commands: [x]}",
        CALL,
        log("{{ flow.id | uper }}"),
        log("{{ read('gone.txt') }}", "reads"),
        more="inputs: [{id: day, type: DATE}, {id: n, type: INT}]\n",
    )
    store = flow(
        "store", log("{{ secret('DB') }}"), "{id: more, type: io.kestra.plugin.aws.s3.List}"
    )
    options = ["-i", "dya=1", "-i", "n=x"]
    result = run(tmp_path, *options, main=main, store=store)
    assert (result.code, result.out) == (3, "")
    for words in (
        "main.yaml:5:6: task `cloud` of type io.kestra.plugin.aws.s3.List",
        "store.yaml:5:6: task `more` of type io.kestra.plugin.aws.s3.List",
        "main.yaml:6:6: task `own` needs nosuch, which is not installed",
        "error: task `say`: Filter [uper] does not exist.",
        "hint: did you mean `upper`?",
        "The file 'gone.txt' does not exist: task `reads` reads it",
        "the secret `DB` is missing",
        "the flow has no input `dya`",
        "did you mean `day`?",
        "Missing required input:day",
        "Invalid value for input `n`",
    ):
        assert words in result.err, words


def test_a_disabled_flow_is_told_with_the_rest(tmp_path: Path) -> None:
    more = "disabled: true\ninputs: [{id: day, type: DATE}]\n"
    result = run(tmp_path, main=flow("main", log("{{ secret('DB') }}"), more=more))
    assert (result.code, result.out) == (3, "")
    assert "the flow `main` is disabled" in result.err
    assert "the secret `DB` is missing" in result.err


def test_wrong_usage_counts_before_all_else(tmp_path: Path) -> None:
    main = flow(
        "main", "{id: cloud, type: io.kestra.plugin.aws.s3.List}", log("{{ secret('DB') }}")
    )
    assert run(tmp_path, main=main).code == 3
    assert run(tmp_path, "--mock", "x={}").code == 2
    assert run(tmp_path, "--mock", "say={}").code == 4
    assert run(tmp_path, "--mock", "say={}", "--mock-unsupported").code == 0


def test_the_option_that_is_offered_helps(tmp_path: Path) -> None:
    script = "{id: own, type: io.kestra.plugin.scripts.shell.Commands, interpreter: [nosuch], "
    main = flow("main", script + "commands: [x]}")
    assert "--mock-unsupported" in run(tmp_path, main=main).err
    result = run(tmp_path, "--mock-unsupported")
    assert result.code == 0
    assert "mocked" in result.out


@pytest.mark.parametrize(
    "task",
    [
        branch(log("{{ flow.id | uper }}")),
        log("{{ flow.id | uper }}")[:-1] + ", allowFailure: true}",
        log("{{ flow.id | uper }}")[:-1] + ", disabled: true}",
    ],
)
def test_an_expression_that_may_not_count_stops_nothing(task: str, tmp_path: Path) -> None:
    assert run(tmp_path, main=flow("main", task, LOG.replace("log,", "end,"))).code == 0


def test_a_package_that_is_missing_is_told_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kestrel_cli.extras.is_there", lambda _: False)
    task = "{id: db, type: io.kestra.plugin.jdbc.duckdb.Query, sql: SELECT 1}"
    result = run(tmp_path, main=flow("main", task))
    assert (result.code, result.out) == (4, "")
    assert "main.yaml:4:6: task `db` needs the Python package `duckdb`" in result.err
    assert "pip install 'kestrel-flow[duckdb]'" in result.err


# -- inputs


DAY = "inputs: [{id: day, type: STRING, defaults: x}]\n"


def test_an_unknown_input_is_refused_unless_it_may_pass(tmp_path: Path) -> None:
    main = flow("main", log("{{ inputs.day }}"), more=DAY)
    result = run(tmp_path, "-i", "dy=2026-01-01", main=main)
    assert (result.code, result.out) == (3, "")
    assert "the flow has no input `dy`\nhint: did you mean `day`?" in result.err
    assert run(tmp_path, "-i", "dy=1", "--allow-unknown-inputs").code == 0


def test_so_it_is_in_a_file_and_where_none_is_declared(tmp_path: Path) -> None:
    (tmp_path / "inputs.yaml").write_text("dy: 1\n")
    main = flow("main", LOG, more=DAY)
    assert "no input `dy`" in run(tmp_path, "--inputs-file", "inputs.yaml", main=main).err
    result = run(tmp_path, "-i", "dy=1", main=flow("main", LOG))
    assert result.code == 3
    assert "it declares none" in result.err


def test_a_replay_refuses_it_too(tmp_path: Path) -> None:
    main = flow("main", LOG, more=DAY)
    state = ["--state-dir", "state"]
    assert run(tmp_path, *state, main=main).code == 0
    again = ["replay", "last", "-i", "dy=1", *state]
    assert run_here(again, tmp_path).code == 3
    assert run_here([*again, "--allow-unknown-inputs"], tmp_path).code == 0
