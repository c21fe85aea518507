"""`kestrel replay`: an execution once more, as a new one."""

from pathlib import Path

import pytest

from kestrel_cli.store.journal import Journal
from tests.cli.flows_here import CORE, HELLO
from tests.cli.past import (
    FLAKY,
    GATES,
    READY,
    SECRET,
    again,
    died,
    document,
    labels,
    ran,
    runs,
    steps,
    task_run,
)
from tests.cli.test_restart import HEAD, SHAPES
from tests.support.cli import run_here

LOOP = f"""
id: loop
namespace: company.team
tasks:
  - {{id: first, type: {CORE}.debug.Return, format: "1"}}
  - id: each
    type: {CORE}.flow.ForEach
    values: [a, b, c]
    tasks:
      - {{id: one, type: {CORE}.debug.Return, format: "{{{{ taskrun.value }}}}"}}
      - {{id: two, type: {CORE}.log.Log, message: "{{{{ outputs.one[taskrun.value].value }}}}"}}
  - {{id: last, type: {CORE}.log.Log, message: last}}
finally:
  - {{id: tidy, type: {CORE}.log.Log, message: tidy}}
"""


def test_it_is_a_new_execution_that_knows_the_old_one(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO, "-i", "name=Bob", "--label", "a=b")
    result = again(tmp_path, "replay", name)
    found = document(result)
    assert result.code == 0
    assert found["id"] != name
    assert (found["parentId"], found["originalId"]) == (name, name)
    assert labels(result) == {"a": "b", "system.correlationId": name, "system.replay": "true"}
    assert found["metadata"]["attemptNumber"] == 2
    assert "Hello Bob!" in result.err
    shown = run_here(["executions", "show", name, "-o", "json"], tmp_path)
    assert "parentId" not in document(shown)


