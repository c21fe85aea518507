"""What decides how a run goes: time limits, threads, turns, other flows, the state directory."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.cli.run_options import seconds
from kestrel_cli.errors import UsageError
from kestrel_cli.store.slots import Slots
from tests.cli.flows_here import CORE, HELLO, written
from tests.support.cli import Result, run_here

LIMITED = f"""
id: limited
namespace: company.team
concurrency: {{limit: 2, behavior: BEHAVIOR}}
tasks:
  - {{id: greet, type: {CORE}.log.Log, message: hello}}
"""
CALLS = f"""
id: calls
namespace: company.team
tasks:
  - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: hello}}
"""


def run(folder: Path, flow: str, *options: str) -> Result:
    return run_here(["run", written(folder, flow), *options], folder)


def document(folder: Path, flow: str, *options: str) -> dict[str, Any]:
    found = json.loads(run(folder, flow, "-o", "json", *options).out)
    assert isinstance(found, dict)
    return found


# -- time


@pytest.mark.parametrize(
    ("text", "found"),
    [("5", 5), ("1.5s", 1.5), ("2m", 120), ("1h", 3600), ("PT1M30S", 90), ("P1D", 86400)],
)
def test_a_time_limit_is_written_as_one_likes(text: str, found: float) -> None:
    assert seconds(text) == found


@pytest.mark.parametrize("text", ["", "soon", "0", "-1s", "PT0S", "1y", "infs", "nan", "PT"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--timeout"):
        seconds(text)


@pytest.mark.parametrize("holder", ["Parallel", "ForEach", "Dag"])
def test_what_waits_at_the_same_time_takes_as_long_as_one_of_them(
    holder: str, tmp_path: Path
) -> None:
    nap = f"{{id: NAME, type: {CORE}.flow.Sleep, duration: PT0.4S}}"
    naps = [nap.replace("NAME", f"nap{number}") for number in range(6)]
    held = {
        "Parallel": f"tasks: [{', '.join(naps)}]",
        "Dag": f"tasks: [{', '.join(f'{{task: {one}}}' for one in naps)}]",
        "ForEach": f"values: [1, 2, 3, 4, 5, 6]\n    concurrencyLimit: 0\n    tasks: [{naps[0]}]",
    }
    flow = f"""
id: naps
namespace: company.team
tasks:
  - id: box
    type: {CORE}.flow.{holder}
    {held[holder]}
