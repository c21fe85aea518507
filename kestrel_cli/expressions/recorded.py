"""The scope of an execution that was written as JSON: templates see what they saw in it."""

from collections.abc import Mapping
from typing import Any

from kestrel_cli.expressions.scope import MISSING, Services
from kestrel_cli.expressions.template import render_settled, render_value
from kestrel_cli.expressions.variables import nested

Document = Mapping[str, Any]


class RecordedScope:
    """Over the document of `-o json`.

    `run` is one of its task runs, or None for the execution itself.
    """

    def __init__(
        self,
        document: Document,
        run: Document | None,
        services: Services,
        compat: int = 1,
        around: Mapping[str, Any] | None = None,
    ) -> None:
        """`around` are variables that no document holds: those of the settings."""
        self.services = services
        self._compat = compat
        self._runs = {one["id"]: one for one in document.get("taskRunList", ())}
        self._known = self._of_execution(document) | dict(around or {})
        if run is not None:
            self._known |= self._of_run(run)

    def lookup(self, name: str) -> Any:
        return self._known.get(name, MISSING)

    def part(self, name: str, key: str) -> object:
        """No short cuts here: MISSING."""
        return MISSING

    def variables(self) -> dict[str, object]:
        return dict(self._known)

    def render(self, text: str, *, recursive: bool = False) -> object:
        """Render `text` in the same context: once and typed, or to text, until nothing changes."""
        return (render_settled if recursive else render_value)(text, self, self._compat)

    def _of_execution(self, document: Document) -> dict[str, Any]:
        state = document.get("state", {})
        execution = {
            "id": document.get("id"),
            "startDate": state.get("startDate"),
            "originalId": document.get("originalId"),
            "state": state.get("current"),
            "outputs": document.get("outputs"),
        }
        found: dict[str, Any] = {
            "flow": {
                "id": document.get("flowId"),
                "namespace": document.get("namespace"),
                "revision": document.get("flowRevision", 1),
            },
            "execution": {key: value for key, value in execution.items() if value is not None},
            "labels": nested([(one["key"], one["value"]) for one in document.get("labels", ())]),
            "outputs": self._outputs(),
            "tasks": self._states(),
            "envs": {},
            "globals": {},
        }
        for name, key in (("inputs", "inputs"), ("vars", "variables"), ("trigger", "trigger")):
            if document.get(key):
                found[name] = document[key]
        return found

    def _of_run(self, run: Document) -> dict[str, Any]:
        taskrun = {
            "id": run["id"],
            "startDate": run["state"]["startDate"],
            "attemptsCount": max(len(run.get("attempts", ())) - 1, 0),
            "parentId": run.get("parentTaskRunId"),
            "value": run.get("value"),
            "iteration": run.get("iteration"),
        }
        parents = []
        for above in self._above(run):
            shown: dict[str, Any] = {}
            if "value" in above:
                shown["taskrun"] = {"value": above["value"]}
            if above.get("outputs"):
                shown["outputs"] = above["outputs"]
            if shown:
                parents.append(shown)
        found: dict[str, Any] = {
            "taskrun": {key: value for key, value in taskrun.items() if value is not None},
            "task": {"id": run["taskId"]},
            "parents": parents,
        }
        if parents:
            found["parent"] = parents[0]
        return found

    def _above(self, run: Document) -> list[Document]:
        found: list[Document] = []
        above = self._runs.get(run.get("parentTaskRunId"))
        while above is not None:
            found.append(above)
            above = self._runs.get(above.get("parentTaskRunId"))
        return found

    def _outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = {}
        for run in self._runs.values():
            if run.get("outputs") is None:
                continue
            path = [one["value"] for one in reversed([run, *self._above(run)]) if "value" in one]
            shelf = outputs.setdefault(run["taskId"], {})
            for value in path:
                shelf = shelf.setdefault(value, {})
            shelf.update(run["outputs"])
        return outputs

    def _states(self) -> dict[str, Any]:
        states: dict[str, Any] = {}
        for run in self._runs.values():
            state = {"state": run["state"]["current"]}
            if "value" in run:
                states.setdefault(run["taskId"], {})[run["value"]] = state
            else:
                states[run["taskId"]] = state
        return states


def find_run(document: Document, task_id: str, value: str | None) -> Document | None:
    """The last task run of a task; of iteration `value`, if given: its own or one around it."""
    runs = {one["id"]: one for one in document.get("taskRunList", ())}
    found = None
    for run in runs.values():
        if run["taskId"] == task_id and (value is None or value in _values(run, runs)):
            found = run
    return found


def _values(run: Document, runs: Mapping[str, Document]) -> list[str]:
    values = []
    at: Document | None = run
    while at is not None:
        if "value" in at:
            values.append(at["value"])
        at = runs.get(at.get("parentTaskRunId", ""))
    return values
