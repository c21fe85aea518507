"""The whole program ends while a script runs."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.processes import gone, living
from tests.support.waiting import wait_until

FLOW = """
id: ends
namespace: company.team
tasks:
  - id: script
    type: io.kestra.plugin.scripts.shell.Script
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    script: |
      {script}
"""
PARALLEL = """
id: ends
namespace: company.team
tasks:
  - id: both
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - id: one
        type: io.kestra.plugin.scripts.shell.Script
        script: |
          {script}
      - id: two
        type: io.kestra.plugin.scripts.shell.Script
        script: |
          {script}
"""
SCRIPTS = {
    "hears": "sleep {word} & sleep {word}",
    "does not hear": "trap '' TERM; sleep {word}; sleep {word}; sleep {word}",
    "went its own way": "(setsid sleep {word} &) ; sleep {word}",
    "without a mark": "(env -i setsid sleep {word} &) ; sleep {word}",
}


def started(folder: Path, flow: str, script: str, word: str) -> "subprocess.Popen[bytes]":
    """`kestrel run`, when its script is under way."""
    (folder / "flow.yaml").write_text(flow.format(script=script.format(word=word)))
    environ = {**os.environ, "XDG_STATE_HOME": str(folder), "HOME": str(folder)}
    process = subprocess.Popen(
        [sys.executable, "-m", "kestrel_cli", "run", "flow.yaml", "--json-file", "out.json"],
        cwd=folder,
        env={**environ, "PYTHONPATH": os.getcwd()},  # noqa: PTH109
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(
        lambda: living(f"sleep {word}") or process.poll() is not None, "a script that sleeps"
    )
    assert process.poll() is None
    time.sleep(0.05)
    return process


def states(folder: Path) -> tuple[str, set[str]]:
    document = json.loads((folder / "out.json").read_text())
    return document["state"]["current"], {
        run["state"]["current"] for run in document["taskRunList"]
    }


@pytest.mark.parametrize(
    ("flow", "number"),
    [(FLOW, signal.SIGINT), (FLOW, signal.SIGTERM), (PARALLEL, signal.SIGINT)],
    ids=["alone", "alone, TERM", "parallel"],
)
def test_a_signal_ends_the_script_and_all_that_it_started(flow, number, tmp_path):
    word = f"7{secrets.randbelow(10**9)}"
    process = started(tmp_path, flow, SCRIPTS["hears"], word)
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(20) == 128 + number
    assert time.monotonic() - began < 2
    assert gone(word), living(word)
    assert states(tmp_path) == ("KILLED", {"KILLED"})


@pytest.mark.parametrize("flow", [FLOW, PARALLEL], ids=["alone", "parallel"])
def test_the_second_signal_ends_it_at_once(flow, tmp_path):
    word = f"7{secrets.randbelow(10**9)}"
    process = started(tmp_path, flow, SCRIPTS["does not hear"], word)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert time.monotonic() - began < 2
    assert gone(word), living(word)
    assert states(tmp_path)[0] == "KILLED"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives us orphans")
@pytest.mark.parametrize("flow", [FLOW, PARALLEL], ids=["alone", "parallel"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nothing_outlives_a_program_that_is_told_to_end(number, flow, tmp_path):
    word = f"7{secrets.randbelow(10**9)}"
    process = started(tmp_path, flow, SCRIPTS["without a mark"], word)
    process.send_signal(number)
    assert process.wait(20) == 128 + number
    assert not living(word)


@pytest.mark.parametrize("script", ["does not hear", "went its own way", "without a mark"])
def test_nothing_outlives_a_program_that_is_killed(script, tmp_path):
    word = f"7{secrets.randbelow(10**9)}"
    process = started(tmp_path, FLOW, SCRIPTS[script], word)
    process.kill()
    process.wait()
    assert gone(word), living(word)