def test_a_replay_can_be_replayed(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    second = document(again(tmp_path, "replay", name))["id"]
    third = document(again(tmp_path, "replay", second))
    assert (third["parentId"], third["originalId"]) == (second, name)


def test_inputs_may_be_given_anew(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY, "-i", "name=Bob", *READY)
    result = again(tmp_path, "replay", name, "-i", "name=Cleo", *READY)
    assert document(result)["inputs"] == {"name": "Cleo"}
    assert "third Cleo" in result.err


@pytest.mark.parametrize(
    ("task", "kept", "gone_on"),
    [
        ("first", [], ["first", "each", "last"]),
        ("last", ["first", "each"], ["last"]),
    ],
)
def test_from_a_task_run_on_what_was_before_is_taken_over(
    task: str, kept: list[str], gone_on: list[str], tmp_path: Path
) -> None:
    name = ran(tmp_path, LOOP)
    result = again(tmp_path, "replay", name, "--task", task)
    assert len(runs(result)) == 10
    for one in kept:
        assert steps(task_run(result, one))[-1] == "SUCCESS"
        assert "RESTARTED" not in steps(task_run(result, one))
    assert steps(task_run(result, gone_on[0])) == [
        "CREATED", "RUNNING", "SUCCESS", "RESTARTED", "RUNNING", "SUCCESS",
    ]  # fmt: skip
    assert document(result)["id"] != name


def test_one_run_of_a_loop_is_named_by_its_value(tmp_path: Path) -> None:
    name = ran(tmp_path, LOOP)
    result = again(tmp_path, "replay", name, "--task", "two[b]")
    again_ran = [
        f"{one['taskId']}[{one.get('value', '')}]"
        for one in document(result)["taskRunList"]
        if len(one.get("attempts", ())) > 1
    ]
    assert again_ran == ["two[b]"]
    assert len(runs(result)) == 10
    said = [line.split()[-1] for line in result.err.splitlines()]
    assert said == ["b", "c", "last", "tidy"]


@pytest.mark.parametrize(
    ("task", "code", "words"),
    [
        ("two", 2, "`two` ran more than once: name one of them, such as `two[a]`, `two[b]`"),
        ("two[x]", 5, "the execution has no task run `two[x]`; there are runs of: each, first"),
        ("twoo", 5, "the execution has no task run `twoo`"),
        ("two[", 2, "write `TASK` or `TASK[value]`"),
        ("tidy", 2, "`tidy` ran after others had ended"),
    ],
)
def test_a_task_run_that_is_not_there_or_not_the_only_one_is_refused(
    task: str, code: int, words: str, tmp_path: Path
) -> None:
    result = again(tmp_path, "replay", ran(tmp_path, LOOP), "--task", task)
    assert (result.code, result.out) == (code, "")
    assert words in result.err


def test_one_that_failed_can_begin_at_what_failed(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    result = again(tmp_path, "replay", name, "--task", "second", *READY)
    assert runs(result) == [
        "first SUCCESS", "second SUCCESS", "third SUCCESS", "tidy SUCCESS",
    ]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_from_any_task_run_on_it_ends_with_the_same_task_runs(shape: str, tmp_path: Path) -> None:
    name = ran(tmp_path, HEAD + SHAPES[shape], *READY)
    before = run_here(["executions", "show", name, "-o", "json"], tmp_path)
    for one in document(before)["taskRunList"]:
        if one["taskId"] == "tidy":  # of `finally`
            continue
        task = one["taskId"] + (f"[{one['value']}]" if "value" in one else "")
        result = again(tmp_path, "replay", name, "--task", task, *READY)
        assert result.code == 0, task
        assert sorted(runs(result)) == sorted(runs(before)), task


def test_it_need_not_have_ended_well(tmp_path: Path) -> None:
    flow = f"{HELLO}  - {{id: nap, type: {CORE}.flow.Sleep, duration: PT0.3S}}\n"
    killed = ran(tmp_path, flow, "--timeout", "0.1s")
    assert runs(again(tmp_path, "replay", killed, "--timeout", "60s")) == [
        "greet SUCCESS",
        "nap SUCCESS",
    ]
    paused = ran(tmp_path, GATES)
    result = again(tmp_path, "replay", paused, "--resume", "ask={fine: true}", "--pause", "skip")
    assert document(result)["state"]["current"] == "SUCCESS"


def test_it_need_not_have_ended_at_all(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    died(tmp_path, name, '["S",0')
    assert again(tmp_path, "replay", name).code == 0


def test_a_secret_input_has_to_be_given_again(tmp_path: Path) -> None:
    name = ran(tmp_path, SECRET, "-i", "password=hush-hush", "--pause", "skip")
    for more in ([], ["--task", "check"]):
        refused = again(tmp_path, "replay", name, *more)
        assert (refused.code, refused.out) == (3, "")
        assert "give it again with `-i password=...`" in refused.err
        result = again(
            tmp_path, "replay", name, "-i", "password=hush-hush", "--pause", "skip", *more
        )
        assert runs(result) == ["gate SUCCESS", "check SUCCESS"]
        assert "hush-hush" not in result.out + result.err


def test_secrets_that_it_needs_are_demanded_before_anything_runs(tmp_path: Path) -> None:
    says = "type: io.kestra.plugin.core.log.Log"
    flow = f"""
id: needy
namespace: company.team
tasks:
  - {{id: first, {says}, message: "{{{{ secret('ONE') }}}}"}}
  - {{id: second, {says}, message: "{{{{ secret('TWO') }}}}"}}
"""
    (tmp_path / "one.env").write_text("ONE=hush-hush\n", "utf-8")
    (tmp_path / "two.env").write_text("TWO=psst-psst\n", "utf-8")
    one = ("--secrets-file", str(tmp_path / "one.env"))
    two = ("--secrets-file", str(tmp_path / "two.env"))
    name = ran(tmp_path, flow, *one, *two)
    for more, lacking in (([], "ONE"), (one, "TWO"), (["--task", "second"], "TWO")):
        refused = again(tmp_path, "replay", name, *more)
        assert (refused.code, refused.out) == (3, "")
        assert f"the secret `{lacking}` is missing" in refused.err
    result = again(tmp_path, "replay", name, "--task", "second", *two)
    assert runs(result) == ["first SUCCESS", "second SUCCESS"]


def test_one_that_was_killed_before_all_was_taken_over_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = ran(tmp_path, HELLO)

    def dies(self: Journal) -> None:
        self.flush()
        raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "release", dies)
    again(tmp_path, "replay", name, "--task", "greet")
    monkeypatch.undo()
    (half,) = {path.name for path in (tmp_path / ".state/kestrel/executions").iterdir()} - {name}
    refused = again(tmp_path, "resume", half)
    assert (refused.code, refused.out) == (3, "")
    assert "the journal is incomplete" in refused.err
