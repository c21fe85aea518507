"""Executions on the server of the tests."""

import json
import re
from copy import deepcopy

from kestrel_cli.model.state import TERMINAL
from tests.support.kestra_asked import Answered, Asked, Refused, as_json
from tests.support.kestra_plays import Document, enter
from tests.support.kestra_server import ENTERED, KestraServer, Live

ACTIONS = frozenset(
    {
        "kill", "restart", "replay", "replay-with-inputs", "resume", "resume-from-breakpoint",
        "pause", "labels", "eval", "state", "change-status",
    }
)  # fmt: skip


ACTIONS_ONE = [[one] for one in ACTIONS]


class Executions:
    """What is below `/executions`."""

    server_state: KestraServer

    def on_executions(self, asked: Asked, steps: list[str]) -> Answered | None:
        if steps == ["search"]:
            return self.found(asked)
        if asked.method == "POST" and len(steps) == 2 and steps[1] not in ACTIONS:
            return self.start(asked, steps[0], steps[1])
        if asked.method == "POST" and steps[2:] == ["validate"] and steps[1] != "resume":
            return as_json({"id": steps[1], "namespace": steps[0], "inputs": [], "checks": []})
        live = self.server_state.live.get(steps[0])
        if steps[1:] == ["follow"]:
            return self.follow(live, steps[0], "states")
        action = self.action(steps[1:])
        if live is None:
            named = action[:1] == ["resume"]
            words = f"Not Found: Execution '{steps[0]}' not found." if named else "Not Found"
            raise Refused(404, words)
        if action:
            return self.act(asked, live, action)
        if asked.method != "GET":
            raise Refused(405, "Method Not Allowed")
        return as_json(self.shape(live.document))

    def action(self, steps: list[str]) -> list[str]:
        """What is to be done, where this version has it."""
        is_new = self.server_state.is_new
        if (steps[:1] == ["actions"]) is not is_new and steps[:1] in (["actions"], *ACTIONS_ONE):
            raise Refused(404, "Not Found")
        return steps[1:] if steps[:1] == ["actions"] else steps

    def shape(self, document: Document, *, listed: bool = False) -> Document:
        """The execution as this version shows it."""
        if not self.server_state.is_new:
            return document
        shown = {name: value for name, value in document.items() if name != "outputs"}
        if listed:
            shown.pop("taskRunList", None)
        for_task = ("outputs", "executionId", "namespace", "flowId")
        if "taskRunList" in shown:
            shown["taskRunList"] = [
                {name: value for name, value in run.items() if name not in for_task}
                for run in shown["taskRunList"]
            ]
        return shown

    def start(self, asked: Asked, namespace: str, flow: str) -> Answered:
        kestra = self.server_state
        if asked.kind not in ("multipart/form-data", ""):
            raise Refused(415, f"Content Type [{asked.kind}] not allowed")
        name = f"{namespace}.{flow}"
        if name not in kestra.plays and (namespace, flow) not in kestra.flows:
            raise Refused(404, "Not Found: Requested Flow is not found.")
        if (namespace, flow) in kestra.disabled:
            raise Refused(409, "Illegal state: Requested Flow is disabled.")
        labels = []
        for label in asked.all("labels"):
            key, colon, value = label.partition(":")
            if not colon:
                raise Refused(422, "Can't split the queryString parameter by ':'")
            if key.startswith("system."):
                raise Refused(422, "Illegal argument: System labels can only be set by Kestra")
            labels.append({"key": key, "value": value})
        source = kestra.flows.get((namespace, flow), [""])[-1]
        files = re.findall(r"(?m)^ *- id: (\S+)\n +type: FILE", source)
        for part in asked.parts:
            if part["name"] in files and part["filename"] is None:
                raise Refused(422, "Invalid entity:  errors: alpha (No such file or directory)")
        kestra.starts.append(asked)
        live = kestra.begin(name, labels)
        first = live.play.steps[0][0]
        return as_json(first | {"url": f"{kestra.url}/ui/main/executions/{name}/{first['id']}"})

    def found(self, asked: Asked) -> Answered:
        kestra = self.server_state
        results = list(kestra.live.values())[::-1]
        for name, value in asked.query:
            if name.startswith("filters") and (parts := re.findall(r"\[([^]]*)\]", name)):
                results = [one for one in results if fits(one.document, parts, value)]
            elif name == "labels":
                key, _, wanted = value.partition(":")
                one_label = ["labels", "EQUALS", key]
                results = [one for one in results if fits(one.document, one_label, wanted)]
        shown = [self.shape(one.document, listed=True) for one in results]
        size = int(asked.get("size") or 10)
        return as_json({"results": shown[:size], "total": len(shown)})

    def act(self, asked: Asked, live: Live, action: list[str]) -> Answered:
        name = action[0]
        if name == "kill" and asked.method == "DELETE":
            if live.state not in TERMINAL:
                live.kill()
            return 202, b"", {}
        if name == "file":
            return self.file(asked, live)
        if name == "flow":
            return as_json({"id": live.document["flowId"], "revision": 1, "tasks": []})
        if asked.method != "POST":
            raise Refused(405, "Method Not Allowed")
        done = {
            "eval": self.evaluated,
            "labels": self.label,
            "resume": self.resume,
            "resume-from-breakpoint": self.resume,
            "pause": self.pause,
            "replay": self.again,
            "replay-with-inputs": self.again,
            "restart": self.again,
        }
        if name not in done:
            raise Refused(404, "Not Found")
        return done[name](asked, live, action)

    def evaluated(self, asked: Asked, live: Live, action: list[str]) -> Answered:
        if asked.kind != "text/plain":
            raise Refused(415, f"Content Type [{asked.kind}] not allowed")
        if b"nope" in asked.body:
            return as_json({"error": "Unable to find `nope` used in the expression"})
        return as_json({"result": asked.body.decode().upper()})

    def pause(self, asked: Asked, live: Live, action: list[str]) -> Answered:
        if live.state in TERMINAL:
            raise Refused(422, "Illegal argument: The execution is not running")
        return 200, b"", {}

    def label(self, asked: Asked, live: Live, action: list[str]) -> Answered:
        if live.state not in TERMINAL:
            raise Refused(400, "The execution is not terminated", "text")
        live.document["labels"] += json.loads(asked.body)
        return as_json(live.document)

    def resume(self, asked: Asked, live: Live, action: list[str]) -> Answered:
        if action[1:] == ["validate"]:
            return as_json({"inputs": [], "checks": []})
        if not live.held:
            words = f"Illegal state: Execution '{live.play.id}' is not paused, can't resume it"
            raise Refused(409, words)
        with self.server_state.changed:
            live.held = False
            self.server_state.changed.notify_all()
        return 204, b"", {}

    def again(self, asked: Asked, live: Live, action: list[str]) -> Answered:
        kestra = self.server_state
        if action[0] == "restart":
            if live.state not in ("FAILED", "KILLED"):
                words = f"No task found to restart execution from! It is {live.state}"
                raise Refused(422, f"Illegal argument: {words}")
            document = deepcopy(live.document)
            enter(document, "RESTARTED", ENTERED)
            live.show(document)
            enter(document, "RUNNING", ENTERED)
            enter(document, "SUCCESS", ENTERED)
            live.show(document)
            return as_json(self.shape(live.document))
        flow = f"{live.document['namespace']}.{live.document['flowId']}"
        new = kestra.begin(flow, [{"key": "system.replay", "value": "true"}])
        for document, _ in new.play.steps:
            document |= {"parentId": live.play.id, "originalId": live.play.id}
        return as_json(self.shape(new.play.steps[0][0] | {"taskRunList": []}))

    def file(self, asked: Asked, live: Live) -> Answered:
        uri = asked.get("path")
        if uri is None:
            raise Refused(400, "Bad Request: Required QueryValue [path] not specified")
        owner = re.search(r"/executions/([^/]+)/", uri)
        if owner is None:
            raise Refused(422, "Illegal argument: Invalid prefix path")
        if owner[1] != live.play.id:
            path = asked.path.replace(live.play.id, owner[1])
            return 301, b"", {"Location": f"{path}?path={uri}"}
        if uri not in self.server_state.files:
            raise Refused(404, f"Not Found: {uri} (No such file or directory)")
        return 200, self.server_state.files[uri], {"Content-Type": "application/octet-stream"}

    def on_outputs(self, asked: Asked, steps: list[str]) -> Answered:
        if not self.server_state.is_new or len(steps) < 2:
            raise Refused(404, "Not Found")
        document = self.server_state.live[steps[1]].document
        if steps[0] == "executions":
            return as_json(document.get("outputs") or {})
        runs = {run["id"]: run for run in document.get("taskRunList", ())}
        if len(steps) == 2:
            return as_json(
                [{"taskRunId": n, "inline": True} for n in runs if runs[n].get("outputs")]
            )
        return as_json(runs[steps[2]].get("outputs") or {})


def fits(document: Document, parts: list[str], value: str) -> bool:
    field, operation = parts[0], parts[1]
    if field not in ("namespace", "flowId", "state", "labels", "triggerExecutionId"):
        raise Refused(422, f"Illegal argument: Unsupported field '{field}'.")
    if operation not in ("EQUALS", "IN"):
        raise Refused(422, f"Illegal argument: No enum constant QueryFilter.Op.{operation}")
    if field == "labels":
        return {"key": parts[2], "value": value} in document["labels"]
    if field == "state":
        return document["state"]["current"] in value.split(",")
    if field == "triggerExecutionId":
        trigger = document.get("trigger") or {}
        return bool(trigger.get("variables", {}).get("executionId") == value)
    return bool(document[field] == value)
