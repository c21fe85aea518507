"""Query and Queries, whatever the database is: their properties and their work."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, ClassVar, Final

from kestrel_cli.tasks.base import Dynamic, RunContext, TaskFailed
from kestrel_cli.tasks.jdbc.properties import SqlTask, bound_values, fetch_type
from kestrel_cli.tasks.jdbc.session import Rows, Session
from kestrel_cli.tasks.jdbc.statements import first_word
from kestrel_cli.tasks.rows.cells import for_output
from kestrel_cli.tasks.rows.ion_rows import new_rows

_ONLY_ONE: Final = (
    "Query task support only a single SQL statement. "
    "Use the Queries task to run multiple statements."
)
_LONGEST: Final = 2000  # characters of an error
_TRANSACTIONS: Final = frozenset({"BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "END"})

Connect = Callable[[], Session]
Made = dict[str, Any]  # outputs


class QueryTask(SqlTask):
    """A task that runs one statement."""

    autoCommit: Dynamic[bool] = True

    gives: ClassVar[dict[str, str]] = {
        "size": "how many rows were kept",
        "rows": "with fetchType FETCH: the rows as maps",
        "row": "with FETCH_ONE: the first row as a map",
        "uri": "with STORE: the address of the file of rows (Ion)",
    }


class QueriesTask(SqlTask):
    """A task that runs several statements, in one transaction unless told otherwise."""

    transaction: Dynamic[bool] = True

    gives: ClassVar[dict[str, str]] = {
        "outputs": "for each statement that gives rows its `size`, and `rows`, `row` or `uri`"
    }


@contextmanager
def working(ctx: RunContext, session: Session) -> Iterator[None]:
    """Use a connection and close it. Raises TaskFailed for what the database refuses; ends when the
    attempt is to end.
    """
    try:
        with ctx.ending(session.stop):
            yield
    except session.errors as error:
        ctx.check()
        raise TaskFailed(session.words(error)[:_LONGEST]) from None
    except BaseException as error:
        if not isinstance(error, Exception):
            session.stop()  # on the main thread it is an exception that ends the attempt
        raise
    finally:
        session.close()


def query(ctx: RunContext, task: QueryTask, connect: Connect) -> Made:
    """Run the one statement of a Query; returns its outputs."""
    fetch = fetch_type(ctx, task)
    values = bound_values(ctx, task)
    sql, after = ctx.text(task.sql), ctx.text(task.afterSQL)
    outputs: Made = {}
    session = connect()
    with working(ctx, session):
        statements = session.statements(sql)
        if len(statements) > 1 and not session.many:
            raise TaskFailed(_ONLY_ONE)
        together = bool(after) or not ctx.boolean(task.autoCommit)
        if together:
            session.begin()
        for number, statement in enumerate(statements, 1):
            last = number == len(statements)
            outputs = _ran(ctx, task, session, statement, values, fetch if last else "NONE") or {}
        _run_after(session, after, values)
        if together:
            session.commit()
    _count(ctx, fetch, outputs.get("size", 0))
    return outputs


def queries(ctx: RunContext, task: QueriesTask, connect: Connect) -> Made:
    """Run the statements of a Queries; returns its outputs, one for each that gives rows."""
    fetch = fetch_type(ctx, task)
    values = bound_values(ctx, task)
    sql, after = ctx.text(task.sql), ctx.text(task.afterSQL)
    outputs = []
    session = connect()
    with working(ctx, session):
        statements = session.statements(sql)
        first = {first_word(statement, session.dialect) for statement in statements}
        together = ctx.boolean(task.transaction) and not first & _TRANSACTIONS
        if together:
            session.begin()
        for number, statement in enumerate(statements, 1):
            try:
                made = _ran(ctx, task, session, statement, values, fetch)
            except session.errors as error:
                ctx.check()
                words = session.words(error)[:_LONGEST]
                if len(statements) > 1:
                    words += f"\nin statement {number} of {len(statements)}"
                raise TaskFailed(words) from None
            if made is not None:
                outputs.append(made)
                if fetch == "NONE":
                    ctx.log("INFO", "fetchType is set to NONE, no output will be returned")
        _run_after(session, after, values)
        if together:
            session.commit()
    _count(ctx, fetch, sum(made.get("size", 0) for made in outputs))
    return {"outputs": outputs}


def _run_after(session: Session, sql: str, values: Mapping[str, Any]) -> None:
    statements = session.statements(sql) if sql else []
    if len(statements) > 1:
        raise TaskFailed("`afterSQL` supports only a single SQL statement")
    for statement in statements:
        rows = session.run(statement, values, wanted=False)
        if rows is not None:
            rows.close()


def _ran(
    ctx: RunContext,
    task: SqlTask,
    session: Session,
    statement: str,
    values: Mapping[str, Any],
    fetch: str,
) -> Made | None:
    """What a statement gave; None when it is none that gives rows."""
    rows = session.run(statement, values, wanted=fetch != "NONE")
    if rows is None:
        return None
    try:
        return _fetched(ctx, rows, fetch)
    finally:
        rows.close()


def _fetched(ctx: RunContext, rows: Rows, fetch: str) -> Made:
    names = rows.columns
    maps = (dict(zip(names, values, strict=True)) for values in rows)
    match fetch:
        case "FETCH_ONE":
            first = [for_output(row) for row in islice(maps, 1)]
            return {"row": first[0] if first else None, "size": len(first)}
        case "FETCH":
            found = [for_output(row) for row in maps]
            return {"rows": found, "size": len(found)}
        case "STORE":
            with new_rows(ctx) as file:
                for row in maps:
                    file.add(row)
            return {"uri": file.uri, "size": file.count}
        case _:
            return {}


def _count(ctx: RunContext, fetch: str, size: int) -> None:
    kept = fetch in ("FETCH", "FETCH_ONE")
    tags = {"fetch": str(kept).lower(), "store": str(fetch == "STORE").lower()}
    ctx.count("fetch.size", size, tags)
