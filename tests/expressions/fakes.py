"""A scope and services for calling filters and functions without a template."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime

from kestrel_cli.expressions.scope import MISSING, BareServices


class FakeServices(BareServices):
    """A stopped clock, a seeded source of randomness, a few files and keys."""

    def __init__(self, zone: str = "UTC", **environ: str) -> None:
        super().__init__(environ)
        self.zone = zone
        self._random = random.Random(1)
        self.asked: list[object] = []

    def now(self):
        return datetime(2024, 3, 5, 14, 7, 9, 123456, tzinfo=UTC)

    def kv(self, key, namespace, *, error_on_missing):
        self.asked.append((key, namespace, error_on_missing))
        return {"stored": key}

    def read(self, uri, namespace):
        return f"content of {uri}".encode("utf-8", "replace")

    def file_size(self, uri):
        return 0 if uri == "empty" else 5

    def file_exists(self, uri):
        return uri != "missing"

    def error_logs(self):
        return [{"message": "boom"}]

    def http(self, request):
        self.asked.append(request)
        return "answer"


class FakeScope:
    """Variables in a dict; `render` replaces `{{ name }}` and nothing else."""

    def __init__(self, services: FakeServices | None = None, **variables: object) -> None:
        self.services = services or FakeServices()
        self._variables = variables

    def lookup(self, name):
        return self._variables.get(name, MISSING)

    def part(self, name, key):
        return MISSING

    def variables(self):
        return dict(self._variables)

    def render(self, text, *, recursive=False):
        while True:
            result = re.sub(r"\{\{ (\w+) \}\}", lambda m: str(self._variables[m[1]]), text)
            if not recursive or result == text:
                return result
            text = result
