"""Files and key-values of namespaces on the server of the tests."""

import json
import re

from tests.support.kestra_asked import Answered, Asked, Refused, as_json
from tests.support.kestra_server import KestraServer


class Namespaces:
    """What is below `/namespaces`."""

    server_state: KestraServer

    def on_namespaces(self, asked: Asked, steps: list[str]) -> Answered:
        if steps[1:2] == ["kv"]:
            return self.key_value(asked, steps[0], steps[2:])
        files = self.server_state.namespace_files.setdefault(steps[0], {})
        if steps[1:] == ["files", "search"]:
            return as_json(sorted(files))
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

    def key_value(self, asked: Asked, namespace: str, steps: list[str]) -> Answered:
        known = self.server_state.kv.setdefault(namespace, {})
        if not steps:
            return as_json([{"namespace": namespace, "key": key, "version": 1} for key in known])
        key = steps[0]
        if asked.method == "DELETE":
            return as_json(known.pop(key, None) is not None)
        if asked.method == "GET":
            if key not in known:
                raise Refused(404, f"Not Found: No value found for key '{key}'")
            return as_json({"type": "JSON", "value": known[key], "revision": 1})
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
