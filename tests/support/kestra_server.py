"""A Kestra of the tests' own: what the recordings show of one, on threads of this process.

It keeps flows, executions, logs, files and key-values, refuses what the real one refuses, and has
faults that a test may switch on. Executions show the pictures of a `Play`, one every `step` seconds;
`answers` holds recorded exchanges that stand before all of this, by name.

    with kestra_server() as kestra:
        kestra.plays["company.team.demo"] = Script().run("one").end("one").state("SUCCESS")
"""

import json
import re
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from kestrel_cli.model.state import TERMINAL
from kestrel_cli.server.contexts import Context, context_of
from kestrel_cli.server.starting import LABEL
from tests.support.kestra_faults import Fault, StreamFaults
from tests.support.kestra_plays import Document, Play, Script, enter, new_id
from tests.support.kestra_recordings import exchange

USER, PASSWORD = "ann@example.com", "s3cret-Passw0rd"
YAML = "application/x-yaml"
ENTERED = "2026-11-29T00:00:59Z"  # of states that somebody else gives
LEVELS = ("ERROR", "WARN", "INFO", "DEBUG", "TRACE")


class Asked:
    """A request as it came."""

    def __init__(self, method: str, target: str, headers: Any, body: bytes) -> None:
        parts = urlsplit(target)
        self.method = method
        self.path = parts.path
        self.steps = [unquote(one) for one in parts.path.strip("/").split("/")]
        self.query = parse_qsl(parts.query, keep_blank_values=True)
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body
        kind = self.headers.get("content-type", "")
        self.kind = kind.partition(";")[0].strip()
        self.whole_kind = kind
        found = re.search(r"boundary=([^;]+)", kind)
        self.parts = _parts(body, found[1].encode()) if found else []

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of a parameter."""
        return next((value for key, value in self.query if key == name), default)

    def all(self, name: str) -> list[str]:
        """All values of a parameter."""
        return [value for key, value in self.query if key == name]


def _parts(body: bytes, boundary: bytes) -> list[dict[str, Any]]:
    found = []
    for piece in body.split(b"--" + boundary)[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        said = dict(re.findall(r'(\w+)="([^"]*)"', head.decode()))
        found.append(
            {
                "name": said["name"],
                "filename": said.get("filename"),
                "content": content.removesuffix(b"\r\n"),
            }
        )
    return found


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str | None, kind: str = "json") -> None:
        self.status, self.message, self.kind = status, message, kind


class Live:
    """An execution under way, or over."""

    def __init__(self, play: Play, owner: "KestraServer") -> None:
        self.play = play
        self.owner = owner
        self.document = deepcopy(play.steps[0][0])
        self.entries: list[Document] = []
        self.told: list[tuple[str, Document]] = []  # all pictures and entries, in their order
        self.at = 0
        self.held = False
        self.killed = False

    @property
    def state(self) -> str:
        """Where it stands."""
        return str(self.document["state"]["current"])

    def show(self, document: Document, entries: list[Document] = ()) -> None:
        """A new picture, after these entries."""
        with self.owner.changed:
            for entry in entries:
                self.entries.append(entry)
                self.told.append(("logs", entry))
            self.document = deepcopy(document)
            self.told.append(("states", deepcopy(document)))
            self.held = self.state in ("PAUSED", "BREAKPOINT")
            self.owner.changed.notify_all()

    def perform(self) -> None:
        """Show what is to be shown, as time goes by."""
        for document, entries in self.play.steps:
            with self.owner.changed:
                while self.held and not self.killed:
                    self.owner.changed.wait()
            if self.killed:
                return
            if document["id"] != self.play.id:  # of an execution that it has started
                other = self.owner.live.get(document["id"])
                if other is None:
                    other = self.owner.live[document["id"]] = Live(self.play, self.owner)
                other.show(document, entries)
                continue
            self.show(document, entries)
            time.sleep(self.owner.step)

    def kill(self) -> None:
        """End it now, and tell so in two pictures."""
        self.killed = True
        document = deepcopy(self.document)
        enter(document, "KILLING", ENTERED)
        self.show(document)
        for run in document.get("taskRunList", ()):
            if run["state"]["current"] not in TERMINAL:
                for attempt in run.get("attempts", ())[-1:]:
                    enter(attempt, "KILLED", ENTERED)
                enter(run, "KILLED", ENTERED)
        enter(document, "KILLED", ENTERED)
        self.show(document)


class KestraServer:
    """The state of the server, and what is wrong with it."""

    def __init__(self, version: str = "1.3.25", step: float = 0.002) -> None:
        self.version = version
        self.step = step
        self.asked: list[Asked] = []
        self.plays: dict[str, Play] = {}  # by `namespace.flow`
        self.faults: list[Fault] = []
        self.streams = StreamFaults()
        self.skew = 0.0
        self.login: tuple[str, str] | None = (USER, PASSWORD)
        self.token: str | None = None
        self.answers: list[str] = []
        self.flows: dict[tuple[str, str], list[str]] = {}
        self.disabled: set[tuple[str, str]] = set()
        self.live: dict[str, Live] = {}
        self.starts: list[Asked] = []
        self.files: dict[str, bytes] = {}  # of executions, by URI
        self.namespace_files: dict[str, dict[str, bytes]] = {}
        self.kv: dict[str, dict[str, Any]] = {}
        self.changed = threading.Condition()
        self.closing = False
        self.url = ""

    @property
    def is_new(self) -> bool:
        """Whether this is a 2.0."""
        return self.version.startswith("2")

    @property
    def has_tenants(self) -> bool:
        """Whether its paths have one."""
        return not self.version.startswith("0.2") or self.version >= "0.23"

    def context(self, **fields: Any) -> Context:
        """Who may ask it."""
        user, password = self.login or ("", "")
        environ = {"KESTRA_HOSTNAME": self.url, "KESTRA_USER": user, "KESTRA_PASSWORD": password}
        made = context_of(None, None, environ, {})
        for name, value in fields.items():
            setattr(made, name, value)
        return made

    def requests(self, where: str) -> list[Asked]:
        """Those whose `METHOD /path` matches."""
        return [one for one in self.asked if re.search(where, f"{one.method} {one.path}")]

    def begin(self, flow: str, labels: list[Document] | None = None) -> Live:
        """Start an execution without a request."""
        play = self.plays.get(flow) or Script(flow).run("only").end("only").state("SUCCESS")
        live = Live(play.as_new(labels or [], self.skew), self)
        self.live[live.play.id] = live
        threading.Thread(target=live.perform, daemon=True).start()
        return live


@contextmanager
def kestra_server(
    version: str = "1.3.25", *, step: float = 0.002, tls: ssl.SSLContext | None = None
) -> Iterator[KestraServer]:
    """Run one on a port of its own."""
    kestra = KestraServer(version, step)

    class Bound(_Handler):
        server_state = kestra

    with ThreadingHTTPServer(("127.0.0.1", 0), Bound) as server:
        server.daemon_threads = True
        kestra.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield kestra
        finally:
            with kestra.changed:
                kestra.closing = True
                kestra.changed.notify_all()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server_state: KestraServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # the client has left
            self.close_connection = True

    def do_GET(self) -> None:
        kestra = self.server_state
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(self.command, self.path, self.headers, self.rfile.read(length))
        kestra.asked.append(asked)
        self.close_connection = True
        fault = next((f for f in kestra.faults if f.meets(asked.method, asked.path)), None)
        if fault is not None and fault.slow:
            time.sleep(fault.slow)
        if fault is not None and fault.status is not None:
            self.say(fault.status, fault.body, fault.headers)
            return
        try:
            answered = self.answered(asked)
        except Refused as refused:
            answered = self.worded(asked, refused)
        if fault is not None and fault.lost:
            return
        if answered is not None:
            self.say(*answered)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815  the base class looks for these

    def say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def worded(self, asked: Asked, refused: Refused) -> tuple[int, bytes, dict[str, str]]:
        if refused.status == 401:
            return 401, b"", {"WWW-Authenticate": "Basic"}
        kind = {"Content-Type": "application/json"}
        if refused.kind == "text":
            return refused.status, str(refused.message).encode(), kind
        words = {"message": refused.message, "path": None, "_embedded": {}}
        words["_links"] = {"self": {"href": asked.path}}
        return refused.status, json.dumps(words).encode(), kind

    # -- which part of it is asked

    def answered(self, asked: Asked) -> tuple[int, bytes, dict[str, str]] | None:
        kestra = self.server_state
        for name in kestra.answers:
            recorded = exchange(name)
            if _is_like(asked, recorded["request"]):
                return self.replayed(recorded["response"])
        if asked.path == "/api/v1/configs":
            return _json({"version": kestra.version, "edition": "OSS"})
        self.check_login(asked)
        steps = asked.steps[2:]
        if asked.steps[:2] != ["api", "v1"]:
            raise Refused(404, "Not Found")
        if steps[:1] == ["main"] and kestra.has_tenants:
            steps = steps[1:]
        elif len(steps) > 1 and steps[1] in ("flows", "executions") and kestra.has_tenants:
            raise Refused(400, "Bad Request: Tenant must be 'main' for OSS version")
        head = steps[0] if steps else ""
        route = getattr(self, f"on_{head}", None)
        if route is None:
            raise Refused(404, "Not Found")
        return route(asked, steps[1:])

    def replayed(self, response: dict[str, Any]) -> tuple[int, bytes, dict[str, str]] | None:
        headers = {
            name: value
            for name, value in response["headers"].items()
            if name.lower() not in ("content-length", "transfer-encoding", "date")
        }
        if "events" not in response:
            return response["status"], response["body"].encode(), headers
        self.begin_stream()
        for _, line in response["events"]:
            self.chunk(f"{line}\n".encode())
        if response["closedBy"] == "client":
            self.hold()
        elif response.get("lastChunk", True):
            self.wfile.write(b"0\r\n\r\n")
        return None

    def check_login(self, asked: Asked) -> None:
        kestra = self.server_state
        if kestra.login is None:
            return
        basic = b64encode(":".join(kestra.login).encode()).decode()
        good = {f"Basic {basic}"} | ({f"Bearer {kestra.token}"} if kestra.token else set())
        if asked.headers.get("authorization") not in good:
            raise Refused(401, None)

    # -- flows

    def on_flows(self, asked: Asked, steps: list[str]) -> tuple[int, bytes, dict[str, str]]:
        kestra = self.server_state
        if steps == ["search"]:
            return _json({"results": [], "total": len(kestra.flows)})
        if asked.method == "GET":
            return self.flow(asked, (steps[0], steps[1]))
        if steps == ["validate"]:
            if asked.kind not in (YAML, ""):
                allowed = "[application/x-yaml, multipart/form-data]"
                raise Refused(415, f"Content Type [{asked.kind}] not allowed. Allowed: {allowed}")
            texts = asked.body.decode().split("---")
            return _json([_verdict(at, text) for at, text in enumerate(texts)])
        if asked.whole_kind != YAML:
            if asked.method == "PUT":
                raise Refused(415, f"Content Type [{asked.whole_kind}] not allowed")
            raise Refused(422, "Invalid route params: Required Body [flow] not specified")
        source = asked.body.decode()
        name, problem = _name(source)
        if problem is not None:
            raise Refused(422, f"Invalid entity: {problem}")
        if asked.method == "POST":
            if name in kestra.flows:
                raise Refused(422, "Invalid entity: flow.id: Flow id already exists")
            kestra.flows[name] = []
        elif (steps[0], steps[1]) not in kestra.flows:
            raise Refused(404, "Not Found")
        elif (steps[0], steps[1]) != name:
            raise Refused(422, "Invalid entity: flow.id: Illegal flow id update")
        if kestra.flows[name][-1:] != [source]:
            kestra.flows[name].append(source)
        return self.flow(asked, name, source=True)

    def flow(
        self, asked: Asked, name: tuple[str, str], *, source: bool = False
    ) -> tuple[int, bytes, dict[str, str]]:
        sources = self.server_state.flows.get(name)
        revision = int(asked.get("revision") or len(sources or ()))
        if not sources or not 0 < revision <= len(sources):
            raise Refused(404, "Not Found")
        found: Document = {"id": name[1], "namespace": name[0], "revision": revision}
        found |= {"disabled": name in self.server_state.disabled, "deleted": False, "tasks": []}
        if source or asked.get("source") == "true":
            found["source"] = sources[revision - 1]
        return _json(found)

    # -- executions

    def on_executions(
        self, asked: Asked, steps: list[str]
    ) -> tuple[int, bytes, dict[str, str]] | None:
        kestra = self.server_state
        if steps == ["search"]:
            return self.found(asked)
        if asked.method == "POST" and len(steps) == 2 and steps[1] not in _ACTIONS:
            return self.start(asked, steps[0], steps[1])
        if asked.method == "POST" and len(steps) == 3 and steps[2] == "validate":
            if steps[1] != "resume":
                return _json({"id": steps[1], "namespace": steps[0], "inputs": [], "checks": []})
        if len(steps) > 1 and steps[1] == "follow":
            return self.follow(kestra.live.get(steps[0]), steps[0], "states")
        live = kestra.live.get(steps[0])
        action = steps[1:]
        if action[:1] == ["actions"] and kestra.is_new:
            action = action[1:]
        elif action and action[0] in _ACTIONS and kestra.is_new:
            raise Refused(404, "Not Found")
        if live is None:
            named = action[:1] == ["resume"]
            words = f"Not Found: Execution '{steps[0]}' not found." if named else "Not Found"
            raise Refused(404, words)
        if not action:
            if asked.method != "GET":
                raise Refused(405, "Method Not Allowed")
            return _json(self.shape(live.document))
        return self.act(asked, live, action)

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

    def start(self, asked: Asked, namespace: str, flow: str) -> tuple[int, bytes, dict[str, str]]:
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
        return _json(first | {"url": f"{kestra.url}/ui/main/executions/{name}/{first['id']}"})

    def found(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        kestra = self.server_state
        results = list(kestra.live.values())[::-1]
        for name, value in asked.query:
            if name.startswith("filters") and (parts := re.findall(r"\[([^]]*)\]", name)):
                results = [one for one in results if _filtered(one.document, parts, value)]
            elif name == "labels":
                key, _, wanted = value.partition(":")
                one_label = ["labels", "EQUALS", key]
                results = [one for one in results if _filtered(one.document, one_label, wanted)]
        shown = [self.shape(one.document, listed=True) for one in results]
        size = int(asked.get("size") or 10)
        return _json({"results": shown[:size], "total": len(shown)})

    def act(self, asked: Asked, live: Live, action: list[str]) -> tuple[int, bytes, dict[str, str]]:
        name = action[0]
        if name == "kill" and asked.method == "DELETE":
            if live.state not in TERMINAL:
                live.kill()
            return 202, b"", {}
        if name == "file":
            return self.file(asked, live)
        if name == "flow":
            return _json({"id": live.document["flowId"], "revision": 1, "tasks": []})
        if asked.method != "POST":
            raise Refused(405, "Method Not Allowed")
        if name == "eval":
            if asked.kind != "text/plain":
                raise Refused(415, f"Content Type [{asked.kind}] not allowed")
            if b"nope" in asked.body:
                return _json({"error": "Unable to find `nope` used in the expression"})
            return _json({"result": asked.body.decode().upper()})
        if name == "labels":
            return self.label(asked, live)
        if name in ("resume", "resume-from-breakpoint"):
            return self.resume(asked, live, action)
        if name == "pause":
            if live.state in TERMINAL:
                raise Refused(422, "Illegal argument: The execution is not running")
            return 200, b"", {}
        if name in ("replay", "replay-with-inputs", "restart"):
            return self.again(live, name)
        raise Refused(404, "Not Found")

    def label(self, asked: Asked, live: Live) -> tuple[int, bytes, dict[str, str]]:
        if live.state not in TERMINAL:
            raise Refused(400, "The execution is not terminated", "text")
        live.document["labels"] += json.loads(asked.body)
        return _json(live.document)

    def resume(
        self, asked: Asked, live: Live, action: list[str]
    ) -> tuple[int, bytes, dict[str, str]]:
        if action[1:] == ["validate"]:
            return _json({"inputs": [], "checks": []})
        if not live.held:
            words = f"Illegal state: Execution '{live.play.id}' is not paused, can't resume it"
            raise Refused(409, words)
        with self.server_state.changed:
            live.held = False
            self.server_state.changed.notify_all()
        return 204, b"", {}

    def again(self, live: Live, name: str) -> tuple[int, bytes, dict[str, str]]:
        kestra = self.server_state
        if name == "restart":
            if live.state not in ("FAILED", "KILLED"):
                words = f"No task found to restart execution from! It is {live.state}"
                raise Refused(422, f"Illegal argument: {words}")
            document = deepcopy(live.document)
            enter(document, "RESTARTED", ENTERED)
            live.show(document)
            enter(document, "RUNNING", ENTERED)
            enter(document, "SUCCESS", ENTERED)
            live.show(document)
            return _json(self.shape(live.document))
        flow = f"{live.document['namespace']}.{live.document['flowId']}"
        new = kestra.begin(flow, [{"key": "system.replay", "value": "true"}])
        for document, _ in new.play.steps:
            document |= {"parentId": live.play.id, "originalId": live.play.id}
        return _json(self.shape(new.play.steps[0][0] | {"taskRunList": []}))

    def file(self, asked: Asked, live: Live) -> tuple[int, bytes, dict[str, str]]:
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

    def on_outputs(self, asked: Asked, steps: list[str]) -> tuple[int, bytes, dict[str, str]]:
        if not self.server_state.is_new or len(steps) < 2:
            raise Refused(404, "Not Found")
        document = self.server_state.live[steps[1]].document
        if steps[0] == "executions":
            return _json(document.get("outputs") or {})
        runs = {run["id"]: run for run in document.get("taskRunList", ())}
        if len(steps) == 2:
            return _json([{"taskRunId": n, "inline": True} for n in runs if runs[n].get("outputs")])
        return _json(runs[steps[2]].get("outputs") or {})

    # -- logs and streams

    def on_logs(self, asked: Asked, steps: list[str]) -> tuple[int, bytes, dict[str, str]] | None:
        live = self.server_state.live.get(steps[0])
        if steps[1:] == ["follow"]:
            return self.follow(live, steps[0], "logs")
        if asked.get("minLevel") not in (None, *LEVELS):
            raise Refused(422, "Failed to convert argument [minLevel]")
        return _json([] if live is None else live.entries)

    def follow(self, live: Live | None, name: str, what: str) -> None:
        faults = self.server_state.streams
        if faults.none:
            raise Refused(404, "Not Found")
        self.begin_stream()
        first = {"attemptNumber": None} if what == "logs" else {"id": name, "labels": []}
        self.event("start", first)
        if live is None or faults.silent:
            self.hold()
            return
        if faults.cut and what == "states":
            faults.cut -= 1
            self.tell(live, what, cut=True)
        else:
            self.tell(live, what)

    def tell(self, live: Live, what: str, *, cut: bool = False) -> None:
        kestra, faults = self.server_state, self.server_state.streams
        # A stream of states begins with the one that holds; one of a log with what comes.
        at, told, before = len(live.told), 0, live.document
        if what == "states":
            self.event("progress", self.shape(live.document))
            if live.state in TERMINAL and not faults.unfinished:
                self.end_stream(live)
                return
        while True:
            with kestra.changed:
                while at == len(live.told) and not kestra.closing:
                    kestra.changed.wait()
                if kestra.closing:
                    return
                kind, data = live.told[at]
                at += 1
            if kind != what:
                continue
            told += 1
            if cut and told == 2:
                self.chunk(b"id: progress\ndata: {" + json.dumps(data).encode()[1:40])
                return
            if faults.leave_out and told % faults.leave_out == 0:
                continue
            shown = self.shape(data) if what == "states" else data
            is_last = what == "states" and data["state"]["current"] in TERMINAL
            if is_last and not faults.unfinished:
                self.end_stream(live)
                return
            for _ in range(2 if faults.repeat else 1):
                self.event("progress", shown)
            if faults.repeat:
                self.event("progress", before)
            before = shown

    def end_stream(self, live: Live) -> None:
        self.event("end", self.shape(live.document))
        self.wfile.write(b"0\r\n\r\n")

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def event(self, kind: str, data: Any) -> None:
        self.chunk(f"id: {kind}\ndata: {json.dumps(data)}\n\n".encode())

    def chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def hold(self) -> None:
        """Say nothing, and keep the connection."""
        with self.server_state.changed:
            while not self.server_state.closing:
                self.server_state.changed.wait()

    # -- namespaces

    def on_namespaces(self, asked: Asked, steps: list[str]) -> tuple[int, bytes, dict[str, str]]:
        if steps[1:2] == ["kv"]:
            return self.key_value(asked, steps[0], steps[2:])
        files = self.server_state.namespace_files.setdefault(steps[0], {})
        if steps[1:] == ["files", "search"]:
            return _json(sorted(files))
        path = f"/{(asked.get('path') or '').lstrip('/')}".replace(" ", "+")
        if ".." in path or path.startswith("/_flows"):
            raise Refused(422, "Illegal argument: this path is reserved")
        if asked.method == "GET":
            if path not in files:
                words = f"Not Found: File '{path}' was not found in namespace '{steps[0]}'."
                raise Refused(404, words)
            return 200, files[path], {"Content-Type": "application/octet-stream"}
        part = next((one for one in asked.parts if one["name"] == "fileContent"), None)
        if asked.method != "POST" or part is None or part["filename"] is None:
            raise Refused(500, "Internal server error: Required Part [fileContent] not specified")
        files[path] = part["content"]
        return 200, b"", {}

    def key_value(
        self, asked: Asked, namespace: str, steps: list[str]
    ) -> tuple[int, bytes, dict[str, str]]:
        known = self.server_state.kv.setdefault(namespace, {})
        if not steps:
            return _json([{"namespace": namespace, "key": key, "version": 1} for key in known])
        key = steps[0]
        if asked.method == "DELETE":
            return _json(known.pop(key, None) is not None)
        if asked.method == "GET":
            if key not in known:
                raise Refused(404, f"Not Found: No value found for key '{key}'")
            return _json({"type": "JSON", "value": known[key], "revision": 1})
        if asked.kind != "text/plain":
            allowed = "Allowed types: [text/plain]"
            raise Refused(415, f"Content Type [{asked.kind}] not allowed. {allowed}")
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", key):
            raise Refused(422, "Illegal argument: Key must start with an alphanumeric character")
        try:
            known[key] = json.loads(asked.body)
        except ValueError:
            known[key] = asked.body.decode().split()[0]  # read as Ion
        return 200, b"", {}


_ACTIONS = frozenset(
    {
        "kill", "restart", "replay", "replay-with-inputs", "resume", "resume-from-breakpoint",
        "pause", "labels", "eval", "state", "change-status",
    }
)  # fmt: skip


def _json(value: object) -> tuple[int, bytes, dict[str, str]]:
    return 200, json.dumps(value).encode(), {"Content-Type": "application/json"}


def _name(source: str) -> tuple[tuple[str, str], str | None]:
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


def _verdict(at: int, text: str) -> Document:
    (namespace, name), problem = _name(text)
    found: Document = {"index": at, "namespace": namespace, "flow": name, "outdated": False}
    found |= {"deprecationPaths": [], "warnings": [], "infos": []}
    return found if problem is None else found | {"constraints": f"Validation error: {problem}\n"}


def _filtered(document: Document, parts: list[str], value: str) -> bool:
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


def _is_like(asked: Asked, recorded: dict[str, Any]) -> bool:
    """Whether a request is the recorded one; the label by which we find a start is ours."""
    return (
        asked.method == recorded["method"]
        and asked.path == recorded["path"]
        and sorted(pair for pair in asked.query if not pair[1].startswith(f"{LABEL}:"))
        == sorted((key, value) for key, value in recorded["query"])
    )


__all__ = ["Fault", "KestraServer", "kestra_server", "new_id"]
