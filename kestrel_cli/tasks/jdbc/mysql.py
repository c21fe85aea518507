"""SQL on MySQL servers: the task types, and how they and those of MariaDB connect.

- io.kestra.plugin.jdbc.mysql.Batch
- io.kestra.plugin.jdbc.mysql.Queries
- io.kestra.plugin.jdbc.mysql.Query
"""

from collections.abc import Callable
from typing import Final, TypeVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.files.places import write_below
from kestrel_cli.tasks.jdbc.batch import BatchTask, batch
from kestrel_cli.tasks.jdbc.mysql_login import Login
from kestrel_cli.tasks.jdbc.mysql_session import MysqlSession
from kestrel_cli.tasks.jdbc.properties import ConnectedTask, SqlTask
from kestrel_cli.tasks.jdbc.queries import Connect, Made, QueriesTask, QueryTask, queries, query
from kestrel_cli.tasks.jdbc.servers import allowed, credentials, seconds, tls_context
from kestrel_cli.tasks.jdbc.urls import Address, server_address
from kestrel_cli.tasks.properties.words import zone

_PORT: Final = 3306
_PATIENCE: Final = 10.0  # seconds to connect
_INPUT: Final = "inputFile"
# The words of both drivers, and what they mean: whether to encrypt, to verify, and the host too.
_MODES: Final = {
    "disabled": "none", "disable": "none", "preferred": "prefer", "required": "encrypt",
    "trust": "encrypt", "verify_ca": "verify", "verify-ca": "verify", "verify_identity": "host",
    "verify-full": "host",
}  # fmt: skip

T = TypeVar("T", bound="MysqlTask")


class MysqlTask(SqlTask):
    """The properties of the tasks that run the flow's own SQL."""

    inputFile: Dynamic[str] | None = None

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return [("pymysql", "mysql")]


class Query(MysqlTask, QueryTask):
    """Run a SQL statement on a MySQL server; several with `allowMultiQueries=true` in the url.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(with_input_file(ctx, self, query))


class Queries(MysqlTask, QueriesTask):
    """Run SQL statements on a MySQL server; each that gives rows has an output.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(with_input_file(ctx, self, queries))


class Batch(BatchTask):
    """Run a statement on a MySQL server for each row of a file, or insert them into a table.

    Counters `records`, `updated` and `query`.
    """

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return [("pymysql", "mysql")]

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(batch(ctx, self, lambda: connected(ctx, self)))


def with_input_file(
    ctx: RunContext, task: T, work: Callable[[RunContext, T, Connect], Made]
) -> Made:
    """Do the work on the server. The SQL sees the path of the file for `LOAD DATA LOCAL`."""
    path = ""
    if uri := ctx.text(task.inputFile):
        with ctx.files.open(uri) as source:
            write_below(ctx.files.folder(), _INPUT, source)
        path = str(ctx.files.folder() / _INPUT)
    inner = ctx.with_variables({_INPUT: path}) if path else ctx
    size = ctx.integer(task.fetchSize)
    return work(inner, task, lambda: connected(ctx, task, path, size))


def connected(
    ctx: RunContext, task: ConnectedTask, local_file: str = "", fetch_size: int = 10_000
) -> MysqlSession:
    """A connection as the task's properties say. Raises TaskFailed."""
    address = server_address(ctx.text(task.url), _PORT, "mysql", "mariadb")
    allowed(ctx, address)
    zone(ctx, task.timeZoneId)  # Kestra refuses a zone that is none, and has no use for it
    user, password = credentials(ctx, task, address)
    mode = _ssl_mode(address)
    login = Login(
        hosts=address.hosts,
        user=user or "root",
        password=password,
        database=address.database,
        tls=None if mode == "none" else tls_context(verify=mode == "verify", host=mode == "host"),
        tls_required=mode not in ("none", "prefer"),
        connect_timeout=seconds(address, "connectTimeout", 1000) or _PATIENCE,
        read_timeout=seconds(address, "socketTimeout", 1000),
        local_file=local_file,
        many=address.option("allowMultiQueries").lower() == "true",
    )
    return MysqlSession(login, max(fetch_size, 1))


def _ssl_mode(address: Address) -> str:
    said = address.option("sslMode").lower()
    if not said:
        wanted = address.option("useSSL").lower()
        said = {"false": "disabled", "true": "required"}.get(wanted, "preferred")
    mode = _MODES.get(said)
    if mode is None:
        raise TaskFailed(f"the url has the unknown sslMode `{said[:100]}`")
    return mode
