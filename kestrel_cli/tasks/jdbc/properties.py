"""The properties that the database tasks have in common."""

from typing import Any, ClassVar, Literal

from kestrel_cli.tasks.base import Dynamic, RunContext, RunnableTask
from kestrel_cli.tasks.properties.words import word

FetchType = Literal["STORE", "FETCH", "FETCH_ONE", "NONE"]


class ConnectedTask(RunnableTask):
    """A task that connects to a database."""

    url: Dynamic[str]
    username: Dynamic[str] | None = None
    password: Dynamic[str] | None = None
    timeZoneId: Dynamic[str] | None = None

    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True


class SqlTask(ConnectedTask):
    """A task that runs SQL that the flow holds."""

    sql: Dynamic[str]
    afterSQL: Dynamic[str] | None = None
    parameters: Dynamic[dict[str, Any]] | None = None
    fetchType: Dynamic[FetchType] = "NONE"
    fetchSize: Dynamic[int] = 10_000
    fetch: Dynamic[bool] = False
    fetchOne: Dynamic[bool] = False
    store: Dynamic[bool] = False

    measures: ClassVar[dict[str, str]] = {
        "fetch.size": "counter: rows that were kept, tagged `fetch` and `store`"
    }


def fetch_type(ctx: RunContext, task: SqlTask) -> str:
    """What becomes of the rows; the older properties come first, as in Kestra."""
    if ctx.boolean(task.fetch):
        return "FETCH"
    if ctx.boolean(task.fetchOne):
        return "FETCH_ONE"
    if ctx.boolean(task.store):
        return "STORE"
    return word(ctx, "fetchType", task.fetchType, "STORE", "FETCH", "FETCH_ONE", "NONE")


def bound_values(ctx: RunContext, task: SqlTask) -> dict[str, Any]:
    """The values of the parameters; an expression that stands alone keeps the type of its value."""
    if task.parameters is None:
        return {}
    given: Any = task.parameters
    if isinstance(given, str):
        return {str(name): value for name, value in ctx.structure(given).items()}
    return {ctx.text(name): _bound(ctx, value) for name, value in given.items()}


def _bound(ctx: RunContext, value: Any) -> Any:
    if isinstance(value, str):
        return ctx.typed(value)
    return ctx.structure(value) if isinstance(value, (dict, list)) else value
