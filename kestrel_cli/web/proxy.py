"""Who asks, and through whom: names and passwords as headers say them, and a proxy."""

from base64 import b64encode

from kestrel_cli.model.record import record


def basic(user: str, password: str) -> str:
    """The value of a header `Authorization` for a name and password (RFC 7617, in UTF-8)."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


@record
class Proxy:
    """An HTTP proxy: secure hosts are reached through a tunnel, others are asked for by it.

    `authorization` is the value of the header `Proxy-Authorization`.
    """

    host: str
    port: int
    authorization: str | None = None
