"""Which server, and who asks it: put together from what was said in several places.

    --server URL  >  our settings  >  KESTRACTL_*  >  kestractl's file  >  KESTRA_*

What is nearest to this call wins. Variables stand above the file because CI sets them for one job
on machines where files lie about; `KESTRA_*` come last because containers set them for the SDK of
scripts, not for us. A login goes only to the server that it was said for: where a nearer place
names another one, it is left behind.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from kestrel_cli.errors import CannotStart, NothingMatched, UsageError
from kestrel_cli.model.record import record
from kestrel_cli.server.credentials import Credentials, credentials_of
from kestrel_cli.server.kestractl import file_contexts
from kestrel_cli.server.proxies import proxy_for, proxy_of
from kestrel_cli.server.said import Said, of_settings, of_variables
from kestrel_cli.web.proxy import Proxy

CONNECT: Final = 10.0  # seconds to reach a server
READ: Final = 60.0  # seconds between two parts of an answer


@record
class Context:
    """A server and who asks it. `tenant` is None when nobody named one; `name` is for messages."""

    name: str
    host: str
    tenant: str | None
    credentials: Credentials
    ca: str | None = None
    insecure: bool = False
    proxy: Proxy | None = None
    connect: float = CONNECT
    read: float = READ


def context_of(
    on: str | None,
    server: str | None,
    environ: Mapping[str, str],
    settings: Mapping[str, Mapping[str, Any]],
    *,
    tenant: str | None = None,
) -> Context:
    """The server of `--on NAME`, of `--server URL`, or, without either, the one that the
    environment names. Raises UsageError, CannotStart, and NothingMatched for an unknown name.
    """
    if on is not None and server is not None:
        raise UsageError("`--on` and `--server` name two servers: use one of them")
    found = _joined(_sources(on, server, environ, settings))
    if tenant is not None:
        found.tenant = tenant
    if not found.host:
        raise UsageError(
            "no server: name a context with `--on`, give an address with `--server`, "
            "or set KESTRACTL_HOST or KESTRA_HOSTNAME"
        )
    return _made(on or ("--server" if server else found.where), found, environ)


def known_contexts(
    environ: Mapping[str, str], settings: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """The names that `--on` takes, ours first."""
    return list(dict.fromkeys([*settings, *file_contexts(environ).named]))


def _sources(
    on: str | None,
    server: str | None,
    environ: Mapping[str, str],
    settings: Mapping[str, Mapping[str, Any]],
) -> list[Said]:
    """What was said, the nearest first."""
    kestractl = of_variables(environ, "KESTRACTL")
    kestra = of_variables(environ, "KESTRA")
    if server is not None:
        return [Said("--server", host=server), kestractl, kestra]
    if on is not None and on in settings:
        return [of_settings(on, settings[on], environ)]
    contexts = file_contexts(environ)
    if on is None:
        named = contexts.named.get(contexts.default or "")
        return [kestractl, *([] if named is None else [named]), kestra]
    if on not in contexts.named:
        names = ", ".join(f"`{one}`" for one in known_contexts(environ, settings))
        raise NothingMatched(
            f"`--on {on}`: there is no such context"
            + (f"; there are: {names}" if names else ": write `[contexts.NAME]` into the settings")
        )
    return [kestractl, contexts.named[on]]


def _joined(sources: list[Said]) -> Said:
    """One of several: each thing from the nearest place that says it."""
    whole = Said("", tenant=None)
    for said in sources:
        if not said:
            continue
        if not whole.host and said.host:
            whole.host, whole.where = said.host, said.where
        same = not said.host or origin(said.host) == origin(whole.host)
        whole.tenant = whole.tenant or (said.tenant if same else None)
        if same:
            if not whole.has_login:
                whole.user, whole.password, whole.token = said.user, said.password, said.token
            whole.headers = {**said.headers, **whole.headers}
            whole.ca = whole.ca or said.ca
            whole.proxy = whole.proxy or said.proxy
            whole.insecure = whole.insecure or said.insecure
            whole.timeout = whole.timeout or said.timeout
    return whole


def origin(address: str) -> tuple[str, str, int | None]:
    """What a login is meant for."""
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        port = parts.port
    except ValueError:
        return ("", address, None)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port or default


def _made(name: str, said: Said, environ: Mapping[str, str]) -> Context:
    host = _base(said.host)
    parts = urlsplit(host)
    proxy = proxy_for(parts.scheme, parts.hostname or "", environ)
    if said.proxy:
        proxy = proxy_of(said.proxy, f"the proxy of `{name}`")
    login = credentials_of(said.user, said.password, said.token, said.headers)
    _refuse_line_breaks(login)
    return Context(
        name, host, said.tenant, login, said.ca, said.insecure, proxy, read=said.timeout or READ
    )


def _base(address: str) -> str:
    """The address of a server, without what follows it: pages and paths of the API are taken too.

    Raises UsageError.
    """
    whole = address.strip() if "://" in address else f"http://{address.strip()}"
    try:
        parts = urlsplit(whole)
        port = parts.port
    except ValueError:
        raise UsageError("the address of the server is not valid") from None
    if "@" in parts.netloc:
        raise UsageError(
            "the address of the server holds a login, which other processes can read: set "
            "KESTRA_USER and KESTRA_PASSWORD, or KESTRA_API_TOKEN, or write a context"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("the address of a server is `http://HOST` or `https://HOST`")
    path = parts.path
    for end in ("/ui", "/api"):
        if f"{path}/".find(f"{end}/") >= 0:
            path = path[: f"{path}/".find(f"{end}/")]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{path.rstrip('/')}"


def _refuse_line_breaks(login: Credentials) -> None:
    """A token read from a file often ends with one, and the wire's words would not help."""
    for name, value in login.headers:
        if any(ord(letter) < 32 or ord(letter) > 255 for letter in value):
            raise CannotStart(
                f"the value of the header `{name}` holds a line break or a character that headers "
                "cannot hold: look at the token or the headers of the context"
            )
