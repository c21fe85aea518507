"""`kestrel resume`: executions that are paused, or whose process died."""

import json
import os
from pathlib import Path

import pytest

from kestrel_cli.store.locks import hold
from tests.cli.flows_here import CORE, FAILS, HELLO, SLEEPS, written
from tests.cli.past import (
    FLAKY,
    GATES,
    SECRET,
    again,
    died,
    document,
    journal,
    labels,
    ran,
    runs,
    steps,
    task_run,
)
from tests.support.cli import run_here

BEGUN = '["S",1'  # the first attempt of the second task run
LOOP = f"""
id: loop
namespace: company.team
tasks:
  - id: each
    type: {CORE}.flow.ForEach
    values: [a, b]
    tasks:
      - id: gate
        type: {CORE}.flow.Pause
        onResume: [{{id: word, type: STRING, defaults: none}}]
"""
BOTH = f"""
id: both
namespace: company.team
tasks:
  - id: side
    type: {CORE}.flow.Parallel
    tasks:
      - {{id: left, type: {CORE}.flow.Pause, onResume: [{{id: word, type: STRING}}]}}
      - {{id: right, type: {CORE}.flow.Pause}}
"""
PARENT = f"""
id: parent
namespace: company.team
tasks:
  - {{id: gate, type: {CORE}.flow.Pause}}
  - id: call
    type: {CORE}.flow.Subflow
    namespace: company.team
    flowId: child
"""
SHARED = f"""
id: shares
namespace: company.team
tasks:
  - id: shared
    type: {CORE}.flow.WorkingDirectory
    tasks:
      - {{id: in, type: {CORE}.debug.Return, format: x}}
  - {{id: z, type: {CORE}.log.Log, message: hi}}
"""
SECRET_ANSWER = f"""
id: hidden
namespace: company.team
tasks:
  - {{id: ask, type: {CORE}.flow.Pause, onResume: [{{id: code, type: SECRET}}]}}
  - {{id: gate, type: {CORE}.flow.Pause}}
  - id: check
    type: {CORE}.execution.Fail
    condition: >-
      {{{{ outputs.ask.onResume.code | length != 9 or kv('x', errorOnMissing=false) != 'yes' }}}}
"""
HIDDEN_PARENT = f"""
id: parent
namespace: company.team
inputs:
  - {{id: password, type: SECRET}}
tasks:
  - id: call
    type: {CORE}.flow.Subflow
    namespace: company.team
    flowId: child
    inputs: {{hidden: "user:{{{{ inputs.password }}}}"}}
"""
HIDDEN_CHILD = f"""
id: child
namespace: company.team
inputs:
  - {{id: hidden, type: SECRET}}
tasks:
  - {{id: inner, type: {CORE}.flow.Pause}}
  - id: check
    type: {CORE}.execution.Fail
    condition: "{{{{ inputs.hidden | length != 14 }}}}"
"""
CHILD = f"""
id: child
namespace: company.team
tasks:
  - {{id: inner, type: {CORE}.flow.Pause}}
  - {{id: say, type: {CORE}.log.Log, message: hi}}
"""
LINE = f"""
id: line
namespace: company.team
tasks:
  - {{id: one, type: {CORE}.debug.Return, format: "1"}}
  - id: loop
    type: {CORE}.flow.ForEach
    values: [a, b]
    tasks:
      - id: two
        type: {CORE}.debug.Return
        format: "{{{{ taskrun.value }}}}"
        retry: {{type: constant, interval: PT0.001S, maxAttempts: 3}}
  - id: three
    type: {CORE}.log.Log
    message: "{{{{ outputs.two.b.value }}}}"
    retry: {{type: constant, interval: PT0.001S, maxAttempts: 3}}
"""


# -- paused


def test_a_paused_task_gets_its_inputs_and_the_execution_goes_on(tmp_path: Path) -> None:
    name = ran(tmp_path, GATES)
    result = again(tmp_path, "resume", name, "-i", "fine=true", "-i", "number:=7")
    found = task_run(result, "ask")
    assert result.code == 0
    assert found["outputs"]["onResume"] == {"fine": True, "number": 7}
    assert steps(found) == ["CREATED", "RUNNING", "PAUSED", "SUCCESS"]
    assert runs(result) == ["before SUCCESS", "ask SUCCESS", "again PAUSED"]
    assert document(result)["id"] == name


