"""Ctrl-C and its relatives: the run ends at once and in good order."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from kestrel_cli.cli.signals import ends_on_signals
from kestrel_cli.worker.interrupts import AttemptKilled, Interrupts
from tests.cli.flows_here import SLEEPS, written
from tests.support.cli import COMMAND, process_environment, run_here
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs Unix signals")

AT_ONCE = 20.0  # seconds; the whole end of the process, on a busy machine
CORE = "io.kestra.plugin.core"
RETRIES = f"""
id: retries
namespace: company.team
tasks:
  - id: again
    type: {CORE}.execution.Fail
    retry: {{type: constant, interval: PT1M, maxAttempts: 3}}
"""
BUSY = f"""
id: busy
namespace: company.team
tasks:
  - id: begin
    type: {CORE}.log.Log
    message: now
  - id: work
    type: {CORE}.debug.Return
    format: >-
      {{% for a in range(1, 9000) %}}{{% for b in range(1, 9000) %}}
      {{% set c = a * b %}}{{% endfor %}}{{% endfor %}}
"""
CONDITION = f"""
id: condition
namespace: company.team
tasks:
  - id: begin
    type: {CORE}.log.Log
    message: now
  - id: work
    type: {CORE}.flow.If
    condition: >-
      {{% for a in range(1, 9000) %}}{{% for b in range(1, 9000) %}}
      {{% set c = a * b %}}{{% endfor %}}{{% endfor %}}
    then:
      - id: never
        type: {CORE}.log.Log
        message: never said
"""
LOOP = f"""
id: loop
namespace: company.team
tasks:
  - id: each
    type: {CORE}.flow.ForEach
    values: "{{{{ range(1, 400) }}}}"
    tasks:
      - id: one
        type: {CORE}.debug.Return
        format: "{{{{ taskrun.value }}}}"
      - id: maybe
        type: {CORE}.flow.If
        condition: "{{{{ taskrun.value > '2' }}}}"
        then:
          - id: nap
            type: {CORE}.flow.Sleep
            duration: PT0.001S
errors:
  - id: sorry
    type: {CORE}.log.Log
    message: never said
