"""Every task run that started reaches a terminal state, also after signals.

Signals at any moment of a run that holds everything: it ends in good order, with its children,
and tells of all of it. Exit code and final state agree, and every task run that has begun has
ended.
"""

import json
import random
import signal
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.model.state import EXECUTION_TRANSITIONS, TERMINAL, TRANSITIONS
from tests.reliability.forks import Zygote, started
from tests.reliability.scene import Scene
from tests.reliability.scene_tasks import CORE, touch
from tests.reliability.scenes import SCENES
from tests.support.processes import gone

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs Unix signals")

INT, TERM, HUP = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
AT_ONCE = 10.0  # seconds, on a busy machine; what is ended takes a minute
# A child that does not hear, beside one that does; what runs after a kill.
DEAF = f"""
id: deaf
namespace: company.team
tasks:
  - id: p
    type: {CORE}.flow.Parallel
    tasks:
      - {touch("sleeps", "sleep 60")}
      - {touch("deaf", "trap '' TERM INT HUP; sleep 60 & wait; sleep 60")}
finally:
  - {touch("never")}
afterExecution:
  - {touch("after", "sleep 60")}
"""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with started() as one:
        yield one


def document(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / "out").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def is_whole(found: dict[str, Any]) -> None:
    """Every execution and every task run has a history that is legal, in order, and over."""
    for execution in (found, *found.get("executions", ())):
        _has_ended(execution["state"], EXECUTION_TRANSITIONS)
        for run in execution.get("taskRunList", ()):
            _has_ended(run["state"], TRANSITIONS)
            for attempt in run.get("attempts", ()):
                assert attempt["state"]["current"] in TERMINAL


def _has_ended(state: dict[str, Any], table: Any) -> None:
    steps = [one["state"] for one in state["histories"]]
    dates = [datetime.fromisoformat(one["date"]) for one in state["histories"]]
    assert steps[0] == "CREATED"
    assert steps[-1] == state["current"]
    assert state["current"] in TERMINAL
    assert all(after in table[before] for before, after in pairwise(steps))
    assert dates == sorted(dates)


def test_an_interrupt_at_any_moment_ends_all_of_it(zygote: Zygote, tmp_path: Path) -> None:
    luck = random.Random(11)
    scenes = []
    for name in SCENES:
        (tmp_path / name).mkdir()
        scenes.append(Scene(zygote, tmp_path / name, name))
    for number in range(60):
        scene = scenes[number % len(scenes)]
        scene.fresh()
        delay, began = luck.uniform(0.005, 0.08), time.perf_counter()
        command = ("run", "flow.yaml", "-o", "json", *scene.given)
        code = zygote.run(scene.folder, *command, signals=[(delay, INT)])
        assert time.perf_counter() - began < AT_ONCE
        said = (scene.folder / "err").read_text("utf-8")
        assert "Traceback" not in said
        assert "bug" not in said
        if not (scene.folder / "out").read_text("utf-8"):  # nothing had begun
            assert code in (130, -INT)
            assert not scene.counted()
            continue
        found = document(scene.folder)
        is_whole(found)
        assert code == found["exitCode"] or (code == 130 and found["exitCode"] == scene.code)
        assert (found["exitCode"] == 130) == (found["state"]["current"] == "KILLED")
        if found["exitCode"] == 130:
            asked = began_at(found["state"], "KILLING")
            late = [run for run in found["taskRunList"] if run["taskId"] in ("at_last", "never")]
            assert all(began_at(run["state"], "CREATED") <= asked for run in late)
    assert gone(str(tmp_path))


def began_at(state: dict[str, Any], name: str) -> datetime:
    """When a state was entered first."""
    dates = [one["date"] for one in state["histories"] if one["state"] == name]
    return datetime.fromisoformat(dates[0])


@pytest.fixture
def deaf(tmp_path: Path) -> Path:
    text = DEAF.replace("@EFFECTS@", str(tmp_path / "effects"))
    (tmp_path / "flow.yaml").write_text(text, "utf-8")
    return tmp_path


def ended(
    zygote: Zygote, folder: Path, *signals: Any, grace: str = "0.2s"
) -> tuple[int, dict[str, Any]]:
    """Run until the children are there, then send signals; the code and the document."""
    arguments = ("run", "flow.yaml", "-o", "json", "--kill-grace", grace)
    began = time.perf_counter()
    code = zygote.run(folder, *arguments, until=["effects", 2], signals=signals, watched=True)
    assert time.perf_counter() - began < AT_ONCE
    found = document(folder)
    is_whole(found)
    assert gone(str(folder))
    return code, found


@pytest.mark.parametrize(("number", "code"), [(INT, 130), (TERM, 143), (HUP, 129)])
def test_children_that_do_not_hear_are_killed_and_a_second_signal_ends_what_runs_after(
    number: int, code: int, zygote: Zygote, deaf: Path
) -> None:
    got, found = ended(zygote, deaf, (0, number), (0.6, number))
    states = {run["taskId"]: run["state"]["current"] for run in found["taskRunList"]}
    assert got == found["exitCode"] == code
    assert states == dict.fromkeys(("p", "sleeps", "deaf", "after"), "KILLED")
    assert found["state"]["current"] == "KILLED"


def test_two_signals_at_once_wait_for_nobody(zygote: Zygote, deaf: Path) -> None:
    began = time.perf_counter()
    got, found = ended(zygote, deaf, (0, INT), (0.01, INT), grace="30s")
    assert time.perf_counter() - began < 5
    assert (got, found["state"]["current"]) == (130, "KILLED")
    assert all(run["state"]["current"] == "KILLED" for run in found["taskRunList"])


def test_a_run_that_is_stopped_and_continued_goes_on(zygote: Zygote, tmp_path: Path) -> None:
    scene = Scene(zygote, tmp_path, "waits")
    scene.fresh()
    stops = [
        (0.02, signal.SIGTSTP),
        (0.06, signal.SIGCONT),
        (0.08, signal.SIGSTOP),
        (0.1, signal.SIGCONT),
    ]
    code = zygote.run(tmp_path, "run", "flow.yaml", "--seed", "7", "-o", "json", signals=stops)
    assert (code, scene.told()) == (0, scene.wanted)