def test_it_waits_again_as_the_run_did_and_ends_at_last(tmp_path: Path) -> None:
    name = ran(tmp_path, GATES)
    again(tmp_path, "resume", name, "-i", "fine=true")
    result = again(tmp_path, "resume", name)
    assert document(result)["state"]["current"] == "SUCCESS"
    assert steps(document(result)) == [
        "CREATED", "RUNNING", "PAUSED", "RESTARTED", "RUNNING", "PAUSED", "RESTARTED", "RUNNING",
        "SUCCESS",
    ]  # fmt: skip
    assert '{"fine":true,"number":2}' in result.err


@pytest.mark.parametrize(
    ("policy", "state", "code"), [("fail", "FAILED", 1), ("skip", "SUCCESS", 0)]
)
def test_later_pauses_go_on_as_the_option_says(
    policy: str, state: str, code: int, tmp_path: Path
) -> None:
    result = again(tmp_path, "resume", ran(tmp_path, GATES), "-i", "fine=true", "--pause", policy)
    assert result.code == code
    assert task_run(result, "again")["state"]["current"] == state


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ([], "Missing required input:fine"),
        (["-i", "number=3"], "Missing required input:fine"),
        (["-i", "fine=true", "-i", "number=many"], "Invalid value for input `number`"),
    ],
)
def test_inputs_that_do_not_fit_leave_it_paused(
    inputs: list[str], words: str, tmp_path: Path
) -> None:
    name = ran(tmp_path, GATES)
    result = again(tmp_path, "resume", name, *inputs)
    assert result.code == 1
    assert words in result.err
    assert runs(result) == ["before SUCCESS", "ask PAUSED"]
    assert again(tmp_path, "resume", name, "-i", "fine=true").code == 0


def test_an_input_that_no_task_asks_for_is_a_warning(tmp_path: Path) -> None:
    result = again(tmp_path, "resume", ran(tmp_path, GATES), "-i", "fine=true", "-i", "extra=1")
    assert result.code == 0
    assert "WARN  ask" in result.err
    assert "Input extra was provided" in result.err


def test_resume_with_json_names_its_task(tmp_path: Path) -> None:
    name = ran(tmp_path, GATES)
    result = again(tmp_path, "resume", name, "--resume", 'ask={"fine": true}', "--resume", "again")
    assert runs(result) == ["before SUCCESS", "ask SUCCESS", "again SUCCESS", "after SUCCESS"]


def test_of_several_paused_tasks_each_gets_its_own(tmp_path: Path) -> None:
    needy = "type: io.kestra.plugin.core.flow.Pause, onResume: [{id: number, type: INT}]}"
    name = ran(
        tmp_path,
        BOTH.replace(
            "{id: right, type: io.kestra.plugin.core.flow.Pause}", f"{{id: right, {needy}"
        ),
    )
    answers = ("--resume", 'left={"word": "x"}', "--resume", 'right={"number": 1}')
    result = again(tmp_path, "resume", name, *answers)
    assert runs(result) == ["side SUCCESS", "left SUCCESS", "right SUCCESS"]


def test_one_command_resumes_one_run_of_a_loop(tmp_path: Path) -> None:
    name = ran(tmp_path, LOOP)
    first = again(tmp_path, "resume", name, "-i", "word=yes")
    assert runs(first) == ["each RUNNING", "gate[a] SUCCESS", "gate[b] PAUSED"]
    second = again(tmp_path, "resume", name)
    said = [one["outputs"].get("onResume") for one in document(second)["taskRunList"]]
    assert said == [None, {"word": "yes"}, {"word": "none"}]


def test_of_several_paused_tasks_each_is_named(tmp_path: Path) -> None:
    name = ran(tmp_path, BOTH)
    refused = again(tmp_path, "resume", name, "-i", "word=x")
    assert (refused.code, refused.out) == (2, "")
    assert "more than one task is paused: `left`, `right`; use `--resume TASK=JSON`" in refused.err