"""
# Says that Python itself has started, then runs the program.
# Said when nothing is left to do but to begin: a signal that comes sooner is Python's own affair.
STARTED = "import os; from kestrel_cli.__main__ import main; os.write(2, b'started\\n'); main()"
START = (sys.executable, "-c", STARTED)
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
SCENES = {
    "sleep": (SLEEPS, b"Waiting for", ["SUCCESS", "KILLED", "KILLED"]),
    "retry": (RETRIES, b"next in 1m", ["KILLED"]),
    "template": (BUSY, b"now\n", ["SUCCESS", "KILLED"]),
    "condition": (CONDITION, b"now\n", ["SUCCESS", "KILLED"]),
}


@contextmanager
def started(
    folder: Path, flow: str, *options: str, command: Sequence[str] = COMMAND
) -> Iterator[subprocess.Popen[bytes]]:
    """A run under way. stdout goes to a file, so that no pipe can fill up."""
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            [*command, "run", written(folder, flow), *options],
            cwd=folder,
            env=process_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            assert process.stderr is not None
            process.stderr.close()


def read_until(stream: IO[bytes] | None, text: bytes) -> bytes:
    """Read up to and with the line that holds the text."""
    assert stream is not None
    seen = b""
    while text not in seen:
        line = stream.readline()
        assert line, seen
        seen += line
    return seen


def ended(process: subprocess.Popen[bytes], number: signal.Signals) -> tuple[int, str, float]:
    """Send the signal; the exit code, what was said after it, and how long it took."""
    began = time.perf_counter()
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    return process.returncode, err.decode(), time.perf_counter() - began


def document(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / "out").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("scene", SCENES)
def test_a_signal_ends_the_run_at_once_with_all_of_it_in_the_document(
    scene: str, number: signal.Signals, tmp_path: Path
) -> None:
    flow, sign, states = SCENES[scene]
    with started(tmp_path, flow, "-o", "json") as process:
        read_until(process.stderr, sign)
        time.sleep(0.02)
        code, err, took = ended(process, number)
    assert code == 128 + number
    assert took < AT_ONCE
    assert "Traceback" not in err
    found = document(tmp_path)
    assert found["exitCode"] == code
    steps = [step["state"] for step in found["state"]["histories"]]
    assert steps[-2:] == ["KILLING", "KILLED"]
    assert [run["state"]["current"] for run in found["taskRunList"]] == states
    assert all("endDate" in run["state"] for run in found["taskRunList"])


@pytest.mark.parametrize("scene", SCENES)
def test_a_time_limit_ends_what_a_signal_ends(scene: str, tmp_path: Path) -> None:
    flow, _, states = SCENES[scene]
    arguments = ["run", written(tmp_path, flow), "-o", "json", "--timeout", "0.5s"]
    began = time.perf_counter()
    result = run_here(arguments, tmp_path)
    assert time.perf_counter() - began < 0.5 + AT_ONCE
    found = json.loads(result.out)
    assert result.code == found["exitCode"] == 124
    assert [run["state"]["current"] for run in found["taskRunList"]] == states


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_every_task_run_under_way_goes_through_killing(
    number: signal.Signals, tmp_path: Path
) -> None:
    with started(tmp_path, SLEEPS, "-o", "json") as process:
        read_until(process.stderr, b"Waiting for")
        ended(process, number)
    _, outer, nap = document(tmp_path)["taskRunList"]
    for run in (outer, nap):
        assert [step["state"] for step in run["state"]["histories"]] == [
            "CREATED", "RUNNING", "KILLING", "KILLED",
        ]  # fmt: skip
    assert nap["outputs"] is None
    assert [attempt["state"]["current"] for attempt in nap["attempts"]] == ["KILLED"]


def test_the_text_has_the_tree_and_the_summary(tmp_path: Path) -> None:
    with started(tmp_path, SLEEPS) as process:
        out = tmp_path / "out"
        wait_until(lambda: "Waiting for" in out.read_text("utf-8"), "a task that waits")
        code, err, took = ended(process, signal.SIGINT)
    shown = out.read_text("utf-8")
    assert (code, err) == (130, "")
    assert took < AT_ONCE
    for line in (
        "before SUCCESS",
        "outer KILLED",
        "nap KILLED",
        "flow `company.team.sleeps` KILLED",
    ):
        assert line in shown
    assert "never said" not in shown


def test_the_json_file_is_complete(tmp_path: Path) -> None:
    with started(tmp_path, SLEEPS, "--json-file", "run.json", "-o", "ndjson") as process:
        out = tmp_path / "out"
        wait_until(lambda: "Waiting for" in out.read_text("utf-8"), "a task that waits")
        ended(process, signal.SIGTERM)
    assert json.loads((tmp_path / "run.json").read_text("utf-8"))["exitCode"] == 143
    last = json.loads(out.read_text("utf-8").splitlines()[-1])
    assert last["event"] == "end"
    assert last["execution"]["state"]["current"] == "KILLED"


def test_the_journal_has_the_kill(tmp_path: Path) -> None:
    with started(tmp_path, SLEEPS, "-o", "json", "--state-dir", "state") as process:
        read_until(process.stderr, b"Waiting for")
        ended(process, signal.SIGINT)
    (journal,) = tmp_path.glob("state/executions/*/journal.ndjson")
    kinds = [json.loads(line)[0] for line in journal.read_text("utf-8").splitlines()]
    assert "Q" in kinds
    assert kinds[0] == "J"


def test_a_second_signal_ends_the_program_whatever_it_does(tmp_path: Path) -> None:
    with started(tmp_path, SLEEPS, "-o", "json") as process:
        read_until(process.stderr, b"Waiting for")
        process.send_signal(signal.SIGINT)
        code, err, took = ended(process, signal.SIGINT)
    assert code == 130
    assert took < AT_ONCE
    assert "Traceback" not in err


def test_a_signal_before_the_first_task_ends_the_program(tmp_path: Path) -> None:
    """The flow comes through a pipe that stays open: the program is still reading it."""
    program = (*START, "run", "-")
    reader = subprocess.Popen(
        program,
        cwd=tmp_path,
        env=process_environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    read_until(reader.stderr, b"started")
    time.sleep(0.2)
    code, err, took = ended(reader, signal.SIGINT)
    assert (code, err) == (130, "")
    assert took < AT_ONCE


def test_a_request_that_comes_in_a_destructor_is_raised_after_it(capsys):
    interrupts = Interrupts()

    class Dying:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    def sleep() -> None:
        interrupts.begin()
        Dying()
        time.sleep(AT_ONCE)

    with ends_on_signals(interrupts), pytest.raises(AttemptKilled):
        sleep()
    interrupts.end()
    assert (interrupts.times, capsys.readouterr().err) == (1, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("moment", range(10))
def test_a_signal_at_any_moment_leaves_a_whole_document_or_none(
    moment: int, number: signal.Signals, tmp_path: Path
) -> None:
    delay = random.Random(moment).uniform(moment, moment + 1) * 0.035
    with started(tmp_path, LOOP, "-o", "json", command=START) as process:
        read_until(process.stderr, b"started")
        time.sleep(delay)
        code, err, took = ended(process, number)
    assert took < AT_ONCE
    assert "Traceback" not in err, f"after {delay}s: {err}"
    text = (tmp_path / "out").read_text("utf-8")
    if not text:  # nothing had begun: SIGTERM then does what it always does
        assert code in (130, 143, -number)
        return
    found = json.loads(text)
    assert code in (found["exitCode"], 128 + number)
    assert found["exitCode"] in (0, 128 + number)
    for run in found["taskRunList"]:
        assert run["state"]["current"] in ("SUCCESS", "KILLED")
        assert "endDate" in run["state"]
    assert not [run for run in found["taskRunList"] if run["taskId"] == "sorry"]
    assert (tmp_path / ".state").is_dir()
