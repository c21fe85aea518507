"""Key-values of a namespace on a server.

A value is sent as JSON: plain text would be read as Ion, which stops at the first blank.
"""

from typing import Any, Final

from kestrel_cli.errors import NotThere
from kestrel_cli.server.connection import Connection, json_body

_TEXT: Final = "text/plain"  # nothing else is taken, although it is JSON


def listed(server: Connection, namespace: str) -> list[dict[str, Any]]:
    """The keys with their versions and moments, without values. Raises ServerError."""
    found = server.fetch_list(server.path("namespaces", namespace, "kv"))
    return [one for one in found if isinstance(one, dict)]


def get(server: Connection, namespace: str, key: str) -> tuple[Any, str] | None:
    """The value of a key and its type; None when it is not there, or has expired. Raises
    ServerError.
    """
    try:
        found = server.fetch_map(server.path("namespaces", namespace, "kv", key))
    except NotThere:
        return None
    return found.get("value"), str(found.get("type"))


def put(
    server: Connection,
    namespace: str,
    key: str,
    value: Any,
    *,
    ttl: str | None = None,
    about: str | None = None,
) -> None:
    """Set a key; `ttl` is an ISO duration. Members of maps that are null vanish over there. Raises
    ServerError.
    """
    said = (("ttl", ttl), ("description", about))
    headers = [(name, text) for name, text in said if text is not None]
    path = server.path("namespaces", namespace, "kv", key)
    server.send("PUT", path, (), json_body(value), _TEXT, safe=True, headers=headers)


def delete(server: Connection, namespace: str, key: str) -> bool:
    """Take a key away; whether it was there. Raises ServerError."""
    path = server.path("namespaces", namespace, "kv", key)
    answer = server.send("DELETE", path, safe=True)
    return answer.text.strip() == "true"
