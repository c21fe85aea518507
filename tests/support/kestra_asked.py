"""Requests to the server of the tests, and answers to them."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from kestrel_cli.server.starting import LABEL

Answered = tuple[int, bytes, dict[str, str]]  # status, body, headers


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
        self.parts = parts_of(body, found[1].encode()) if found else []

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of a parameter."""
        return next((value for key, value in self.query if key == name), default)

    def all(self, name: str) -> list[str]:
        """All values of a parameter."""
        return [value for key, value in self.query if key == name]


def parts_of(body: bytes, boundary: bytes) -> list[dict[str, Any]]:
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


def as_json(value: object) -> Answered:
    return 200, json.dumps(value).encode(), {"Content-Type": "application/json"}


def is_like(asked: Asked, recorded: dict[str, Any]) -> bool:
    """Whether a request is the recorded one; the label by which we find a start is ours."""
    return (
        asked.method == recorded["method"]
        and asked.path == recorded["path"]
        and sorted(pair for pair in asked.query if not pair[1].startswith(f"{LABEL}:"))
        == sorted((key, value) for key, value in recorded["query"])
    )
