"""What executions of the server of the tests show, picture by picture: written by a script of the
test, or by running the flow here with our own engine.
"""

import json
import os
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from kestrel_cli.app.run import RunRequest, run
from kestrel_cli.flowfile.loader import load_bytes
from kestrel_cli.model.ids import base62
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.state import TERMINAL
from kestrel_cli.reporters.shape import after_runs, before_runs, run_shape

Document = dict[str, Any]
START = int(datetime(2026, 11, 29, tzinfo=UTC).timestamp() * 1_000_000)


def new_id() -> str:
    """An id as executions have them."""
    return base62(int.from_bytes(os.urandom(16), "big"))


class Play:
    """Pictures of an execution, and of those that it starts, with the log entries that come before
    each. A picture that is PAUSED is the last one until somebody resumes it.
    """

    def __init__(self) -> None:
        self.steps: list[tuple[Document, list[Document]]] = []
        self.revision = 1

    @property
    def id(self) -> str:
        """The execution that it is about."""
        return str(self.steps[0][0]["id"])

    def as_new(self, labels: list[Document], skew: float = 0.0) -> "Play":
        """The same with ids of its own, and these labels behind those of the flow."""
        text = json.dumps(self.steps)
        for old in {document["id"] for document, _ in self.steps}:
            text = text.replace(old, new_id())
        runs = [one for document, _ in self.steps for one in document.get("taskRunList", ())]
        for name in {one["id"] for one in runs}:
            text = text.replace(name, new_id())
        new = Play()
        new.steps = [(document, entries) for document, entries in json.loads(text)]
        for document, _ in new.steps:
            if document["id"] == new.id:
                document["labels"] = _with(document["labels"], labels)
            if skew:
                _shift(document.get("taskRunList") or [], skew)
        return new


def _with(labels: list[Document], more: list[Document]) -> list[Document]:
    own = [one for one in labels if not one["key"].startswith("system.")]
    system = [one for one in labels if one["key"].startswith("system.")]
    return [*own, *more, {"key": "system.from", "value": "api"}, *system]


def _shift(value: Any, seconds: float) -> None:
    """The clock of the workers is another one than that of the executor."""
    if isinstance(value, list):
        for one in value:
            _shift(one, seconds)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name == "date":
                moment = datetime.fromisoformat(one)
                micros = int((moment.timestamp() + seconds) * 1_000_000)
                value[name] = iso_instant(micros)
            else:
                _shift(one, seconds)


