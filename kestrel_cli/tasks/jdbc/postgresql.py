"""SQL on PostgreSQL servers: the task types, and how they connect.

- io.kestra.plugin.jdbc.postgresql.Batch
- io.kestra.plugin.jdbc.postgresql.Queries
- io.kestra.plugin.jdbc.postgresql.Query
"""

import os
import ssl
from pathlib import Path
from typing import Final, Literal

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.jdbc.batch import BatchTask, batch
from kestrel_cli.tasks.jdbc.postgresql_login import Login
from kestrel_cli.tasks.jdbc.postgresql_session import PostgresSession
from kestrel_cli.tasks.jdbc.properties import ConnectedTask
from kestrel_cli.tasks.jdbc.queries import QueriesTask, QueryTask, queries, query
from kestrel_cli.tasks.jdbc.servers import allowed, credentials, seconds, tls_context
from kestrel_cli.tasks.jdbc.urls import Address, server_address
from kestrel_cli.tasks.properties.words import zone

SslMode = Literal["DISABLE", "ALLOW", "PREFER", "REQUIRE", "VERIFY_CA", "VERIFY_FULL"]

_PORT: Final = 5432
_PATIENCE: Final = 10.0  # seconds to connect
_KNOWN: Final = ("DISABLE", "ALLOW", "PREFER", "REQUIRE", "VERIFY_CA", "VERIFY_FULL")


class PostgresTask(ConnectedTask):
    """The properties of PostgreSQL's tasks. Certificates and keys are PEM texts."""

    ssl: Dynamic[bool] = False
    sslMode: Dynamic[SslMode] | None = None
    sslRootCert: Dynamic[str] | None = None
    sslCert: Dynamic[str] | None = None
    sslKey: Dynamic[str] | None = None
    sslKeyPassword: Dynamic[str] | None = None

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return [("pg8000", "postgres")]


class Query(PostgresTask, QueryTask):
    """Run a SQL statement on a PostgreSQL server.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        size = ctx.integer(self.fetchSize)
        return Outcome(query(ctx, self, lambda: _connected(ctx, self, size)))


class Queries(PostgresTask, QueriesTask):
    """Run SQL statements on a PostgreSQL server; each that gives rows has an output.

    Counter `fetch.size` says how many rows were kept.
    """

    def run(self, ctx: RunContext) -> Outcome:
        size = ctx.integer(self.fetchSize)
        return Outcome(queries(ctx, self, lambda: _connected(ctx, self, size)))


class Batch(PostgresTask, BatchTask):
    """Run a statement on a PostgreSQL server for each row of a file, or insert them into a table.

    Counters `records`, `updated` and `query`.
    """

    def run(self, ctx: RunContext) -> Outcome:
        return Outcome(batch(ctx, self, lambda: _connected(ctx, self)))


def _connected(ctx: RunContext, task: PostgresTask, fetch_size: int = 10_000) -> PostgresSession:
    """A connection as the task's properties say. Raises TaskFailed."""
    address = server_address(ctx.text(task.url), _PORT, "postgresql")
    allowed(ctx, address)
    user, password = credentials(ctx, task, address)
    if not user:
        raise TaskFailed("PostgreSQL needs a user: set `username`")
    mode = _ssl_mode(ctx, task, address)
    login = Login(
        hosts=address.hosts,
        user=user,
        password=password,
        database=address.database or user,
        tls=_tls(ctx, task, mode),
        tls_required=mode not in ("ALLOW", "PREFER"),
        application=address.option("ApplicationName") or "kestrel",
        settings=_settings(ctx, address),
        connect_timeout=seconds(address, "connectTimeout", 1) or _PATIENCE,
        read_timeout=seconds(address, "socketTimeout", 1),
    )
    return PostgresSession(login, zone(ctx, task.timeZoneId), max(fetch_size, 1))


def _settings(ctx: RunContext, address: Address) -> dict[str, str]:
    """What the driver of Kestra sets as well, so that texts mean the same."""
    here = getattr(zone(ctx, None), "key", "UTC")
    settings = {
        "client_encoding": "UTF8", "DateStyle": "ISO", "TimeZone": here,
        "IntervalStyle": "postgres", "bytea_output": "hex",
    }  # fmt: skip
    schema = address.option("currentSchema")
    return settings | ({"search_path": schema} if schema else {})


def _ssl_mode(ctx: RunContext, task: PostgresTask, address: Address) -> str:
    mode = (ctx.text(task.sslMode) or address.option("sslmode")).upper().replace("-", "_")
    if not mode:
        wanted = ctx.boolean(task.ssl) or address.option("ssl").lower() == "true"
        mode = "VERIFY_FULL" if wanted else "PREFER"
    if mode not in _KNOWN:
        raise TaskFailed(f"`sslMode` must be one of {', '.join(_KNOWN)}, got `{mode[:100]}`")
    return mode


def _tls(ctx: RunContext, task: PostgresTask, mode: str) -> ssl.SSLContext | None:
    if mode == "DISABLE":
        return None
    roots = ctx.text(task.sslRootCert)
    verify = mode.startswith("VERIFY") or bool(roots)
    made = tls_context(verify=verify, host=mode == "VERIFY_FULL", roots=roots)
    if task.sslCert is not None:
        _load_certificate(ctx, task, made)
    return made


def _load_certificate(ctx: RunContext, task: PostgresTask, made: ssl.SSLContext) -> None:
    """The library of Python takes certificates and keys from files only."""
    password = ctx.text(task.sslKeyPassword)
    ctx.hide(password)
    with ctx.files.scratch("tls") as folder:
        certificate = _private(folder / "client.crt", ctx.text(task.sslCert))
        key = None
        if task.sslKey is not None:
            key = _private(folder / "client.key", ctx.text(task.sslKey))
        try:
            made.load_cert_chain(certificate, key, password or None)
        except (ssl.SSLError, OSError) as error:
            raise TaskFailed(f"the client certificate can't be used: {error}") from None


def _private(place: Path, text: str) -> Path:
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    return place
