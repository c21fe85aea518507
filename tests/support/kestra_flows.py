"""Flows on the server of the tests."""

import re

from tests.support.kestra_asked import Answered, Asked, Refused, as_json
from tests.support.kestra_plays import Document
from tests.support.kestra_server import KestraServer

YAML = "application/x-yaml"


class Flows:
    """What is below `/flows`."""

    server_state: KestraServer

    def on_flows(self, asked: Asked, steps: list[str]) -> Answered:
        kestra = self.server_state
        if steps == ["search"]:
            return as_json({"results": [], "total": len(kestra.flows)})
        if asked.method == "GET":
            return self.flow(asked, (steps[0], steps[1]))
        if steps == ["validate"]:
            return self.validated(asked)
        if asked.whole_kind != YAML:
            if asked.method == "PUT":
                raise Refused(415, f"Content Type [{asked.whole_kind}] not allowed")
            raise Refused(422, "Invalid route params: Required Body [flow] not specified")
        source = asked.body.decode()
        name, problem = named(source)
        if problem is not None:
            raise Refused(422, f"Invalid entity: {problem}")
        self.check_place(asked, steps, name)
        sources = kestra.flows.setdefault(name, [])
        if sources[-1:] != [source]:
            sources.append(source)
        return self.flow(asked, name, source=True)

    def validated(self, asked: Asked) -> Answered:
        if asked.kind not in (YAML, ""):
            allowed = "[application/x-yaml, multipart/form-data]"
            raise Refused(415, f"Content Type [{asked.kind}] not allowed. Allowed: {allowed}")
        texts = asked.body.decode().split("---")
        return as_json([verdict_of(at, text) for at, text in enumerate(texts)])

    def check_place(self, asked: Asked, steps: list[str], name: tuple[str, str]) -> None:
        known = self.server_state.flows
        if asked.method == "POST":
            if name in known:
                raise Refused(422, "Invalid entity: flow.id: Flow id already exists")
        elif (steps[0], steps[1]) not in known:
            raise Refused(404, "Not Found")
        elif (steps[0], steps[1]) != name:
            raise Refused(422, "Invalid entity: flow.id: Illegal flow id update")

    def flow(self, asked: Asked, name: tuple[str, str], *, source: bool = False) -> Answered:
        sources = self.server_state.flows.get(name)
        revision = int(asked.get("revision") or len(sources or ()))
        if not sources or not 0 < revision <= len(sources):
            raise Refused(404, "Not Found")
        found: Document = {"id": name[1], "namespace": name[0], "revision": revision}
        found |= {"disabled": name in self.server_state.disabled, "deleted": False, "tasks": []}
        if source or asked.get("source") == "true":
            found["source"] = sources[revision - 1]
        return as_json(found)


def named(source: str) -> tuple[tuple[str, str], str | None]:
    """The namespace and the id of a flow, and why it is none."""
    found = {
        key: next(iter(re.findall(rf"(?m)^{key}: *(\S+)", source)), "")
        for key in ("id", "namespace")
    }
    name = "false" if found["id"] == "off" else found["id"]  # a boolean in YAML 1.1
    problem = None
    if not name or not found["namespace"]:
        problem = "Illegal Flow source"
    elif "tasks: []" in source or "tasks:" not in source:
        problem = "tasks: must not be empty"
    return (found["namespace"], name), problem


def verdict_of(at: int, text: str) -> Document:
    (namespace, name), problem = named(text)
    found: Document = {"index": at, "namespace": namespace, "flow": name, "outdated": False}
    found |= {"deprecationPaths": [], "warnings": [], "infos": []}
    return found if problem is None else found | {"constraints": f"Validation error: {problem}\n"}