"""
    began = time.perf_counter()
    found = document(tmp_path, flow)
    assert time.perf_counter() - began < 2.0  # one after the other they take 2.4 s
    assert [one["state"]["current"] for one in found["taskRunList"]] == ["SUCCESS"] * 7


# -- turns: `concurrency` of a flow


@contextmanager
def taken(folder: Path, number: int = 2) -> Iterator[list[Any]]:
    """While this lasts, others run the flow."""
    slots = Slots(folder / ".state/kestrel/running/company.team/limited", 2)
    held = [slots.take() for _ in range(number)]
    assert None not in held
    try:
        yield held
    finally:
        for one in held:
            if one is not None:
                one.leave()


def limited(behavior: str) -> str:
    return LIMITED.replace("BEHAVIOR", behavior)


@pytest.mark.parametrize(
    ("behavior", "state", "words"),
    [
        ("FAIL", "FAILED", "Execution is FAILED due to concurrency limit exceeded"),
        ("CANCEL", "CANCELLED", "the flow already runs as often as it may at once: CANCELLED"),
    ],
)
def test_a_flow_that_runs_as_often_as_it_may_fails_or_is_cancelled(
    behavior: str, state: str, words: str, tmp_path: Path
) -> None:
    with taken(tmp_path):
        result = run(tmp_path, limited(behavior), "-o", "json")
    found = json.loads(result.out)
    assert [one["state"] for one in found["state"]["histories"]] == ["CREATED", state]
    assert (result.code, found.get("taskRunList")) == (1, None)
    assert words in result.err


def test_or_it_waits_for_its_turn(tmp_path: Path) -> None:
    with taken(tmp_path) as held:
        free = threading.Timer(0.2, held[0].leave)
        free.start()
        found = document(tmp_path, limited("QUEUE"))
        free.join()
        held.pop(0)
    assert [one["state"] for one in found["state"]["histories"]] == [
        "CREATED", "QUEUED", "RUNNING", "SUCCESS",
    ]  # fmt: skip


def test_one_that_waits_can_be_ended(tmp_path: Path) -> None:
    with taken(tmp_path):
        result = run(tmp_path, limited("QUEUE"), "-o", "json", "--timeout", "0.1s")
    assert result.code == 124
    assert json.loads(result.out)["state"]["current"] == "KILLED"


@pytest.mark.parametrize("behavior", ["QUEUE", "CANCEL", "FAIL"])
def test_while_there_is_a_place_it_runs(behavior: str, tmp_path: Path) -> None:
    with taken(tmp_path, 1):
        assert run(tmp_path, limited(behavior)).code == 0
        assert run(tmp_path, limited(behavior)).code == 0


# -- other flows


def test_other_flows_are_found_beside_the_file_and_below(tmp_path: Path) -> None:
    (tmp_path / "more/deep").mkdir(parents=True)
    written(tmp_path / "more/deep", HELLO, "any_name.yml")
    assert run(tmp_path, CALLS).code == 0


def test_or_in_a_folder_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "library").mkdir()
    written(tmp_path / "library", HELLO)
    written(tmp_path / "flows", CALLS)
    missing = run_here(["run", "flows/flow.yaml"], tmp_path)
    assert (missing.code, missing.out) == (3, "")
    assert "Unable to find flow 'company.team'.'hello' with revision '0'" in missing.err
    assert run_here(["run", "flows/flow.yaml", "--flows-dir", "library"], tmp_path).code == 0


def test_a_folder_of_flows_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path, CALLS, "--flows-dir", "nowhere")
    assert (result.code, result.out) == (2, "")
    assert "`--flows-dir nowhere`: no such directory" in result.err


def test_a_type_that_a_called_flow_needs_and_does_not_run_here_stops_the_run(
    tmp_path: Path,
) -> None:
    flow = HELLO.replace(f"{CORE}.log.Log", "io.kestra.plugin.aws.s3.List")
    written(tmp_path, flow, "hello.yaml")
    result = run(tmp_path, CALLS)
    assert (result.code, result.out) == (4, "")
    assert "the flow needs what Kestrel does not run" in result.err
    assert run(tmp_path, CALLS, "--mock-unsupported").code == 0


def test_flows_that_call_each_other_without_end_are_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kestrel_cli.app.engine.calls.DEEPEST", 3)
    result = run(tmp_path, CALLS.replace("flowId: hello", "flowId: \"{{ 'calls' }}\""))
    assert result.code == 1
    assert "more than 3 executions inside each other" in result.out
    assert "4 task runs in 4 executions" in result.out


# -- the trigger


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("t.yaml", "date: today", 0),
        ("t.json", '{"date": "today"}', 0),
        ("t.yaml", "- today", 3),
        ("t.yaml", "{", 3),
        ("t.json", "", 3),
    ],
)
def test_the_trigger_is_a_map_in_a_file(name: str, content: str, code: int, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    flow = HELLO.replace("{{ inputs.name }}", "{{ trigger.date ?? 'nobody' }}")
    result = run(tmp_path, flow, "--trigger", name)
    assert result.code == code, result.err
    if code:
        assert f"--trigger {name}" in result.err


def test_a_trigger_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path, HELLO, "--trigger", "nowhere.yaml")
    assert (result.code, result.out) == (3, "")
    assert "nowhere.yaml" in result.err


# -- the state directory


def test_a_state_directory_that_is_none_is_a_warning_unless_the_run_has_to_last(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("x")
    result = run(tmp_path, HELLO, "--state-dir", "file")
    assert result.code == 0
    assert "no journal is kept, so this run can't be looked at later" in result.err
    durable = run(tmp_path, HELLO, "--state-dir", "file", "--durable")
    assert (durable.code, durable.out) == (3, "")
    assert "error: `--durable`: the journal can't be kept" in durable.err


def test_a_run_that_lasts_is_as_any_other(tmp_path: Path) -> None:
    assert run(tmp_path, HELLO, "--durable").code == 0
    assert "SUCCESS" in run_here(["executions"], tmp_path).out
