"""Database tasks, run as the worker runs them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.flows import task
from tests.support.reach import ReachingContext

JDBC = "io.kestra.plugin.jdbc."


class Database:
    """One kind of database, with the properties that reach it."""

    def __init__(self, name: str, folder: Path, **properties: Any) -> None:
        self.name = name
        self.folder = folder
        self.properties = properties

    def context(self, **values: Any) -> ReachingContext:
        """A context of its own."""
        return ReachingContext(self.folder, values)

    def run(
        self, what: str, sql: str, ctx: ReachingContext | None = None, **properties: Any
    ) -> dict[str, Any]:
        """The outputs of a task."""
        made = task(
            f"{JDBC}{self.name}.{what}", "t", **{**self.properties, "sql": sql, **properties}
        )
        outputs: dict[str, Any] = made.run(ctx or self.context()).outputs  # type: ignore[attr-defined]
        return outputs

    def query(self, sql: str, **properties: Any) -> dict[str, Any]:
        """The outputs of Query."""
        return self.run("Query", sql, **properties)

    def queries(self, sql: str, **properties: Any) -> dict[str, Any]:
        """The outputs of Queries."""
        return self.run("Queries", sql, **properties)

    def rows(self, sql: str, **properties: Any) -> list[dict[str, Any]]:
        """What a statement gives."""
        rows: list[dict[str, Any]] = self.query(sql, fetchType="FETCH", **properties)["rows"]
        return rows


class Rendering(ReachingContext):
    """Renders `{{ workingDir }}`, `{{ inputFile }}` and `{{ outputFiles.x }}` inside of texts."""

    def text(self, value: object) -> str:
        text = super().text(value)
        for name, path in self.values.get("outputFiles", {}).items():
            text = text.replace(f"{{{{ outputFiles.{name} }}}}", path)
        for name in ("workingDir", "inputFile"):
            text = text.replace(f"{{{{ {name} }}}}", self.values.get(name, "?"))
        return text


class Ending(ReachingContext):
    """Ends the attempt a moment after the work began."""

    class Over(BaseException):
        """What `check` raises then."""

    @contextmanager
    def ending(self, stop: Callable[[], None]) -> Iterator[None]:
        timer = threading.Timer(0.1, stop)
        timer.start()
        try:
            yield
        finally:
            timer.join()

    def check(self) -> None:
        raise self.Over
