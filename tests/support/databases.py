"""Database tasks, run as the worker runs them."""

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