def test_without_inputs_all_that_need_none_go_on(tmp_path: Path) -> None:
    name = ran(tmp_path, BOTH)
    result = again(tmp_path, "resume", name)
    assert runs(result) == ["side RUNNING", "left PAUSED", "right SUCCESS"]
    assert result.code == 1
    last = again(tmp_path, "resume", name, "-i", "word=x")
    assert runs(last) == ["side SUCCESS", "left SUCCESS", "right SUCCESS"]


def test_a_subflow_goes_on_with_the_flow_that_called_it_from_anywhere(tmp_path: Path) -> None:
    home, away = tmp_path / "home", tmp_path / "away"
    home.mkdir()
    away.mkdir()
    written(home, CHILD, "child.yaml")
    written(home, PARENT)
    state = ["--state-dir", str(tmp_path / "state")]
    paused = run_here(["run", "home/flow.yaml", "-o", "json", "--pause", "wait", *state], tmp_path)
    name = json.loads(paused.out)["id"]
    (tmp_path / "home/flow.yaml").write_text("changed: since then\n")
    for expected in ("PAUSED", "SUCCESS"):
        result = run_here(["resume", name, "-o", "json", *state], tmp_path)
        (child,) = json.loads(result.out)["executions"]
        assert (result.code, child["state"]["current"]) == (0, expected)
    assert "call > [child] > say" in result.err


# -- ids


def test_the_beginning_of_an_id_is_enough(tmp_path: Path) -> None:
    name = ran(tmp_path, GATES)
    result = again(tmp_path, "resume", name[:6], "-i", "fine=true")
    assert document(result)["id"] == name


def test_a_beginning_of_several_ids_is_refused_with_them(tmp_path: Path) -> None:
    names = [ran(tmp_path, HELLO) for _ in range(9)]  # an id begins with 0 to 7
    shared = next(one[0] for one in names if sum(other[0] == one[0] for other in names) > 1)
    result = again(tmp_path, "resume", shared)
    assert (result.code, result.out) == (5, "")
    assert f"more than one execution begins with `{shared}`: " in result.err


# -- what can't be resumed


@pytest.mark.parametrize(
    ("flow", "options", "words"),
    [
        (HELLO, [], "has ended SUCCESS: there is nothing to resume (`kestrel replay "),
        (FAILS, [], "has ended FAILED: there is nothing to resume (`kestrel restart "),
        (SLEEPS, ["--timeout", "0.1s"], "has ended KILLED: there is nothing to resume"),
    ],
)
@pytest.mark.parametrize("inputs", [[], ["-i", "fine=true"]])
def test_what_has_ended_is_refused_with_what_to_do(
    flow: str, options: list[str], words: str, inputs: list[str], tmp_path: Path
) -> None:
    result = again(tmp_path, "resume", ran(tmp_path, flow, *options), *inputs)
    assert (result.code, result.out) == (2, "")
    assert words in result.err


@pytest.mark.parametrize("command", ["resume", "restart"])
def test_what_another_process_is_at_work_on_is_refused(command: str, tmp_path: Path) -> None:
    name = ran(tmp_path, GATES)
    path = journal(tmp_path, name)
    before = path.read_bytes()
    file = os.open(path, os.O_RDWR)
    hold(file)
    try:
        result = again(tmp_path, command, name)
    finally:
        os.close(file)
    assert (result.code, result.out) == (2, "")  # as for one that has ended
    assert f"error: the execution {name} is running: another process is at work on it" in result.err
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the journal is empty"),
        (b"what is this\n", "not a journal of format"),
        (b'["J",99]\n', "not a journal of format"),
        (b'["J",3]\n', "tells of no execution"),
        (b'["J",3]\n["N",0\n', "damaged at line 2"),
    ],
)
@pytest.mark.parametrize("command", [["resume"], ["restart"], ["replay"], ["executions", "show"]])
def test_a_damaged_journal_is_refused_with_its_place(
    command: list[str], content: bytes, words: str, tmp_path: Path
) -> None:
    name = ran(tmp_path, HELLO)
    journal(tmp_path, name).write_bytes(content)
    result = run_here([*command, name], tmp_path)
    assert (result.code, result.out) == (3, "")
    assert words in result.err


