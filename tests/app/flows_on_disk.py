"""Flows that call each other, as files in a test's folder."""

from pathlib import Path
from typing import Any

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.run import run
from kestrel_cli.flowfile import load
from kestrel_cli.flowfile.library import Library
from kestrel_cli.model.execution import Execution
from tests.app.running import Collect

CORE = "io.kestra.plugin.core"


class Disk:
    """A folder of flows; their runs keep a journal in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told = Collect()

    def flow(self, flow_id: str, text: str) -> None:
        """A flow of this id; `text` is all that follows the namespace."""
        head = f"id: {flow_id}\nnamespace: company.team\n"
        (self.folder / f"{flow_id}.yaml").write_text(head + text, "utf-8")

    def request(self, flow_id: str = "main", **more: Any) -> RunRequest:
        loaded = load(str(self.folder / f"{flow_id}.yaml"))
        library = Library.beside(loaded)
        state = str(self.folder / "state")
        usual = {"reporters": (self.told,), "environ": {}, "library": library, "state_dir": state}
        return RunRequest(loaded.flow, text=loaded.text, **{**usual, **more})

    def run(self, flow_id: str = "main", **more: Any) -> RunResult:
        self.told = Collect()
        return run(self.request(flow_id, **more))

    def executions(self) -> list[Execution]:
        """All that the last run has begun, in their order."""
        return [execution for execution, _, _ in self.told.begun]


def states(execution: Execution) -> list[str]:
    """`task STATE` of each task run; `task[value] STATE` in loops."""
    return [
        f"{run.task.id}{'' if run.value is None else f'[{run.value}]'} {run.state}"
        for run in execution.listed()
    ]


def outputs(execution: Execution, task_id: str) -> dict[str, Any]:
    """The outputs of a task's last run."""
    found = [run for run in execution.listed() if run.task.id == task_id][-1].outputs
    assert found is not None
    return found
