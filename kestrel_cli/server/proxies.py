"""The proxy that the environment names for a server: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from kestrel_cli.errors import UsageError
from kestrel_cli.web.proxy import Proxy, basic

_PORTS: Final = {"http": 80, "https": 443}


def proxy_for(scheme: str, host: str, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy through which a host is reached; None for the direct way, which is that to this
    machine always, as for kestractl. Raises UsageError.
    """
    if _is_here(host):
        return None
    said = _said(environ, f"{scheme}_proxy") or _said(environ, "all_proxy")
    if not said or _is_excepted(host, _said(environ, "no_proxy")):
        return None
    return proxy_of(said, f"{scheme.upper()}_PROXY")


def proxy_of(address: str, where: str) -> Proxy:
    """A proxy as its address says it. Raises UsageError, which names where it was said."""
    whole = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(whole)
        port = parts.port
    except ValueError:
        raise UsageError(f"{where}: this is no address of a proxy") from None
    if parts.scheme != "http" or not parts.hostname:
        raise UsageError(f"{where}: a proxy is given as `http://host:port`")
    login = None
    if parts.username is not None:
        login = basic(unquote(parts.username), unquote(parts.password or ""))
    return Proxy(parts.hostname, port or _PORTS["http"], login)


def _said(environ: Mapping[str, str], name: str) -> str:
    """The lower-case spelling wins, as in curl."""
    return environ.get(name) or environ.get(name.upper()) or ""


def _is_here(host: str) -> bool:
    name = host.lower().rstrip(".")
    is_loop = name.startswith("127.") and name.replace(".", "").isdigit()
    return is_loop or name in ("localhost", "::1") or name.endswith(".localhost")


def _is_excepted(host: str, listed: str) -> bool:
    """Whether `NO_PROXY` names the host, a domain above it, or all of them."""
    host = host.lower()
    for one in (part.strip().lower() for part in listed.split(",")):
        name = one.lstrip(".").partition(":")[0]
        if one == "*" or (name and (host == name or host.endswith(f".{name}"))):
            return True
    return False