def test_an_event_that_cannot_have_happened_is_damage(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    path = journal(tmp_path, name)
    lines = path.read_text("utf-8").splitlines()
    begun = next(number for number, line in enumerate(lines) if line.startswith('["S",0'))
    lines[begun] = '["S",7,1]'
    path.write_text("\n".join([*lines, ""]), "utf-8")
    result = again(tmp_path, "resume", name)
    assert (result.code, result.out) == (3, "")
    assert f"is damaged at line {begun + 1}: " in result.err


# -- died


def test_an_attempt_that_was_under_way_is_lost_and_made_again(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY, "--kv", "ready=yes")
    died(tmp_path, name, BEGUN)
    result = again(tmp_path, "resume", name)
    found = task_run(result, "second")
    assert [one["state"]["current"] for one in found["attempts"]] == ["FAILED", "SUCCESS"]
    assert "lost: the process ended while it was under way" in result.err
    assert runs(result) == ["first SUCCESS", "second SUCCESS", "third SUCCESS", "tidy SUCCESS"]


def test_it_does_not_count_against_its_policy(tmp_path: Path) -> None:
    for most, attempts in ((1, ["FAILED", "SUCCESS"]), (2, ["FAILED", "SUCCESS"])):
        retry = f"retry: {{type: constant, interval: PT0.01S, maxAttempts: {most}}}"
        flow = FLAKY.replace("errorMessage: not ready", retry)
        name = ran(tmp_path, flow, "--kv", "ready=yes")
        died(tmp_path, name, BEGUN)
        result = again(tmp_path, "resume", name)
        found = task_run(result, "second")
        assert [one["state"]["current"] for one in found["attempts"]] == attempts
        assert result.code == (attempts[-1] == "FAILED")


def test_key_values_of_the_run_are_kept_and_an_option_beats_them(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY, "--kv", "ready=no")
    assert again(tmp_path, "restart", name).code == 1
    assert again(tmp_path, "restart", name, "--kv", "ready=yes").code == 0


def test_wherever_its_process_died_it_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    name = ran(tmp_path, LINE, "--seed", "1")
    path = journal(tmp_path, name)
    whole = path.read_text("utf-8").splitlines(keepends=True)
    expected = json.loads(run_here(["executions", "show", name, "-o", "json"], tmp_path).out)
    wanted = [(one["id"], one["outputs"]) for one in expected["taskRunList"]]
    kinds = [line[2] for line in whole]
    for length in range(kinds.index("B"), kinds.index("C") + 1):
        path.write_text("".join(whole[:length]), "utf-8")
        found = document(again(tmp_path, "resume", name))
        assert found["state"]["current"] == "SUCCESS", length
        assert [(one["id"], one["outputs"]) for one in found["taskRunList"]] == wanted, length


def test_the_directory_of_a_task_that_had_ended_goes(tmp_path: Path) -> None:
    name = ran(tmp_path, SHARED)
    died(tmp_path, name, '["G",0')
    left = journal(tmp_path, name).parent / "work" / f"{name}-0"
    left.mkdir(parents=True)
    (left / "file").write_text("hush-hush")
    assert runs(again(tmp_path, "resume", name)) == ["shared SUCCESS", "in SUCCESS", "z SUCCESS"]
    assert not left.parent.exists()


def test_the_part_and_the_mocks_of_the_run_are_kept(tmp_path: Path) -> None:
    flow = GATES.replace("format: x", 'format: "never rendered {{ nothing }}"')
    name = ran(tmp_path, flow, "--until", "again", "--mock", 'before={"value": "mocked"}')
    result = again(tmp_path, "resume", name, "-i", "fine=true", "--pause", "skip")
    assert runs(result) == ["before SUCCESS", "ask SUCCESS", "again SUCCESS"]
    assert task_run(result, "before")["outputs"] == {"value": "mocked"}


# -- secrets


def test_a_secret_input_is_not_kept_and_has_to_be_given_again(tmp_path: Path) -> None:
    name = ran(tmp_path, SECRET, "-i", "password=hush-hush")
    assert "hush-hush" not in journal(tmp_path, name).read_text("utf-8")
    refused = again(tmp_path, "resume", name)
    assert (refused.code, refused.out) == (3, "")
    assert "`password` is not kept: give it again with `-i password=...`" in refused.err

    result = again(tmp_path, "resume", name, "-i", "password=hush-hush")
    assert runs(result) == ["gate SUCCESS", "check SUCCESS"]
    assert document(result)["inputs"] == {"password": "******"}
    assert "hush-hush" not in result.out + result.err + journal(tmp_path, name).read_text("utf-8")


def test_a_secret_input_that_nobody_gave_is_not_asked_for(tmp_path: Path) -> None:
    result = again(tmp_path, "resume", ran(tmp_path, SECRET))
    assert runs(result) == ["gate SUCCESS", "check FAILED"]


def test_a_secret_answer_has_to_be_given_again(tmp_path: Path) -> None:
    name = ran(tmp_path, SECRET_ANSWER, "--resume", 'ask={"code": "hush-hush"}')
    assert "hush-hush" not in journal(tmp_path, name).read_text("utf-8")
    refused = again(tmp_path, "resume", name)
    assert (refused.code, refused.out) == (3, "")
    assert "`code` is not kept: give it again with `-i code=...`" in refused.err
    result = again(tmp_path, "resume", name, "-i", "code=hush-hush")
    assert runs(result) == ["ask SUCCESS", "gate SUCCESS", "check FAILED"]
    restarted = again(tmp_path, "restart", name, "-i", "code=hush-hush", "--kv", "x=yes")
    assert runs(restarted) == ["ask SUCCESS", "gate SUCCESS", "check SUCCESS"]
    more = ("--task", "check", "-i", "code=hush-hush", "--kv", "x=yes")
    replayed = again(tmp_path, "replay", name, *more)
    assert runs(replayed) == ["ask SUCCESS", "gate SUCCESS", "check SUCCESS"]


def test_a_secret_answer_of_before_serves_a_task_that_asks_for_it_too(tmp_path: Path) -> None:
    asks = f"{{id: gate, type: {CORE}.flow.Pause, onResume: [{{id: code, type: SECRET}}]}}"
    flow = SECRET_ANSWER.replace(f"{{id: gate, type: {CORE}.flow.Pause}}", asks)
    name = ran(tmp_path, flow, "--resume", 'ask={"code": "hush-hush"}', "--kv", "x=yes")
    result = again(tmp_path, "resume", name, "-i", "code=hush-hush")
    assert runs(result) == ["ask SUCCESS", "gate SUCCESS", "check SUCCESS"]


def test_a_secret_handed_on_to_another_flow_is_not_asked_for_itself(tmp_path: Path) -> None:
    written(tmp_path, HIDDEN_CHILD, "child.yaml")
    name = ran(tmp_path, HIDDEN_PARENT, "-i", "password=hush-hush")
    result = again(tmp_path, "resume", name, "-i", "password=hush-hush")
    assert runs(result) == ["call SUCCESS"]
    (child,) = document(result)["executions"]
    assert child["inputs"] == {"hidden": "******"}
    assert child["state"]["current"] == "SUCCESS"
    assert "hush-hush" not in result.out + result.err + journal(tmp_path, name).read_text("utf-8")


def test_a_secret_of_a_flow_that_was_called_is_demanded_before_anything_runs(
    tmp_path: Path,
) -> None:
    child = CHILD.replace("message: hi", "message: \"{{ secret('TOKEN') }}\"")
    written(tmp_path, child, "child.yaml")
    given = ("--secrets-file", str(tmp_path / "secrets.env"))
    (tmp_path / "secrets.env").write_text("TOKEN=hush-hush\n", "utf-8")
    name = ran(tmp_path, PARENT, *given, "--resume", "gate")
    before = journal(tmp_path, name).read_bytes()
    refused = again(tmp_path, "resume", name)
    assert (refused.code, refused.out) == (3, "")
    assert "the secret `TOKEN` is missing: task `say` at " in refused.err
    assert journal(tmp_path, name).read_bytes() == before
    assert runs(again(tmp_path, "resume", name, *given)) == ["gate SUCCESS", "call SUCCESS"]


def test_another_input_is_refused_when_nothing_is_paused(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    died(tmp_path, name, '["B"')
    result = again(tmp_path, "resume", name, "-i", "name=Bob")
    assert (result.code, result.out) == (2, "")
    assert "`-i name`: no task is paused, and no input is needed" in result.err


def test_the_labels_tell_of_no_restart(tmp_path: Path) -> None:
    name = ran(tmp_path, GATES)
    result = again(tmp_path, "resume", name, "-i", "fine=true")
    assert labels(result) == {"system.correlationId": name}
