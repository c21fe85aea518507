"""SQL in DuckDB databases: the task types, and the files that go in and out.

- io.kestra.plugin.jdbc.duckdb.Queries
- io.kestra.plugin.jdbc.duckdb.Query
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.files.working_files import place_input_files
from kestrel_cli.tasks.jdbc.duckdb_session import DuckdbSession
from kestrel_cli.tasks.jdbc.local_files import OutputFiles, brought, kept
from kestrel_cli.tasks.jdbc.properties import SqlTask
from kestrel_cli.tasks.jdbc.queries import Connect, Made, QueriesTask, QueryTask, queries, query
from kestrel_cli.tasks.jdbc.urls import rest_of
from kestrel_cli.tasks.properties.words import zone

_MEMORY: Final = ":memory:"
_EXTENSION: Final = re.compile(r"\w+", re.ASCII)
_REMOTE: Final = ("md:", "motherduck:")

T = TypeVar("T", bound="DuckdbTask")


class DuckdbTask(SqlTask):
    """The properties of DuckDB's tasks."""

    url: Dynamic[str] = "jdbc:duckdb:"
    databaseFile: Dynamic[str] | None = None
    databaseUri: Dynamic[str] | None = None
    outputDbFile: Dynamic[bool] = False
    inputFiles: Dynamic[Any] | None = None
    outputFiles: Dynamic[list[str]] | None = None
    communityExtensions: Dynamic[list[str]] | None = None

    gives: ClassVar[dict[str, str]] = {
        "outputFiles": "names of the property `outputFiles`, and the addresses of the files",
        "databaseUri": "with `outputDbFile`: the address of the database file",
    }

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return [("duckdb", "duckdb")]


class Query(DuckdbTask, QueryTask):
    """Run SQL in a DuckDB database; of several statements the last one gives the result.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(_with_files(ctx, self, query))


class Queries(DuckdbTask, QueriesTask):
    """Run SQL statements in a DuckDB database; each that gives rows has an output.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(_with_files(ctx, self, queries))


def _with_files(ctx: RunContext, task: T, work: Callable[[RunContext, T, Connect], Made]) -> Made:
    """Do the work with the input files in the working directory, and keep what comes out."""
    folder = ctx.files.folder()
    inner = ctx.with_variables({"workingDir": str(folder)})
    if task.inputFiles is not None:
        place_input_files(inner, task.inputFiles)
    names = [ctx.text(name) for name in ctx.items(task.outputFiles or [])]
    files = OutputFiles(ctx, names)
    place = _place(ctx, task, folder)
    variables = {"workingDir": str(folder), "outputFiles": files.paths}
    if isinstance(place, Path):
        variables["dbFilePath"] = str(place)
    inner = ctx.with_variables(variables)
    outputs = work(inner, task, lambda: _session(inner, task, str(place)))
    outputs["outputFiles"] = files.stored(ctx)
    if ctx.boolean(task.outputDbFile):
        if not isinstance(place, Path):
            raise TaskFailed("`outputDbFile` needs a database file, not a database elsewhere")
        outputs["databaseUri"] = kept(ctx, place)
    return outputs


def _place(ctx: RunContext, task: DuckdbTask, folder: Path) -> Path | str:
    """The database: a file, or one in memory or elsewhere."""
    uri = ctx.text(task.databaseUri)
    if uri:
        return brought(ctx, uri)
    rest = rest_of(ctx.text(task.url), "duckdb") or ctx.text(task.databaseFile)
    if rest.startswith(_REMOTE):
        if ctx.about.offline:
            raise TaskFailed("the connection to MotherDuck is refused: `--offline` allows none")
        token = rest.partition("motherduck_token=")[2].partition("&")[0]
        ctx.hide(token)
        return rest
    path = rest.partition("?")[0]
    if path in ("", _MEMORY):
        in_file = ctx.boolean(task.outputDbFile)
        return folder / "duckdb.db" if in_file and not path else _MEMORY
    place = Path(path).absolute()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TaskFailed(f"the folder of the database can't be made: {error.strerror}") from None
    return place


def _session(ctx: RunContext, task: DuckdbTask, place: str) -> DuckdbSession:
    size = ctx.integer(task.fetchSize)
    extensions = [ctx.text(name) for name in ctx.items(task.communityExtensions or [])]
    for name in extensions:
        if not _EXTENSION.fullmatch(name):
            raise TaskFailed(f"`{name[:100]}` is no name of a DuckDB extension")
    session = DuckdbSession(place, ctx.files.folder(), zone(ctx, task.timeZoneId), max(size, 1))
    for name in extensions:
        try:
            session.load(name, install=not ctx.about.offline)
        except session.errors as error:
            words = str(error).strip().partition("\n")[0]
            ctx.log("WARN", f"the DuckDB extension `{name}` is not there: {words}")
    return session
