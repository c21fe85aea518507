"""What the tasks of MySQL and MariaDB have in common: how they connect."""

from typing import Final

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import Dynamic, RunContext
from kestrel_cli.tasks.databases import tls
from kestrel_cli.tasks.databases.mysql import Login, MysqlSession
from kestrel_cli.tasks.databases.properties import ConnectedTask
from kestrel_cli.tasks.databases.servers import allowed, credentials, seconds
from kestrel_cli.tasks.databases.urls import Address, server_address
from kestrel_cli.tasks.options import zone
from kestrel_cli.tasks.places import write_below

_PORT: Final = 3306
_PATIENCE: Final = 10.0  # seconds to connect
_INPUT: Final = "inputFile"
# The words of both drivers, and what they mean: whether to encrypt, to verify, and the host too.
_MODES: Final = {
    "disabled": "none", "disable": "none", "preferred": "prefer", "required": "encrypt",
    "trust": "encrypt", "verify_ca": "verify", "verify-ca": "verify", "verify_identity": "host",
    "verify-full": "host",
}  # fmt: skip


class MysqlTask(ConnectedTask):
    """The properties of MySQL's tasks."""

    inputFile: Dynamic[str] | None = None


def with_input_file(ctx: RunContext, task: MysqlTask) -> tuple[RunContext, str]:
    """The context whose SQL sees the path of the file for `LOAD DATA LOCAL`, and that path."""
    uri = ctx.text(task.inputFile)
    if not uri:
        return ctx, ""
    with ctx.files.open(uri) as source:
        write_below(ctx.files.folder(), _INPUT, source)
    path = str(ctx.files.folder() / _INPUT)
    return ctx.with_variables({_INPUT: path}), path


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
        tls=None if mode == "none" else tls.context(verify=mode == "verify", host=mode == "host"),
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
