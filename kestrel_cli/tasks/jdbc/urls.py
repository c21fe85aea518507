"""The `jdbc:` addresses of databases."""

import re
from typing import Final
from urllib.parse import parse_qsl, unquote

from kestrel_cli.tasks.base import TaskFailed, record

_HOST: Final = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\[\]/]*))(?::(?P<port>\d{1,5}))?")
_LOOPBACK: Final = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1", re.IGNORECASE)


@record
class Address:
    """Where a database server is. `options` are the parameters behind the `?`, names in lower
    case.
    """

    hosts: list[tuple[str, int]]
    database: str
    options: dict[str, str]

    def option(self, name: str) -> str:
        """A parameter; the empty text when it is not there."""
        return self.options.get(name.lower(), "")


def rest_of(url: str, *schemes: str) -> str:
    """What follows the scheme. Raises TaskFailed for another scheme."""
    for scheme in schemes:
        if url.lower().startswith(f"jdbc:{scheme}:"):
            return url[len(scheme) + 6 :]
    wanted = " or ".join(f"`jdbc:{scheme}:`" for scheme in schemes)
    said = f"it is empty, and should start with {wanted}" if not url else f"{wanted} expected"
    raise TaskFailed(f"the url is none of this database: {said}{_shown(url)}")


def server_address(url: str, port: int, *schemes: str) -> Address:
    """The parts of `jdbc:scheme://host:port,host2/database?option=value`. Raises TaskFailed."""
    rest, _, query = rest_of(url, *schemes).partition("?")
    options = {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)}
    if not rest.startswith("//"):
        return Address([("localhost", port)], unquote(rest.lstrip("/")), options)
    hosts, _, database = rest[2:].partition("/")
    user, at, hosts = hosts.rpartition("@")
    if at:
        name, _, password = user.partition(":")
        options = {"user": unquote(name), "password": unquote(password)} | options
    return Address([_host(url, one, port) for one in hosts.split(",")], unquote(database), options)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    return bool(_LOOPBACK.fullmatch(host))


def _host(url: str, text: str, port: int) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    if not found or int(found["port"] or 0) > 65535:
        raise TaskFailed(f"the url has no host and port in `{text[:100]}`{_shown(url)}")
    return found["six"] or found["host"] or "localhost", int(found["port"] or port)


def _shown(url: str) -> str:
    """The address in a message, without what may be a password."""
    base = url.partition("?")[0]
    return f": `{re.sub(r'//[^/@]*@', '//', base)[:200]}`" if url else ""
