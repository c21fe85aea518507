"""A run context for tests of task types: templates are looked up in a table, reports are kept."""

import copy
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from kestrel_cli.errors import RenderError
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.task import LogLevel


class FakeContext:
    """Renders `<name>` to the value of that name, an unknown one fails; the rest is itself."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self.values = dict(values or {})
        self.logs: list[tuple[str, str]] = []
        self.counters: list[tuple[str, float, dict[str, str]]] = []
        self.timers: list[tuple[str, float, dict[str, str]]] = []
        self.slept: list[float] = []
        self.begun: list[str] = []
        self.rendered: list[object] = []
        # What the task run and its execution are like.
        self.outputs: dict[str, Any] = {}
        self.number: int | None = None
        self.seconds = 0.0
        self.label_pairs: list[tuple[str, str]] = []
        self.held: dict[str, Any] = {}

    def unfinished(self, line: str) -> None:
        self.begun.append(line)

    @property
    def about(self) -> Any:
        return SimpleNamespace(namespace="company.team", flow="test", task="here", execution="id")

    def with_own(self, outputs: Mapping[str, Any]) -> "FakeContext":
        made = copy.copy(self)  # whose reports are the same
        made.outputs = {**self.outputs, **outputs}
        return made

    def typed(self, value: object) -> Any:
        self.rendered.append(value)
        if not isinstance(value, str) or not value.startswith("<"):
            return value
        name = value.strip("<>")
        if name not in self.values:
            raise RenderError(f"Unable to find `{name}`", missing=True)
        return self.values[name]

    def text(self, value: object) -> str:
        found = self.typed(value)
        if found is None:
            return ""
        return found if isinstance(found, str) else json.dumps(found, separators=(",", ":"))

    def structure(self, value: object) -> Any:
        if isinstance(value, dict):
            return {self.text(key): self.structure(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.structure(item) for item in value]
        return self.typed(value)

    def items(self, value: object) -> list[Any]:
        return list(value if isinstance(value, list) else self.structure(value))

    def integer(self, value: object) -> int:
        return int(self.text(value))

    def boolean(self, value: object) -> bool:
        return self.text(value) == "true"

    def duration(self, value: object) -> Duration:
        return value if isinstance(value, Duration) else Duration.parse(self.text(value))

    def truthy(self, condition: object) -> bool:
        return self.text(condition) not in ("", "0", "-0", "false")

    def level(self, value: object) -> LogLevel:
        return self.text(value)  # type: ignore[return-value]  # tests ask for levels only

    def log(self, level: LogLevel, message: str) -> None:
        self.logs.append((level, message))

    def count(self, name: str, value: float, tags: dict[str, str] | None = None) -> None:
        self.counters.append((name, value, tags or {}))

    def time(self, name: str, seconds: float, tags: dict[str, str] | None = None) -> None:
        self.timers.append((name, seconds, tags or {}))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def elapsed(self) -> float:
        return 0.25

    def age(self) -> float:
        return self.seconds

    def own(self) -> dict[str, Any]:
        return self.outputs

    def iteration(self) -> int | None:
        return self.number

    def labels(self) -> list[tuple[str, str]]:
        return list(self.label_pairs)

    def variables(self) -> dict[str, Any]:
        return dict(self.held)
