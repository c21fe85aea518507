"""Where requests go: addresses taken apart and checked.

Addresses of the link itself, where clouds keep their metadata, are refused: whatever a flow or an
answer says, the credentials of a CI machine are not fetched.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

_SAFE: Final = "!#$%&'()*+,/:;=?@[]~"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_PORTS: Final = {"http": 80, "https": 443}
_METADATA: Final = frozenset(
    ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)  # besides the link-local ones: AWS over IPv6, Alibaba, Azure, Oracle


class Failure(Exception):
    """The request cannot be made, or has no answer; the text says why."""


class Address(NamedTuple):
    """Where a request goes. `target` is the path with the query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What a name and password are meant for."""
        return self.scheme, self.host.lower(), self.port

    @property
    def authority(self) -> str:
        """Host and port, as a tunnel is asked for."""
        return f"{self._bracketed}:{self.port}"

    @property
    def shown_host(self) -> str:
        """The value of the header `Host`."""
        return self._bracketed if self.port == _PORTS[self.scheme] else self.authority

    @property
    def uri(self) -> str:
        """The whole address as text."""
        return f"{self.scheme}://{self.shown_host}{self.target}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def address_of(uri: str, query: Iterable[tuple[str, str]] = ()) -> Address:
    """The address of a URI with more query parameters. Raises Failure for what is not HTTP."""
    if has_control(uri) or " " in uri:
        raise Failure("the address holds a space or a control character")
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        raise Failure("the address is not valid") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Failure("the address must begin with `http://` or `https://` and name a host")
    if "@" in parts.netloc:
        raise Failure("a name and password belong into `options.auth`, not into the address")
    asked = "&".join(part for part in (parts.query, urlencode(list(query))) if part)
    target = (parts.path or "/") + (f"?{asked}" if asked else "")
    port = port or _PORTS[parts.scheme]
    return Address(parts.scheme, _ascii(parts.hostname), port, quote(target, safe=_SAFE))


def _ascii(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise Failure("the address is not valid") from None


def has_control(text: str) -> bool:
    """Whether there is a character that could begin a line of its own in a request."""
    return _CONTROL.search(text) is not None


def refused(text: str) -> bool:
    """Whether an IP address is link-local or a cloud's metadata, also inside an IPv6 address."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in ipaddress.IPv6Network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return refused(str(inner))
    return address.is_link_local or str(address).partition("%")[0] in _METADATA