class Script(Play):
    """Written by hand: `run`, `log`, `end` and `state` each add a picture, or an entry to the next.

    Dates are a millisecond apart.
    """

    def __init__(self, flow: str = "company.team.demo", **fields: Any) -> None:
        super().__init__()
        namespace, _, name = flow.rpartition(".")
        identity = new_id()
        self._at = START
        self._entries: list[Document] = []
        self._now: Document = {
            "id": identity,
            "namespace": namespace,
            "flowId": name,
            "flowRevision": 1,
            "labels": [{"key": "system.correlationId", "value": identity}],
            "originalId": identity,
            "deleted": False,
            "metadata": {"attemptNumber": 1, "originalCreatedDate": iso_instant(START)},
            **fields,
        }
        self.state("CREATED").state("RUNNING")

    def _tick(self) -> str:
        self._at += 1_000
        return iso_instant(self._at)

    def _picture(self) -> "Script":
        self.steps.append((deepcopy(self._now), self._entries))
        self._entries = []
        return self

    def state(self, name: str) -> "Script":
        """The execution enters a state."""
        enter(self._now, name, self._tick())
        return self._picture()

    def run(self, task: str, parent: str | None = None, value: str | None = None) -> "Script":
        """A task run begins: created, then running."""
        made: Document = {
            "id": new_id(),
            "executionId": self._now["id"],
            "namespace": self._now["namespace"],
            "flowId": self._now["flowId"],
            "taskId": task,
            "outputs": None,
        }
        if parent is not None:
            made["parentTaskRunId"] = self._of(parent)["id"]
        if value is not None:
            made["value"] = value
        self._now.setdefault("taskRunList", []).append(made)
        enter(made, "CREATED", self._tick())
        self._picture()
        enter(made, "SUBMITTED", self._tick())
        enter(made, "RUNNING", self._tick())
        attempt: Document = {"workerId": "worker"}
        enter(attempt, "CREATED", self._tick())
        enter(attempt, "RUNNING", self._tick())
        made["attempts"] = [attempt]
        return self._picture()

    def log(self, task: str | None, message: str, level: str = "INFO") -> "Script":
        """An entry, which is there before the next picture."""
        entry: Document = {
            "namespace": self._now["namespace"],
            "flowId": self._now["flowId"],
            "executionId": self._now["id"],
            "timestamp": self._tick(),
            "level": level,
            "message": message,
            "thread": "worker_1",
            "attemptNumber": None,
        }
        if task is not None:
            entry |= {"taskId": task, "taskRunId": self._of(task)["id"], "attemptNumber": 0}
        self._entries.append(entry)
        return self

    def end(self, task: str, state: str = "SUCCESS", **outputs: Any) -> "Script":
        """A task run ends."""
        run = self._of(task)
        for attempt in run["attempts"][-1:]:
            enter(attempt, state, self._tick())
        enter(run, state, self._tick())
        run["outputs"] = outputs
        return self._picture()

    def wait(self, task: str) -> "Script":
        """A task run and the execution pause."""
        enter(self._of(task), "PAUSED", self._tick())
        return self.state("PAUSED")

    def _of(self, task: str) -> Document:
        runs: list[Document] = self._now["taskRunList"]
        return next(run for run in reversed(runs) if run["taskId"] == task)


def enter(timed: Document, state: str, at: str) -> None:
    """Put a state at the end of a history."""
    known = timed.setdefault("state", {"histories": []})
    known["histories"].append({"state": state, "date": at})
    histories = known["histories"]
    timed["state"] = {"current": state, "histories": histories, "startDate": histories[0]["date"]}
    if state in TERMINAL or state == "PAUSED":
        begun, ended = (datetime.fromisoformat(histories[n]["date"]) for n in (0, -1))
        took = f"{(ended - begun).total_seconds():.6f}".rstrip("0").rstrip(".")
        timed["state"] |= {"duration": f"PT{took}S", "endDate": at}


class _Pictures:
    """A reporter that keeps the document of an execution after each event."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._entries: list[Document] = []

    def started(self, execution: Any, parent: Any, run: Any) -> None:
        self._take(execution)

    def on_log(self, line: Any, execution: Any) -> None:
        run = None if line.run is None else execution.runs[line.run]
        entry = {
            "namespace": execution.flow.namespace,
            "flowId": execution.flow.id,
            "executionId": execution.id,
            "timestamp": iso_instant(line.at),
            "level": line.level,
            "message": line.message,
            "thread": "worker_1",
            "attemptNumber": line.attempt,
        }
        if run is not None:
            entry |= {"taskId": run.task.id, "taskRunId": execution.run_id(run.number)}
        self._entries.append(entry)

    def on_event(self, event: Any, execution: Any) -> None:
        self._take(execution)

    def close(self, execution: Any, exit_code: int) -> None:
        self._take(execution)

    def _take(self, execution: Any) -> None:
        document = before_runs(execution)
        runs = [run_shape(execution, run) for run in execution.listed()]
        if runs:
            document["taskRunList"] = runs
        document |= after_runs(execution, None)
        self._play.steps.append((json.loads(json.dumps(document)), self._entries))
        self._entries = []


def performed(source: str, inputs: dict[str, object] | None = None) -> Play:
    """What an execution of this flow shows: it really runs, here and now, in the main thread."""
    play = Play()
    request = RunRequest(
        load_bytes(source.encode(), "flow.yaml").flow,
        inputs=inputs or {},
        journaled=False,
        reporters=[_Pictures(play)],
    )
    run(request)
    return play
