"""Batch, whatever the database is: one statement for each row of a file, in chunks."""

from collections.abc import Callable
from itertools import islice
from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, RunContext, TaskFailed
from kestrel_cli.tasks.jdbc.properties import ConnectedTask
from kestrel_cli.tasks.jdbc.queries import working
from kestrel_cli.tasks.jdbc.session import Batches
from kestrel_cli.tasks.rows.ion_rows import read_rows


class BatchTask(ConnectedTask):
    """The properties of Batch."""

    from_: Dynamic[str]
    sql: Dynamic[str] | None = None
    table: Dynamic[str] | None = None
    columns: Dynamic[list[str]] | None = None
    chunk: Dynamic[int] = 1000

    gives: ClassVar[dict[str, str]] = {
        "rowCount": "rows that were read",
        "updatedCount": "rows that were changed in the database",
    }
    measures: ClassVar[dict[str, str]] = {
        "records": "counter: rows that were read",
        "updated": "counter: rows that were changed",
        "query": "counter: bulk statements",
    }


def batch(ctx: RunContext, task: BatchTask, connect: Callable[[], Batches]) -> dict[str, Any]:
    """Insert the rows, one transaction for each chunk; returns the outputs."""
    columns = [ctx.text(name) for name in ctx.items(task.columns or [])]
    size = max(ctx.integer(task.chunk), 1)
    count = updated = runs = 0
    with ctx.files.open(ctx.text(task.from_)) as source:
        rows = read_rows(source)
        first = list(islice(rows, 1))
        sql = _statement(ctx, task, columns, first)
        session = connect()
        with working(ctx, session):
            prepared = session.prepare(sql)
            while chunk := first + list(islice(rows, size - len(first))):
                first = []
                values = [
                    _values(row, columns, prepared.count, count + at)
                    for at, row in enumerate(chunk, 1)
                ]
                session.begin()
                updated += prepared.run(values)
                session.commit()
                count += len(chunk)
                runs += 1
    ctx.count("records", count)
    ctx.count("updated", updated)
    ctx.count("query", runs)
    ctx.log("INFO", f"Successfully executed {runs} bulk queries and updated {updated} rows")
    return {"rowCount": count, "updatedCount": updated}


def _statement(ctx: RunContext, task: BatchTask, columns: list[str], first: list[Any]) -> str:
    sql, table = ctx.text(task.sql), ctx.text(task.table)
    if sql:
        return sql
    if not table:
        raise TaskFailed("Batch needs `sql`, or the name of a `table`")
    count = len(columns) or (len(first[0]) if first and isinstance(first[0], (dict, list)) else 1)
    named = f" ({', '.join(columns)})" if columns else ""
    return f"insert into {table}{named} values ({', '.join('?' * count)})"


def _values(row: Any, columns: list[str], wanted: int, number: int) -> list[Any]:
    """The values of a row: of all its fields, or of those named. Raises TaskFailed when they are
    not as many as the statement wants.
    """
    if isinstance(row, dict):
        values = [row[name] for name in row if not columns or name in columns]
    elif isinstance(row, list):
        values = row
    else:
        raise TaskFailed(f"row {number} is neither a map nor a list")
    if len(values) != wanted:
        raise TaskFailed(f"row {number} has {len(values)} values, and the statement takes {wanted}")
    return values
