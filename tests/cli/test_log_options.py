"""How live lines are told, and a run in which time stands still."""

import json
from pathlib import Path

import pytest

from tests.cli.flows_here import CORE
from tests.support.cli import run_here

FLOW = f"""
id: f
namespace: company.team
tasks:
  - {{id: first, type: {CORE}.log.Log, message: "at {{{{ now() }}}}"}}
  - id: shaky
    type: {CORE}.execution.Fail
    errorMessage: not yet
    allowFailure: true
    retry: {{type: constant, interval: PT0.02S, maxAttempts: 2}}
  - {{id: last, type: {CORE}.debug.Return, format: "{{{{ now() }}}}"}}
"""
FROZEN = ("--freeze-time", "2026-01-31T12:00:00Z", "--seed", "3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "f.yaml").write_text(FLOW, "utf-8")
    return tmp_path


def run(folder: Path, *options: str, **env: str) -> str:
    result = run_here(["run", "f.yaml", *options], folder, env)
    assert (result.code, result.err) == (0, "")
    return result.out


def test_time_stands_still_but_for_waits(folder: Path) -> None:
    documents = [run(folder, *FROZEN, "-o", "json", "-qq") for _ in range(2)]
    assert documents[0] == documents[1]
    execution = json.loads(documents[0])
    assert execution["state"]["startDate"] == "2026-01-31T12:00:00Z"
    assert execution["state"]["duration"] == "PT0.02S"  # the wait of the retry, and nothing else
    assert execution["taskRunList"][2]["outputs"] == {"value": "2026-01-31T12:00:00.020000Z"}


def test_a_run_that_goes_on_does_so_in_its_own_time(folder: Path) -> None:
    name = json.loads(run(folder, *FROZEN, "-o", "json", "-qq"))["id"]
    again = run_here(["replay", name, "-o", "json", "-qq"], folder)
    dates = {one["date"][:19] for one in json.loads(again.out)["state"]["histories"]}
    assert dates == {"2026-01-31T12:00:00"}


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "1969-12-31", "12:00"])
def test_a_moment_must_be_one(text: str, folder: Path) -> None:
    result = run_here(["run", "f.yaml", "--freeze-time", text], folder)
    assert result.code == 2
    assert "write `2026-01-31` or `2026-01-31T12:00:00Z`" in result.err


def test_verbose_runs_tell_more(folder: Path) -> None:
    usual, more, most = (run(folder, *FROZEN, *one) for one in ([], ["-v"], ["-vv"]))
    assert "DONE" not in usual
    assert "DONE  first         SUCCESS" in more
    assert "RUN " not in more
    assert "RUN   shaky         attempt 2 of 2" in most


def test_the_log_of_what_ends_well_is_not_shown(folder: Path) -> None:
    out = run(folder, "--log-on", "failure")
    assert "first  " not in out.split("✔")[0]
    assert "not yet (attempt 1 of 2, next in 20ms)" in out


def test_settings_say_the_same(folder: Path) -> None:
    out = run(folder, KESTREL_LOG_FORMAT="short", KESTREL_LOG_ON="failure")
    assert out.startswith("FAIL shaky  not yet (attempt 1 of 2, next in 20ms)\n")
    lines = run(folder, "--log-format", "json", "-o", "text").splitlines()
    assert json.loads(lines[0])["task"] == "first"


def test_quiet_and_verbose_contradict_each_other(folder: Path) -> None:
    result = run_here(["run", "f.yaml", "-q", "-v"], folder)
    assert (result.code, result.out) == (2, "")
    assert "`-q` and `-v`: give one of them" in result.err
