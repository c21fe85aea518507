"""What the two tasks of SQLite have in common: the database file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Final

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import Dynamic, RunContext
from kestrel_cli.tasks.databases.local_files import brought, kept
from kestrel_cli.tasks.databases.properties import SqlTask
from kestrel_cli.tasks.databases.sqlite import SqliteSession
from kestrel_cli.tasks.databases.urls import rest_of
from kestrel_cli.tasks.options import zone

_MEMORY: Final = ":memory:"

Work = Callable[[RunContext, Callable[[], SqliteSession]], dict[str, Any]]


class SqliteTask(SqlTask):
    """The properties of SQLite's tasks."""

    sqliteFile: Dynamic[str] | None = None
    outputDbFile: Dynamic[bool] = False

    gives: ClassVar[dict[str, str]] = {
        "databaseUri": "with `outputDbFile`: the address of the database file"
    }


def with_file(ctx: RunContext, task: SqliteTask, work: Work) -> dict[str, Any]:
    """Do the work with the database file, and keep it when asked to.

    A relative name is looked for in the working directory; without one there it is a file in the
    current directory, unless `sqliteFile` or `outputDbFile` say that it belongs to the task.
    """
    place = _place(ctx, task)
    size = max(ctx.integer(task.fetchSize), 1)
    where = zone(ctx, task.timeZoneId)
    outputs = work(ctx, lambda: SqliteSession(place, where, size))
    if ctx.boolean(task.outputDbFile):
        if not isinstance(place, Path):
            raise TaskFailed("`outputDbFile` needs a database file, not one in memory")
        outputs["databaseUri"] = kept(ctx, place)
    return outputs


def _place(ctx: RunContext, task: SqliteTask) -> Path | str:
    rest = rest_of(ctx.text(task.url), "sqlite").removeprefix("file:").partition("?")[0]
    given = ctx.text(task.sqliteFile)
    if rest in ("", _MEMORY) and not given:
        return _MEMORY
    name = rest if rest and rest != _MEMORY else "sqlite.db"
    if given:
        return brought(ctx, given, Path(name).name)
    path = Path(name)
    if path.is_absolute():
        return path
    inside = ctx.files.folder() / path
    if inside.is_file() or (ctx.boolean(task.outputDbFile) and not path.is_file()):
        return inside
    return path.absolute()
