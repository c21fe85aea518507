"""How the server of the tests answers: recorded exchanges, faults, then the part that is asked."""

import json
import time
from base64 import b64encode
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.kestra_asked import Answered, Asked, Refused, as_json, is_like
from tests.support.kestra_executions import Executions
from tests.support.kestra_flows import Flows
from tests.support.kestra_namespaces import Namespaces
from tests.support.kestra_recordings import exchange
from tests.support.kestra_server import KestraServer
from tests.support.kestra_streams import Streams


class Handler(Flows, Executions, Namespaces, Streams, BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server_state: KestraServer

    def log_message(self, format: str, *args: Any) -> None:
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
        if status != 204 and "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def worded(self, asked: Asked, refused: Refused) -> Answered:
        if refused.status == 401:
            return 401, b"", {"WWW-Authenticate": "Basic"}
        kind = {"Content-Type": "application/json"}
        if refused.kind == "text":
            return refused.status, str(refused.message).encode(), kind
        words = {"message": refused.message, "path": None, "_embedded": {}}
        words["_links"] = {"self": {"href": asked.path}}
        return refused.status, json.dumps(words).encode(), kind

    # -- which part of it is asked

    def answered(self, asked: Asked) -> Answered | None:
        kestra = self.server_state
        for name in kestra.answers:
            recorded = exchange(name)
            if is_like(asked, recorded["request"]):
                return self.replayed(recorded["response"])
        if asked.path == "/api/v1/configs":
            return as_json({"version": kestra.version, "edition": "OSS"})
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

    def replayed(self, response: dict[str, Any]) -> Answered | None:
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
