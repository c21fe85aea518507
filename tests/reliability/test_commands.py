"""Run, resume, restart, replay and crashes in any order, against a model of what each task's state
has to be.
"""

import json
import shutil
import tempfile
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from kestrel_cli.model.state import EXECUTION_TRANSITIONS, TERMINAL, TRANSITIONS
from tests.reliability.scene_tasks import CORE, give, log
from tests.support.cli import Result, run_here

FLOW = f"""
id: model
namespace: company.team
tasks:
  - {give("a", "x")}
  - {{id: gate, type: {CORE}.flow.Pause}}
  - id: box
    type: {CORE}.flow.Sequential
    tasks:
      - id: b
        type: {CORE}.execution.Fail
        condition: "{{{{ kv('ready', errorOnMissing=false) != 'yes' }}}}"
  - {log("c")}
errors:
  - {log("e")}
"""
States = dict[str, str]
PAUSED: States = {"a": "SUCCESS", "gate": "PAUSED"}
DONE: States = dict.fromkeys(("a", "gate", "box", "b", "c"), "SUCCESS")
BROKEN: States = {"a": "SUCCESS", "gate": "SUCCESS", "box": "FAILED", "b": "FAILED", "e": "SUCCESS"}


def after_gate(*, ready: bool) -> States:
    """What is left when the gate has opened."""
    return DONE if ready else BROKEN


class Commands(RuleBasedStateMachine):
    """One execution at a time: the newest. `may` holds what it may be: one state, unless a crash
    hides how far it had come. What `ready` a run or a replay is given is kept with its execution.
    """

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kestrel-model-"))
        (self.folder / "flow.yaml").write_text(FLOW, "utf-8")
        self.id: str | None = None
        self.may: list[States] = []
        self.crashed = False
        self.kept = False
        self.before = 0  # how long the journal was before the last command

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    @property
    def journal(self) -> Path:
        return self.folder / ".state/kestrel/executions" / str(self.id) / "journal.ndjson"

    def command(self, *arguments: str, ready: bool = False) -> Result:
        given = ("--kv", "ready=yes") if ready else ()
        self.before = len(self.journal.read_bytes()) if self.id else 0
        result = run_here([*arguments, *given, "-o", "json", "--pause", "wait"], self.folder)
        assert "Traceback" not in result.err
        assert "bug" not in result.err
        return result

    def ended_as(self, result: Result, *may: States) -> None:
        """It did its work: look at what came of it."""
        found = json.loads(result.out)
        states = {run["taskId"]: run["state"]["current"] for run in found["taskRunList"]}
        assert states in may, (states, may)
        assert result.code == found["exitCode"] == (1 if states == BROKEN else 0)
        _is_legal(found)
        self.id, self.may, self.crashed = found["id"], [states], False

    def is_refused(self, result: Result, words: str) -> None:
        assert (result.code, result.out) == (2, ""), result
        assert words in result.err

    @rule()
    def run(self) -> None:
        self.ended_as(self.command("run", "flow.yaml"), PAUSED)
        self.kept = False

    @precondition(lambda self: self.id is not None)
    @rule(ready=st.booleans())
    def resume(self, ready: bool) -> None:
        was_crashed, may = self.crashed, self.may
        result = self.command("resume", str(self.id), ready=ready)
        ready = ready or self.kept
        if result.code == 2:
            assert any(one in (DONE, BROKEN) for one in may)
            self.is_refused(result, "there is nothing to resume")
            self.may = [one for one in may if one in (DONE, BROKEN)]
        elif was_crashed:
            # It had come to the gate, or not; b had ended, or not.
            self.ended_as(result, PAUSED, after_gate(ready=ready), *may)
        else:
            assert may == [PAUSED]
            self.ended_as(result, after_gate(ready=ready))

    @precondition(lambda self: self.id is not None and not self.crashed)
    @rule(ready=st.booleans())
    def restart(self, ready: bool) -> None:
        result = self.command("restart", str(self.id), ready=ready)
        ready = ready or self.kept
        if self.may == [BROKEN]:
            self.ended_as(result, after_gate(ready=ready))
        else:
            words = "has not ended" if self.may == [PAUSED] else "nothing of it failed"
            self.is_refused(result, words)

    @precondition(lambda self: self.id is not None and not self.crashed)
    @rule()
    def replay(self) -> None:
        old = self.id
        self.ended_as(self.command("replay", str(self.id)), PAUSED)
        assert self.id != old

    @precondition(lambda self: self.id is not None and not self.crashed)
    @rule(task=st.sampled_from(["a", "gate", "box", "b", "c"]), ready=st.booleans())
    def replay_from(self, task: str, ready: bool) -> None:
        result = self.command("replay", str(self.id), "--task", task, ready=ready)
        ready = ready or self.kept
        (state,) = self.may
        if state == PAUSED:
            self.is_refused(result, "has not ended")
            return
        if task not in state:
            assert result.code == 5
            return
        self.kept = ready
        if task in ("a", "gate"):
            self.ended_as(result, PAUSED)
        else:
            self.ended_as(result, DONE if task == "c" else after_gate(ready=ready))

    @precondition(lambda self: self.id is not None and not self.crashed)
    @rule(share=st.floats(0, 1))
    def crash(self, share: float) -> None:
        """As if the last command had been killed on its way: some of what it wrote is not there."""
        data = self.journal.read_bytes()
        least = len(b"".join(data.splitlines(keepends=True)[:3]))
        least = max(least, self.before if self.before < len(data) else 0)
        kept = least + round((len(data) - least) * share)
        self.journal.write_bytes(data[:kept])
        # Before it came the state that the command had found.
        self.may = [*self.may, BROKEN, DONE]
        self.crashed = True


def _is_legal(found: dict[str, Any]) -> None:
    states = [(run["state"], TRANSITIONS) for run in found["taskRunList"]]
    for state, table in [*states, (found["state"], EXECUTION_TRANSITIONS)]:
        steps = [one["state"] for one in state["histories"]]
        dates = [datetime.fromisoformat(one["date"]) for one in state["histories"]]
        assert steps[0] == "CREATED"
        assert all(after in table[before] for before, after in pairwise(steps))
        assert steps[-1] in {*TERMINAL, "PAUSED"}
        assert dates == sorted(dates)


TestCommands = Commands.TestCase
TestCommands.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
